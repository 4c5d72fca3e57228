"""Wire types of the project at a glance."""

from __future__ import annotations

from labelwright.server.wire.people import Role
from labelwright.server.wire.values import Told, Values


class ClassShown(Told):
    """A class with all keys that vote for it.

    `key` is the first of them, to show where there is room for one; null where there is none:
    beyond some forty classes.
    """

    name: str
    key: str | None
    keys: list[str]


class ActionKeys(Told):
    """The keys of the app that are no class's, as `KeyboardEvent.key` names them.

    `none` says that nothing of all this is there; null in tasks that have no such answer.
    """

    accept: str
    skip: str
    undo: str
    flag: str
    why: str
    help: str
    none: str | None


class Overview(Told):
    """What the app needs to know before the first question.

    `fields` are the names of an item's fields, `text` the main one, `called` what a field is called
    beside what we say where its name is ours: a `label` is `label_of_item`. `schema_version`
    changes when the task does; votes carry it back. `answer_schema` is the JSON Schema of an
    answer. `blind`: this person is shown no suggestion. `may` names what this person's role
    allows: `label review write_rules run_rounds manage_people`.
    """

    name: str
    kind: str
    answer_schema: Values
    classes: list[ClassShown]
    keys: ActionKeys
    guidelines: str
    items: int
    fields: list[str]
    called: dict[str, str]
    text: str | None
    media: bool
    schema_version: str
    blind: bool
    role: Role
    may: list[str]
    release: str
