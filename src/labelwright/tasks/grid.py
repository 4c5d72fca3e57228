"""The units of items on which nobody voted."""

from __future__ import annotations

import numpy as np

from labelwright.core.answer_book import TextBook
from labelwright.core.ports import TaskKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.core.votes import Votes


def grid(kind: TaskKind, task: Task, items: int) -> Units:
    """See `labelwright.tasks.grid_of`."""
    nothing = np.zeros(0, np.int64)
    votes = Votes(
        item=nothing,
        source=nothing.astype(np.int32),
        answer=nothing.astype(np.int32),
        answers=TextBook(()),
        sources=(),
        items=items,
        complete=np.zeros(0, bool),
    )
    return kind.decompose(votes, None, None, task)
