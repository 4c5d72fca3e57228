"""Layer 2: one folder a task kind: what an answer looks like and how it reduces to units."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.ports import TaskKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.tasks.boxes import Boxes
from labelwright.tasks.classification import Classification
from labelwright.tasks.entry_points import brought, load_kind
from labelwright.tasks.grid import grid
from labelwright.tasks.multilabel import Multilabel

__all__ = [
    "KINDS",
    "grid_of",
    "kind_of",
    "known_kinds",
    "learnable",
    "no_model",
    "piece_columns",
]

KINDS: dict[str, type[TaskKind]] = {
    "boxes": Boxes,
    "classification": Classification,
    "multilabel": Multilabel,
}
"""Our own. Other packages bring theirs by entry points; a name that is here is ours."""


def kind_of(task: Task) -> TaskKind:
    """The kind of this task, with the settings that the task has for it.

    Raises:
        UnknownNameError: there is no such kind.
        ProjectError: the package that brings it is broken.
        SettingsError: it has no such setting, or refuses the value.
    """
    kind: Any = KINDS.get(task.kind) or load_kind(task.kind)
    if kind is None:
        near = did_you_mean(task.kind, known_kinds())
        raise UnknownNameError(f"unknown task kind {shown(task.kind)}{near}")
    known = [field.name for field in fields(kind)]
    for name, _ in task.options:
        if name not in known:
            raise SettingsError(
                f"a {task.kind} task has no setting {name!r}{did_you_mean(name, known)}"
            )
    return kind(**dict(task.options))


def grid_of(task: Task, items: int) -> Units:
    """The units of so many items, as an end model answers for them: without any vote.

    Raises:
        SettingsError: the units of this kind are found in votes, so that no end model learns it.
    """
    units = grid(kind_of(task), task, items)
    if not units.heads:
        raise SettingsError(no_model(task))
    return units


def learnable(task: Task) -> bool:
    """Whether an end model learns this task: whether all items have the same units."""
    return grid(kind_of(task), task, 0).heads > 0


def no_model(task: Task) -> str:
    """What to do where no end model learns the kind of this task."""
    return (
        f"no end model learns {task.kind} tasks yet; use the labels as they are: "
        "labelwright export --to train.parquet"
    )


def known_kinds() -> tuple[str, ...]:
    """The names of all kinds, ours first. Loads none of the others."""
    return (*KINDS, *(name for name in sorted(brought()) if name not in KINDS))


def piece_columns(kind: TaskKind) -> tuple[str, ...]:
    """The columns of `PIECE_SCHEMA` that answers of the kind use; none if they are short texts.

    A kind says so by its attribute ``pieces``.
    """
    columns: tuple[str, ...] = getattr(kind, "pieces", ())
    return columns
