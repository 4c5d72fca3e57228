"""Where beliefs become answers: whatever a model says is said through here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.ports import Ballot
from labelwright.core.task import Task
from labelwright.tasks import grid_of, kind_of


def ballot_of(beliefs: Beliefs, task: Task, threshold: float = 0.0) -> Ballot:
    """The most probable answer of every item, null where it is less sure than the threshold.

    Args:
        beliefs: of the units of the items; items without a covered unit get no answer.
        task: what was asked.
        threshold: the least confidence of an answer, 0..1; an answer is as sure as its least sure
            unit.
    """
    answers = kind_of(task).recompose(beliefs, task)
    known = np.asarray(answers.answer.is_valid())
    said = known & (answers.confidence >= threshold)
    texts = answers.answer.take(pa.array(np.arange(len(said)), mask=~said))
    return Ballot(texts, np.where(said, answers.confidence, np.nan).astype(np.float32))


def beliefs_of_items(probability: NDArray[np.floating[Any]], task: Task) -> Beliefs:
    """What an end model says of items; of units with NaN it says nothing.

    Args:
        probability: shape (units, classes of a unit), all units of the first item, of the second...
        task: of a kind whose items all have the same units.
    """
    items = len(probability) // grid_of(task, 0).heads
    known: NDArray[np.bool_] = np.all(~np.isnan(probability), axis=1)
    return grid_of(task, items).beliefs(np.asarray(probability, np.float64), known)
