"""The reduction that keeps every other stage ignorant of the kind of task.

A task kind turns votes on items into votes on *units*, each with one class out of a few:
an item, a token, a pair, a group of matched boxes, the pixels with one pattern of votes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Votes on units, and what the units are.

    Attributes:
        matrix: the votes; its units are the rows of `item` and `key`.
        item: the position of the item that each unit belongs to, shape (units,).
        key: what the unit is inside its item, read by its own kind alone; None where the unit
            is the item.
        items: how many items there are.
        class_names: the classes of the units, which need not be those of the task.
    """

    matrix: VoteMatrix
    item: NDArray[np.int64]
    items: int
    class_names: tuple[str, ...]
    key: pa.Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the labels of the items probably are.

    Attributes:
        answer: the canonical answer of every item, null where nothing is known, shape (items,).
        confidence: how sure, 0..1, shape (items,); 0 where nothing is known.
    """

    answer: pa.StringArray
    confidence: NDArray[np.float64]
