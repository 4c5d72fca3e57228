"""Answers that name places: they must lie inside their items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError
from labelwright.core.items import MEDIA, MEDIA_URI, NUMBER
from labelwright.core.ports import Ballot, BoundedTaskKind
from labelwright.core.task import Task
from labelwright.formats import size_of_image
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import kind_of

_IMAGES_AT_ONCE = 64


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
    numbers = items[known]
    rows = workspace.items.take(numbers, columns)
    out = _reaching_out(workspace, answers.take(pa.array(known)), numbers, rows)
    return {int(known[place]): why for place, why in out.items()}


def check_inside(workspace: Workspace, item: int, answer: str | None) -> None:
    """Returns if the answer does not reach beyond the item with this number.

    Raises:
        AnswerError: it does; says by what.
    """
    for why in beyond_items(workspace, np.array([item]), pa.array([answer], pa.string())).values():
        raise AnswerError(why)


def inside(workspace: Workspace, ballot: Ballot, items: pa.RecordBatch) -> Ballot:
    """The ballot, with a failure where an answer reaches beyond its item."""
    numbers = items.column(NUMBER).to_numpy()
    out = _reaching_out(workspace, ballot.answer, numbers, items)
    if not out:
        return ballot
    gone = np.zeros(len(ballot.answer), bool)
    gone[[*out]] = True
    kept = pc.if_else(pa.array(gone), pa.scalar(None, pa.string()), ballot.answer)
    return replace(ballot, answer=kept, failures={**ballot.failures, **out})


def _reaching_out(
    workspace: Workspace,
    answers: pa.StringArray,
    numbers: NDArray[np.int64],
    items: pa.RecordBatch | pa.Table,
) -> dict[int, str]:
    """Which of these canonical answers reach beyond their items, and why, by their place.

    Only the sizes of images are known to be sizes: what no column says, the image itself does.

    Args:
        workspace: the project.
        answers: null where there is none, shape (rows,).
        numbers: of the items that they are of, shape (rows,).
        items: those, with the columns `bounding` as far as they have them, shape (rows,).
    """
    task = workspace.settings.task
    kind = kind_of(task)
    if not isinstance(kind, BoundedTaskKind) or MEDIA_URI not in items.schema.names:
        return {}
    known = [name for name in bounding(task) if name in items.schema.names]
    said = {
        place: row
        for place, row in enumerate(items.select(known).to_pylist())
        if answers[place].is_valid and row[MEDIA_URI] is not None
    }
    unsized = [at for at, row in said.items() if any(row.get(name) is None for name in kind.bounds)]
    if unsized:
        said |= dict(zip(unsized, _sizes(workspace, numbers[unsized]), strict=True))
    told = {place: kind.beyond(answers[place].as_py(), row) for place, row in said.items()}
    return {place: why for place, why in told.items() if why}


def _sizes(workspace: Workspace, numbers: NDArray[np.int64]) -> list[dict[str, int]]:
    """The sizes of the images with these numbers, each read once, a few at a time."""
    wanted, back = np.unique(numbers, return_inverse=True)
    found: list[dict[str, int]] = []
    for start in range(0, len(wanted), _IMAGES_AT_ONCE):
        images = workspace.items.take(wanted[start : start + _IMAGES_AT_ONCE], [MEDIA])
        found += [size_of_image(content.as_py()) for content in images[MEDIA]]
    return [found[place] for place in back]
