"""The canonical text of boxes."""

import json

import numpy as np
import pytest

from labelwright.core.errors import AnswerError
from labelwright.core.task import Task
from labelwright.tasks.boxes import Boxes
from tasks.boxes.making_boxes import KIND, TASK


def test_objects_tuples_and_json_say_the_same():
    text = '[{"label":"car","box":[1,2,30.5,40]}]'
    box = {"label": "car", "box": [1, 2.0, 30.5, 40]}
    assert KIND.canonical([box], TASK) == text
    assert KIND.canonical([("car", 1, 2, 30.5, 40)], TASK) == text
    assert KIND.canonical([(0, *np.array([1, 2, 30.5, 40], np.float32))], TASK) == text
    assert KIND.canonical([{"label": "car", "box": np.array([1, 2, 30.5, 40])}], TASK) == text
    assert KIND.canonical(json.dumps([box]), TASK) == text
    assert KIND.read(text, TASK) == [box]


def test_boxes_are_sorted_by_class_and_place_and_stand_once():
    drawn = [("dog", 0, 0, 1, 1), ("car", 5, 0, 6, 1), ("car", 0, 0, 1, 1), ("dog", 0, 0, 1, 1)]
    found = KIND.read(KIND.canonical(drawn, TASK), TASK)
    assert [(box["label"], box["box"][0]) for box in found] == [("car", 0), ("car", 5), ("dog", 0)]


def test_places_are_in_steps_of_a_hundredth_of_a_pixel_and_written_short():
    text = KIND.canonical([("car", -0.001, 0.126, 10.1 + 0.2, 99_999.99)], TASK)
    assert text == '[{"label":"car","box":[0,0.13,10.3,99999.99]}]'
    assert KIND.canonical([("car", -1.25, -2, -1, -1.5)], TASK) == (
        '[{"label":"car","box":[-1.25,-2,-1,-1.5]}]'
    )


def test_single_precision_holds_every_step():
    steps = np.arange(9_999_000, 10_000_001)
    np.testing.assert_array_equal(
        np.rint((steps / 100).astype(np.float32).astype(float) * 100), steps
    )


def test_an_empty_list_says_that_nothing_is_there():
    assert KIND.canonical([], TASK) == "[]"
    assert KIND.read("[]", TASK) == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "return None to abstain"),
        ("[", "no JSON list of boxes"),
        ([("cat", 0, 0, 1, 1)], "'cat' is no class"),
        ([("car", 0, 0, 0, 1)], "x1 > x0"),
        ([("car", 0, 0, float("nan"), 1)], "must be a number, got nan"),
        ([("car", 0, 0, 2e5, 1)], "within ±100,000 pixels"),
        ([("car", 0, 0, 1)], "give {"),
        ([{"label": "car", "box": [0, 0, 1]}], "four numbers"),
        ([{"label": "car", "place": [0, 0, 1, 1]}], 'object with "label" and "box"'),
    ],
)  # fmt: skip
def test_an_answer_that_is_refused_says_why(answer, says):
    with pytest.raises(AnswerError) as caught:
        KIND.canonical(answer, TASK)
    assert says in str(caught.value)


def test_one_class_is_enough():
    task = Task("boxes", ("raccoon",))
    Boxes().check(task)
    assert (
        KIND.canonical([("raccoon", 0, 0, 1, 1)], task) == '[{"label":"raccoon","box":[0,0,1,1]}]'
    )


def test_the_schema_names_the_classes_and_four_numbers():
    schema = KIND.schema(TASK)
    assert schema["items"]["properties"]["label"]["enum"] == ["car", "dog"]
    assert schema["items"]["properties"]["box"]["minItems"] == 4
