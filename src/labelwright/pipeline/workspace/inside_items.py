"""Answers that name places: they must lie inside their items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError
from labelwright.core.items import MEDIA_URI
from labelwright.core.ports import Ballot, BoundedTaskKind
from labelwright.core.task import Task
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import kind_of


def bounding(task: Task) -> tuple[str, ...]:
    """The columns of items that say how far answers may reach; none where they name no places."""
    kind = kind_of(task)
    return (*kind.bounds, MEDIA_URI) if isinstance(kind, BoundedTaskKind) else ()


def beyond_items(
    workspace: Workspace, items: NDArray[np.int64], answers: pa.StringArray
) -> dict[int, str]:
    """Which of these canonical answers reach beyond their items, and why, by their place.

    Args:
        workspace: the project.
        items: the number of each answer's item, -1 for none, shape (rows,).
        answers: null where there is none, shape (rows,).
    """
    task = workspace.settings.task
    columns = [name for name in bounding(task) if name in workspace.items.schema().names]
    known = np.flatnonzero((items >= 0) & answers.is_valid().to_numpy(zero_copy_only=False))
    if not columns or not len(known):
        return {}
    rows = workspace.items.take(items[known], columns)
    out = reaching_out(answers.take(pa.array(known)), rows, task)
    return {int(known[place]): why for place, why in out.items()}


def check_inside(workspace: Workspace, item: int, answer: str | None) -> None:
    """Returns if the answer does not reach beyond the item with this number.

    Raises:
        AnswerError: it does; says by what.
    """
    for why in beyond_items(workspace, np.array([item]), pa.array([answer], pa.string())).values():
        raise AnswerError(why)


def reaching_out(
    answers: pa.StringArray, items: pa.RecordBatch | pa.Table, task: Task
) -> dict[int, str]:
    """Which of these canonical answers reach beyond their items, and why, by their place.

    Args:
        answers: null where there is none, shape (rows,).
        items: the items that they are of, with those of the columns `bounding` that they have;
            only the sizes of images are known to be sizes. Shape (rows,).
        task: what was asked.
    """
    kind = kind_of(task)
    if not isinstance(kind, BoundedTaskKind) or MEDIA_URI not in items.schema.names:
        return {}
    known = [name for name in bounding(task) if name in items.schema.names]
    rows = items.select(known).to_pylist()
    told = {
        place: kind.beyond(text, row)
        for place, (text, row) in enumerate(zip(answers.to_pylist(), rows, strict=True))
        if text is not None and row[MEDIA_URI] is not None
    }
    return {place: why for place, why in told.items() if why}


def inside(ballot: Ballot, items: pa.RecordBatch, task: Task) -> Ballot:
    """The ballot, with a failure where an answer reaches beyond its item."""
    out = reaching_out(ballot.answer, items, task)
    kept = without(ballot.answer, out)
    return replace(ballot, answer=kept, failures={**ballot.failures, **out}) if out else ballot


def without(answers: pa.StringArray, places: Collection[int]) -> pa.StringArray:
    """The answers, null at these places."""
    if not places:
        return answers
    gone = np.zeros(len(answers), bool)
    gone[[*places]] = True
    return pc.if_else(pa.array(gone), pa.scalar(None, pa.string()), answers)
