"""The boxes of many answers as columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from labelwright.core.task import Task
from labelwright.tasks.boxes.answer_form import STEPS
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.class_names import unknown_class

BLOCK_BYTES = 1 << 20
TEXTS = 1 << 14
"""So many texts are parsed at once: memory stays small, and columns of text below 2 GB."""

LINES = pa.schema(
    [("a", pa.list_(pa.struct([("label", pa.string()), ("box", pa.list_(pa.float64()))])))]
)


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
    found = [_parsed(texts.slice(row, TEXTS), row, task) for row in range(0, len(texts), TEXTS)]
    nothing = BoxColumns(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 4)))
    columns = zip(*(found or [nothing]), strict=True)
    answer, label, place = (np.concatenate(column) for column in columns)
    return BoxColumns(answer, label, place)


def _parsed(texts: pa.StringArray, first: int, task: Task) -> BoxColumns:
    lists = _read_json(pc.fill_null(texts, "[]"))
    boxes = pc.list_flatten(lists)
    count = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    answer = np.repeat(np.arange(first, first + len(texts)), count)
    label = pc.index_in(boxes.field("label"), pa.array(task.classes, pa.string()))
    if label.null_count:
        lost = int(np.flatnonzero(label.is_null().to_numpy(zero_copy_only=False))[0])
        raise unknown_class(boxes.field("label")[lost].as_py(), task)
    place = pc.list_flatten(boxes.field("box")).to_numpy().reshape(-1, 4)
    return BoxColumns(answer, label.to_numpy().astype(np.int64), np.rint(place * STEPS))


def _read_json(texts: pa.StringArray) -> pa.ListArray:
    lines = pc.binary_join_element_wise('{"a":', texts, "}\n", "")
    data = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "")[0].as_buffer()
    longest = pc.max(pc.binary_length(lines)).as_py()
    table = pyarrow.json.read_json(
        pa.BufferReader(data),
        pyarrow.json.ReadOptions(block_size=max(BLOCK_BYTES, 2 * longest)),
        pyarrow.json.ParseOptions(explicit_schema=LINES),
    )
    return table["a"].combine_chunks()
