"""Layer 2: one file a task kind: what an answer looks like and how it reduces to units."""

from __future__ import annotations

from labelwright.core.errors import UnknownNameError, shown
from labelwright.core.ports import TaskKind
from labelwright.tasks.classification import Classification
from labelwright.tasks.multilabel import Multilabel

__all__ = ["KINDS", "kind_of", "piece_columns"]

KINDS: dict[str, type[TaskKind]] = {
    "classification": Classification,
    "multilabel": Multilabel,
}


def kind_of(name: str) -> TaskKind:
    """The task kind of this name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in KINDS:
        raise UnknownNameError(f"unknown task kind {shown(name)}; known: {', '.join(KINDS)}")
    return KINDS[name]()


def piece_columns(kind: TaskKind) -> tuple[str, ...]:
    """The columns of `PIECE_SCHEMA` that answers of the kind use; none if they are short texts.

    A kind says so by its attribute ``pieces``.
    """
    columns: tuple[str, ...] = getattr(kind, "pieces", ())
    return columns
