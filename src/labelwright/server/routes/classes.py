"""The classes, and changing them while people go on answering."""

from __future__ import annotations

from labelwright.core.errors import SettingsError
from labelwright.pipeline.api.classes import Changed
from labelwright.pipeline.api.classes import Classes as Found
from labelwright.pipeline.vote.class_descriptions import why_silent
from labelwright.pipeline.workspace.workspace import open_workspace
from labelwright.server.api import Owner, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.state import Office
from labelwright.server.wire.classes import (
    ChangeTold,
    ClassDescription,
    Classes,
    ClassesChange,
    ClassesChanged,
    ClassTold,
)

router = new_router("classes", 404, 409)


@router.get("/classes", operation_id="listClasses")
async def list_classes(office: TheOffice, _: Owner) -> Classes:
    """What may be answered, and how that changed."""
    return await office.run(lambda: _told(_found(office)))


@router.post("/classes/change", operation_id="changeClasses")
async def change_classes(office: TheOffice, _: Owner, given: ClassesChange) -> ClassesChanged:
    """Renames, merges, adds or removes classes, or takes that back. Every vote is kept."""

    def changed() -> ClassesChanged:
        with office.editing:
            made = _made(_found(office), given)
            office.refresh()
        return ClassesChanged(
            what=made.what,
            rules=list(made.rules),
            named=list(made.named),
            now=_told(_found(office)),
        )

    return await office.run(changed)


@router.put("/classes/description", operation_id="describeClass")
async def describe_class(office: TheOffice, _: Owner, given: ClassDescription) -> Classes:
    """Describes a class in a line, which votes with the next round."""

    def described() -> Classes:
        with office.editing:
            _found(office).describe(given.name, given.line)
            office.refresh()
        return _told(_found(office))

    return await office.run(described)


def _found(office: Office) -> Found:
    """The classes as the file says now."""
    return Found(open_workspace(office.folder, office.workspace.desk_url))


def _made(classes: Found, given: ClassesChange) -> Changed:
    name, to = given.name, given.to
    if given.action == "undo":
        return classes.undo()
    if given.action == "merge" and to is not None:
        return classes.merge(given.names, to)
    if given.action == "rename" and name is not None and to is not None:
        return classes.rename(name, to)
    if given.action == "add" and name is not None:
        return classes.add(name, to)
    if given.action == "remove" and name is not None:
        return classes.remove(name, to)
    wanted = {"rename": "name and to", "merge": "names and to"}.get(given.action, "a name")
    raise SettingsError(f"to {given.action} give {wanted}")


def _told(found: Found) -> Classes:
    return Classes(
        classes=[
            ClassTold(
                name=row.name,
                under=list(row.parents),
                votes=row.votes,
                description=row.description,
            )
            for row in found.list()
        ],
        silent=why_silent(found.workspace),
        inner=list(found.workspace.settings.task.inner),
        changes=[
            ChangeTold(number=one.number, what=one.what, time=one.time) for one in found.history()
        ],
    )
