"""What class descriptions alone say is told apart, and fades as answers come."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.units import Units
from labelwright.pipeline.label.basis import ORDER, Basis, basis_of
from labelwright.pipeline.label.described import worth_before_answers, worth_in_training

SURE = np.array([0.9, 0.6, 0.8, 0.7, 0.95, 0.55])


def units(*columns, kinds):
    """Votes of class 0 or none on six units, a column a source."""
    dense = np.array(columns).T - 1
    matrix = VoteMatrix.from_dense(dense, classes=2, kinds=kinds)
    return Units(matrix, np.arange(6), 6, ("a", "b"), head_names=("",))


def posterior(found):
    return Posterior(np.stack([SURE, 1 - SURE], axis=1), found.matrix.covered)


ALL, NONE, FIRST = [1] * 6, [0] * 6, [1, 0, 0, 0, 0, 0]


def test_the_surer_half_of_what_descriptions_say_counts():
    found = units(ALL, kinds=["description"])
    worth = worth_in_training(found, posterior(found))
    assert worth.tolist() == [1, 0, 1, 0, 1, 0]
    many = units(ALL, NONE, kinds=["description", "person"])
    assert np.array_equal(worth_in_training(many, posterior(many)), worth)


def test_each_class_keeps_its_surer_half_however_sure_the_others_are():
    found = units([1, 1, 1, 2, 2, 2], kinds=["description"])
    sure = np.array([0.99, 0.98, 0.97, 0.45, 0.3, 0.4])
    told = Posterior(np.stack([sure, 1 - sure], axis=1), np.ones(6, bool))
    assert (worth_in_training(found, told) > 0).tolist() == [True, True, False, False, True, True]


def test_descriptions_themselves_say_of_which_items_they_are_surer():
    found = units(ALL, kinds=["description"])
    stated = np.array([0.5, 0.9, 0.6, 0.8, 0.5, 0.7], np.float32)
    found = replace(found, matrix=replace(found.matrix, confidence=stated))
    worth = worth_in_training(found, posterior(found))
    assert (worth > 0).tolist() == [False, True, False, True, False, True]


def judged(hits, misses, *, classes=2):
    """Descriptions that say the first class of 1,000 units, and gold on as many of them."""
    truth = np.r_[np.zeros(hits, int), np.ones(misses, int)]
    answers = len(truth)
    matrix = VoteMatrix.build(
        np.r_[np.arange(1000), np.arange(answers)],
        np.repeat([0, 1], [1000, answers]),
        np.r_[np.zeros(1000, int), truth],
        units=1000, classes=classes, kinds=["description", "gold"],
    )  # fmt: skip
    found = Units(matrix, np.arange(1000), 1000, ("a", "b", "c", "d")[:classes], head_names=("",))
    probability = np.full((1000, classes), 0.3 / (classes - 1))
    probability[:, 0] = 0.7
    probability[:answers] = np.eye(classes)[truth]
    return found, Posterior(probability, np.ones(1000, bool))


def taught_by_descriptions(found, told, worth_of=worth_in_training):
    worth = worth_of(found, told)
    answered = found.matrix.unit[found.matrix.source == 1]
    assert np.all(worth[answered] == 1)
    return np.delete(worth, answered).sum()


def test_descriptions_that_nobody_judged_are_taken_to_be_right_twice_in_three():
    function = np.r_[1, np.zeros(999, int)]
    columns = np.stack([np.ones(1000, int), function], axis=1) - 1
    matrix = VoteMatrix.from_dense(columns, classes=2, kinds=["description", "function"])
    found = Units(matrix, np.arange(1000), 1000, ("a", "b"), head_names=("",))
    told = Posterior(np.tile([0.7, 0.3], (1000, 1)), np.ones(1000, bool))
    # A third above chance, squared, of a hundred answers, or three hundred that answers correct.
    assert worth_in_training(found, told)[1:].sum() == pytest.approx(100 / 9)
    assert worth_before_answers(found, told)[1:].sum() == pytest.approx(300 / 9)


@pytest.mark.parametrize(("hits", "misses"), [(5, 5), (2, 8), (0, 10), (0, 2)])
def test_descriptions_that_answers_contradict_teach_nothing_from_the_first_answers_on(hits, misses):
    total = taught_by_descriptions(*judged(hits, misses))
    assert total == pytest.approx(0, abs=0.6)
    if hits < misses:
        assert total == 0


def test_the_oftener_answers_find_descriptions_right_the_more_these_teach():
    totals = [taught_by_descriptions(*judged(hits, 10 - hits)) for hits in range(5, 11)]
    assert np.all(np.diff(totals) > 0)
    assert totals[-1] == pytest.approx(100 * (2 * 12 / 13 - 1) ** 2)


def test_of_more_classes_fewer_hits_are_above_chance():
    few, many = (taught_by_descriptions(*judged(5, 5, classes=k)) for k in (2, 4))
    assert few < 1 < many


@pytest.mark.parametrize(("answers", "total"), [(50, 8.0), (100, 2.0), (400, 0.125)])
def test_pseudo_labels_fade_with_the_square_of_the_answers(answers, total):
    assert taught_by_descriptions(*judged(answers, 0)) == pytest.approx(total)


@pytest.mark.parametrize("answers", [50, 100, 400])
def test_where_answers_only_correct_them_pseudo_labels_do_not_fade(answers):
    found, told = judged(answers, 0)
    total = taught_by_descriptions(found, told, worth_before_answers)
    assert total == pytest.approx(300 * (2 * (answers + 2) / (answers + 3) - 1) ** 2, rel=1e-6)
    assert taught_by_descriptions(*judged(2, 8), worth_before_answers) == 0


def test_where_anybody_else_voted_labels_count_in_full():
    found = units(ALL, FIRST, kinds=["description", "function"])
    assert found.matrix.described_only.tolist() == [False] + [True] * 5
    worth = worth_in_training(found, posterior(found))
    assert worth[0] == 1.0
    assert np.count_nonzero(worth[1:]) == 3


def test_without_descriptions_nothing_is_weighed():
    found = units(ALL, FIRST, kinds=["function", "gold"])
    assert worth_in_training(found, posterior(found)) is None
    assert not found.matrix.described_only.any()


def test_a_label_that_rests_on_descriptions_alone_says_so():
    found = units(ALL, FIRST, kinds=["description", "function"])
    basis = [ORDER[place] for place in basis_of(found, posterior(found))]
    assert basis == [Basis.VOTES] + [Basis.DESCRIPTIONS] * 5
    content = Posterior(np.full((6, 2), [0.8, 0.2]), np.ones(6, bool))
    joined = [ORDER[place] for place in basis_of(found, content, posterior(found))]
    assert joined == [Basis.BOTH] + [Basis.DESCRIPTIONS] * 5
