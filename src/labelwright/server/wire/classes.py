"""Wire types of the classes and their changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.core.task import MAX_CLASS_NAME, MAX_DESCRIPTION
from labelwright.server.wire.values import Given, Told

ClassName = Annotated[str, Field(min_length=1, max_length=MAX_CLASS_NAME)]


class ClassTold(Told):
    """A class, the inner classes over it (nearest first), and how many votes are for it alone.

    `description` is the line that describes it, empty without one.
    """

    name: str
    under: list[str]
    votes: int
    description: str


class ChangeTold(Told):
    """A change of the classes, in words."""

    number: int
    what: str
    time: str


class Classes(Told):
    """The classes as they are, the inner classes, and how they changed.

    `silent` says why descriptions do not vote; it is empty if they do, or if there are none.
    """

    classes: list[ClassTold]
    inner: list[str]
    silent: str
    changes: list[ChangeTold]


class ClassesChange(Given):
    """A change that keeps every vote.

    `rename`: `name` is called `to`. `merge`: `names` become part of `to`. `add`: `name`, under the
    inner class `to` if given. `remove`: `name`; its votes count for `to`, or as abstentions.
    `undo`: the last change is taken back.
    """

    action: Literal["rename", "merge", "add", "remove", "undo"]
    name: ClassName | None = None
    names: Annotated[list[ClassName], Field(max_length=1000, default_factory=list)]
    to: ClassName | None = None


class ClassDescription(Given):
    """What belongs into a class, in one line; an empty one takes it away."""

    name: ClassName
    line: Annotated[str, Field(max_length=MAX_DESCRIPTION)]


class ClassesChanged(Told):
    """What was done: rules whose votes were rewritten, and lines that still name a lost class."""

    what: str
    rules: list[str]
    named: list[str]
    now: Classes
