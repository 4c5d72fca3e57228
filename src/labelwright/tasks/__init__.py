"""Layer 2: one folder a task kind: what an answer looks like and how it reduces to units."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.ports import TaskKind
from labelwright.core.task import Task
from labelwright.tasks.classification import Classification
from labelwright.tasks.multilabel import Multilabel

__all__ = ["KINDS", "kind_of", "piece_columns"]

KINDS: dict[str, type[TaskKind]] = {
    "classification": Classification,
    "multilabel": Multilabel,
}


def kind_of(task: Task) -> TaskKind:
    """The kind of this task, with the settings that the task has for it.

    Raises:
        UnknownNameError: there is no such kind.
        SettingsError: it has no such setting, or refuses the value.
    """
    if task.kind not in KINDS:
        raise UnknownNameError(f"unknown task kind {shown(task.kind)}; known: {', '.join(KINDS)}")
    kind: Any = KINDS[task.kind]
    known = [field.name for field in fields(kind)]
    for name, _ in task.options:
        if name not in known:
            raise SettingsError(
                f"a {task.kind} task has no setting {name!r}{did_you_mean(name, known)}"
            )
    return kind(**dict(task.options))


def piece_columns(kind: TaskKind) -> tuple[str, ...]:
    """The columns of `PIECE_SCHEMA` that answers of the kind use; none if they are short texts.

    A kind says so by its attribute ``pieces``.
    """
    columns: tuple[str, ...] = getattr(kind, "pieces", ())
    return columns
