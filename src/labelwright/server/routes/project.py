"""The project at a glance."""

from __future__ import annotations

from collections.abc import Mapping

from labelwright._version import __version__
from labelwright.core.errors import AnswerError
from labelwright.core.task import Task
from labelwright.pipeline.ask.answer_keys import ACTIONS, NONE, keys_of
from labelwright.server.api import Labeller, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.identity import RANK
from labelwright.server.questions import is_blind
from labelwright.server.wire.project import ActionKeys, ClassShown, Overview
from labelwright.stores import Role
from labelwright.tasks import kind_of

router = new_router("project")
_MAY = {
    "label": Role.LABELLER,
    "review": Role.REVIEWER,
    "write_rules": Role.REVIEWER,
    "run_rounds": Role.REVIEWER,
    "manage_people": Role.OWNER,
}


@router.get("/project", operation_id="readProject")
async def read_project(office: TheOffice, me: Labeller) -> Overview:
    """What the app needs to know before the first question."""
    snapshot = office.snapshot
    task = snapshot.workspace.settings.task
    none = _has_none(task)
    keys = keys_of(task.classes, none=none)
    return Overview(
        name=snapshot.workspace.settings.name,
        kind=task.kind,
        answer_schema=dict(kind_of(task).schema(task)),
        classes=[_class(name, keys) for name in task.classes],
        keys=ActionKeys(
            **{name: key for name, key in ACTIONS.items() if name in ActionKeys.model_fields},
            none=NONE if none else None,
        ),
        guidelines=task.guidelines,
        items=snapshot.items,
        fields=snapshot.fields,
        called=snapshot.called,
        text=snapshot.text,
        media=await office.run(lambda: snapshot.has_media),
        schema_version=snapshot.schema_version,
        blind=is_blind(me, snapshot),
        role=me.role.value,
        may=[name for name, role in _MAY.items() if RANK[me.role] >= RANK[role]],
        release=__version__,
    )


def _class(name: str, keys: Mapping[str, str]) -> ClassShown:
    mine = [key for key, of in keys.items() if of == name]
    return ClassShown(name=name, key=mine[0] if mine else None, keys=mine)


def _has_none(task: Task) -> bool:
    """Whether the empty list is an answer: that nothing of all this is there."""
    try:
        kind_of(task).canonical([], task)
    except AnswerError:
        return False
    return True
