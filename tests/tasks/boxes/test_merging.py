"""Boxes from what is believed of units."""

import numpy as np
import pytest

from labelwright.core.beliefs import Beliefs
from labelwright.labelmodels import SourceKinds
from tasks.boxes.making_boxes import KIND, TASK, counted, units_of

BOX, SHIFTED = ("car", 0, 0, 10, 10), ("car", 1, 0, 11, 10)


def drawn(answers):
    return [None if text is None else KIND.read(text, TASK) for text in answers.answer.to_pylist()]


def test_boxes_of_several_people_meet_in_the_middle():
    answers = counted(units_of([[BOX]], [[SHIFTED]], [[]]))
    assert drawn(answers) == [[{"label": "car", "box": [0.5, 0, 10.5, 10]}]]
    np.testing.assert_allclose(answers.confidence, 2 / 3)


def test_the_place_leans_to_who_is_right_more_often():
    units = units_of([[BOX]], [[SHIFTED]])
    left = drawn(counted(units, trust=[0.9, 0.3]))[0][0]["box"][0]
    assert 0 < left < 0.5
    even = drawn(counted(units, trust=[np.nan, 1.0]))[0][0]["box"][0]
    assert even == 0.5


def test_the_box_of_who_is_the_truth_stands():
    units = units_of([[SHIFTED]], *[[[BOX]]] * 5)
    trust = [np.inf, *[0.9] * 5]
    assert drawn(counted(units, trust))[0][0]["box"] == [1, 0, 11, 10]


def test_a_box_that_lies_off_the_others_counts_less():
    boxes = [[[("car", x, 0, 20 + x, 20)]] for x in (0, 0, 0, 6)]
    left = drawn(counted(units_of(*boxes)))[0][0]["box"][0]
    assert 0 < left < 0.5


def test_who_is_never_right_and_alone_still_has_a_place():
    units = units_of([[BOX]])
    assert drawn(counted(units, trust=[0.0])) == [[{"label": "car", "box": [0, 0, 10, 10]}]]


def test_most_must_say_that_something_is_there():
    assert drawn(counted(units_of([[BOX]], [[]], [[]]))) == [[]]


def test_an_item_is_as_sure_as_its_least_sure_unit():
    far = ("dog", 50, 50, 60, 60)
    answers = counted(units_of([[BOX, far], [], None], [[BOX, far], [], None], [[BOX], [], None]))
    assert [None if boxes is None else len(boxes) for boxes in drawn(answers)] == [2, 0, None]
    np.testing.assert_allclose(answers.confidence, [2 / 3, 1, 0])


def test_each_box_is_as_sure_as_its_own_unit():
    far = ("dog", 50, 50, 60, 60)
    answers = counted(units_of([[BOX, far], None], [[BOX, far], None], [[BOX], None]))
    assert answers.chances.to_pylist() == [[1, 2 / 3], None]
    judged = KIND.judge(answers, answers, TASK)
    np.testing.assert_allclose(judged.confidence, [1, 2 / 3], rtol=1e-6)


def test_what_only_a_guest_drew_is_no_label_and_no_doubt():
    units = units_of([[BOX]], guests=[[[BOX, ("dog", 50, 50, 60, 60)]]])
    sure = np.array([[1.0, 0, 0], [0, 1, 0], [0.4, 0, 0.6]])
    answers = KIND.recompose(units.beliefs(sure, np.ones(3, bool)), TASK)
    assert drawn(answers) == [[{"label": "car", "box": [0, 0, 10, 10]}]]
    np.testing.assert_array_equal(answers.confidence, 1)


def test_the_default_label_model_merges_a_crowd():
    """Two careful people outvote three careless ones on what is there and where."""
    rng = np.random.default_rng(0)
    boxes = [[("car", *corner, *(corner + 20)) for corner in rng.uniform(0, 30, (1, 2))]
             for _ in range(60)]  # fmt: skip
    careless = [[[] if rng.random() < 0.6 else item for item in boxes] for _ in range(3)]
    units = units_of(boxes, boxes, *careless)
    fit = SourceKinds().fit(units.to_fit())
    posterior = SourceKinds().posterior(fit, units.matrix)
    beliefs = units.beliefs(posterior.probability, posterior.covered, fit.accuracy)
    assert [len(item) for item in drawn(KIND.recompose(beliefs, TASK))] == [1] * 60


def test_an_end_models_boxes_speak_at_the_units_on_which_they_lie():
    units = units_of([[BOX, ("dog", 50, 50, 60, 60)], [BOX], []])
    own = units_of([[("dog", 1, 0, 11, 10), ("car", 90, 90, 99, 99)], [], []])
    probability = np.full((5, 3), 1 / 3)
    probability[1] = [0.2, 0.1, 0.7]
    covered = np.array([True, True, True, True, False])
    beliefs = Beliefs(own.item, 3, probability, own.class_names, covered, own.key)
    said = KIND.align(beliefs, units, TASK)
    nothing = [1, 0, 0]
    np.testing.assert_allclose(
        said, [nothing, [0.2, 0.1, 0.7], nothing, nothing, nothing, [1 / 3] * 3]
    )


@pytest.mark.parametrize("low", [0, 1])
def test_units_of_some_items_are_merged_alike(low):
    units = units_of([[BOX], [("dog", 5, 5, 9, 9), BOX], []], [[BOX], [BOX], []])
    part = units.of_items(low, 3)
    assert drawn(counted(part)) == drawn(counted(units))[low:]
