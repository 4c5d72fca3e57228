"""The project at a glance."""

from __future__ import annotations

from labelwright._version import __version__
from labelwright.pipeline.ask.answer_keys import keys_of
from labelwright.server.api import Labeller, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.identity import RANK
from labelwright.server.questions import is_blind
from labelwright.server.wire.project import ClassShown, Overview
from labelwright.stores import Role

router = new_router("project")
RESERVED_KEYS = frozenset("zf?/ ")
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
    key_of = {name: key for key, name in keys_of(task.classes, RESERVED_KEYS).items()}
    return Overview(
        name=snapshot.workspace.settings.name,
        kind=task.kind,
        classes=[ClassShown(name=name, key=key_of.get(name)) for name in task.classes],
        guidelines=task.guidelines,
        items=snapshot.items,
        fields=snapshot.fields,
        text=snapshot.text,
        media=await office.run(lambda: snapshot.has_media),
        schema_version=snapshot.schema_version,
        blind=is_blind(me, snapshot),
        role=me.role.value,
        may=[name for name, role in _MAY.items() if RANK[me.role] >= RANK[role]],
        release=__version__,
    )
