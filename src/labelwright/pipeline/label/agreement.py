"""Whether two answers agree: what test questions, second opinions and the audit ask."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.tasks import kind_of

AGREE = 0.75
"""Answers that are at least so much alike agree.

Of one class an item they are the same or not. Two people never draw the same box, nor the same
number of boxes on a full picture; three of four pieces in common is one answer."""


def agree(one: pa.StringArray, other: pa.StringArray, task: Task) -> NDArray[np.bool_]:
    """Which pairs of canonical answers agree, shape (pairs,); none that has a null."""
    sure = np.ones(len(one))
    alike = kind_of(task).alike(Answers(one, sure), Answers(other, sure), task)
    return np.nan_to_num(alike, nan=0.0) >= AGREE


def agrees(one: str | None, other: str | None, task: Task) -> bool:
    """Whether two canonical answers agree; a missing one agrees with none."""
    return bool(agree(pa.array([one], pa.string()), pa.array([other], pa.string()), task)[0])
