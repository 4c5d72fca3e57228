"""Boxes of many texts as columns."""

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import AnswerError
from labelwright.core.pieces import pieces_of, texts_of
from labelwright.core.task import Task
from labelwright.tasks.boxes.answer_form import LARGEST, STEPS
from labelwright.tasks.boxes.box_columns import boxes_in
from tasks.boxes.making_boxes import KIND, TASK

ANSWERS = [[("dog", 0, 0.5, 10, 10.25), ("car", -3, 0, 1, 1)], None, [], [("car", 5, 5, 6, 6)]]
TEXTS = pa.array([a if a is None else KIND.canonical(a, TASK) for a in ANSWERS], pa.string())


def test_boxes_are_columns():
    found = boxes_in(TEXTS, TASK)
    np.testing.assert_array_equal(found.answer, [0, 0, 3])
    np.testing.assert_array_equal(found.label, [0, 1, 0])
    np.testing.assert_array_equal(
        found.place, [[-300, 0, 100, 100], [0, 50, 1000, 1025], [500, 500, 600, 600]]
    )


def test_every_step_of_the_grid_is_read_as_itself():
    """Pieces hold single precision, which tells the steps apart up to the largest coordinate."""
    ends = np.array([*range(1, 400), *range(LARGEST * STEPS - 400, LARGEST * STEPS + 1)])
    many = [("car", -end / STEPS, 0, end / STEPS, 1) for end in ends.tolist()]
    texts = pa.array([KIND.canonical([box], TASK) for box in many], pa.string())
    assert texts_of(pieces_of(texts), len(texts)).equals(texts)
    np.testing.assert_array_equal(boxes_in(texts, TASK).place[:, 2], ends)


def test_no_texts_have_no_boxes():
    assert boxes_in(pa.array([], pa.string()), TASK).place.shape == (0, 4)


def test_any_class_name_is_read():
    names = ('"', "\\", "ä, [b]", "{}", "'")
    task = Task("boxes", names)
    text = KIND.canonical([(name, 0, 0, 1, 1) for name in names], task)
    assert sorted(boxes_in(pa.array([text]), task).label.tolist()) == [0, 1, 2, 3, 4]


def test_a_class_that_is_not_the_tasks_is_an_error():
    with pytest.raises(AnswerError, match="votes name the class 'dog'"):
        boxes_in(TEXTS, Task("boxes", ("car",)))
