"""What class descriptions alone say is told apart, and fades as answers come."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.units import Units
from labelwright.pipeline.label.basis import ORDER, Basis, basis_of
from labelwright.pipeline.label.described import worth_in_training

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


def test_beside_answers_pseudo_labels_weigh_ten_of_them_in_all():
    matrix = VoteMatrix.build(
        np.arange(101) % 100, [0] * 100 + [1], [0] * 101, units=100, classes=2,
        kinds=["description", "person"],
    )  # fmt: skip
    found = Units(matrix, np.arange(100), 100, ("a", "b"), head_names=("",))
    told = Posterior(np.full((100, 2), [0.7, 0.3]), np.ones(100, bool))
    worth = worth_in_training(found, told)
    assert worth[0] == 1.0
    assert worth[1:].sum() == pytest.approx(10)
    assert worth[1:].max() <= 1.0


@pytest.mark.parametrize(("answers", "total"), [(1, 3.0), (50, 2.0), (200, 0.5), (1_000, 0.1)])
def test_pseudo_labels_fade_as_answers_come(answers, total):
    found = units(ALL, kinds=["description"])
    worth = worth_in_training(found, posterior(found), waiting=answers)
    assert worth.sum() == pytest.approx(total)


@pytest.mark.parametrize(("right", "credit"), [(12, 1.0), (10, 2 / 3), (8, 0.0), (0, 0.0)])
def test_pseudo_labels_of_descriptions_that_answers_do_not_bear_out_teach_nothing(right, credit):
    truth = np.r_[np.zeros(right, int), np.ones(20 - right, int)]
    matrix = VoteMatrix.build(
        np.r_[np.arange(100), np.arange(20)], np.r_[[0] * 100, [1] * 20], np.r_[[0] * 100, truth],
        units=100, classes=2, kinds=["description", "gold"],
    )  # fmt: skip
    found = Units(matrix, np.arange(100), 100, ("a", "b"), head_names=("",))
    probability = np.full((100, 2), [0.7, 0.3])
    probability[:20] = np.eye(2)[truth]
    worth = worth_in_training(found, Posterior(probability, np.ones(100, bool)))
    assert worth[20:].sum() == pytest.approx(5 * credit)


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
