"""The boxes of many answers as columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelwright.core.pieces import pieces_of
from labelwright.core.task import Task
from labelwright.tasks.boxes.answer_form import STEPS
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.class_names import unknown_class


class BoxColumns(NamedTuple):
    """Boxes of answers, in the order of the answers.

    Attributes:
        answer: the position of the answer, rising, shape (boxes,).
        label: the class, shape (boxes,).
        place: x0, y0, x1, y1 in whole steps of the grid, shape (boxes, 4).
    """

    answer: Ints
    label: Ints
    place: Floats


def boxes_in(texts: pa.StringArray, task: Task) -> BoxColumns:
    """The boxes in canonical texts; null has none.

    Raises:
        AnswerError: a class that the task does not have.
    """
    return boxes_of(pieces_of(texts), task)


def boxes_of(pieces: pa.Table, task: Task) -> BoxColumns:
    """The boxes that are pieces of answers, in their order.

    Raises:
        AnswerError: a class that the task does not have.
    """
    coded = pieces["label"].combine_chunks()
    known = pc.index_in(coded.dictionary, pa.array(task.classes, pa.string()))
    label = known.fill_null(-1).to_numpy().astype(np.int64)[coded.indices.to_numpy()]
    if np.any(label < 0):
        raise unknown_class(coded[int(np.argmin(label))].as_py(), task)
    place = pieces["box"].combine_chunks().flatten().to_numpy().reshape(-1, 4)
    # Single precision holds the grid to less than half a step.
    steps = np.rint(place.astype(np.float64) * STEPS)
    return BoxColumns(pieces["answer"].to_numpy().astype(np.int64), label, steps)
