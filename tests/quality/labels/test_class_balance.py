"""How frequent classes are is learnt from random answers; what sources cover only helps."""

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.quality import ClassBalance, answers_needed, class_balance, vote_strata

SEEDS = 60


def world(rng, share, rules, count=2_000, precision=(0.8, 1), recall=(0.3, 0.9)):
    """Units of which a share is of class 1, and rules that only ever say so."""
    truth = (rng.random(count) < share).astype(int)
    said = np.full((count, rules), -1)
    for rule in range(rules):
        right, reach = rng.uniform(*precision), rng.uniform(*recall)
        wrong = share * reach * (1 - right) / right / (1 - share)
        said[rng.random(count) < np.where(truth == 1, reach, wrong), rule] = 1
    return truth, VoteMatrix.from_dense(said, classes=2)


def learnt(votes, truth, answers, rng, classes=2, stated=None):
    machine = np.ones(votes.sources, bool)
    strata = vote_strata(votes, 1, machine, ~machine)
    unit = rng.choice(len(truth), answers, replace=False)
    return class_balance(strata, strata.counted(unit, truth[unit], np.ones(answers)), stated)


def off(share, rules, answers):
    """By what factor the share of class 1 is off in the mean, and how often it is in between."""
    factors, inside = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, rules, int(100 * share)])
        truth, votes = world(rng, share, rules)
        found = learnt(votes, truth, answers, rng)
        true = max(truth.mean(), 1e-4)
        factors.append(abs(np.log(found.share[0, 1] / true)))
        inside.append(found.low[0, 1] <= true <= found.high[0, 1])
    return np.exp(np.mean(factors)), np.mean(inside)


@pytest.mark.parametrize("answers", [0, 20, 60])
@pytest.mark.parametrize(("share", "rules"), [(0.01, 1), (0.01, 3), (0.05, 1), (0.2, 1), (0.2, 3)])
def test_rules_that_only_say_yes_do_not_mislead(share, rules, answers):
    factor, inside = off(share, rules, answers)
    assert factor < 1.5
    assert inside > 0.75


def test_answers_outweigh_what_is_expected_of_the_reach_of_rules():
    rng = np.random.default_rng(0)
    truth, votes = world(rng, 0.5, 1, recall=(0.03, 0.04))
    few, many = (learnt(votes, truth, answers, rng).share[0, 1] for answers in (0, 200))
    assert few < 0.1
    assert many == pytest.approx(0.5, abs=0.12)


def test_a_class_without_voter_gets_what_is_left():
    rng = np.random.default_rng(1)
    truth = rng.choice(3, 3_000, p=[0.2, 0.3, 0.5])
    said = np.full((3_000, 2), -1)
    for label in (0, 1):
        said[(truth == label) & (rng.random(3_000) < 0.6), label] = label
    votes = VoteMatrix.from_dense(said, classes=3)
    found = learnt(votes, truth, 60, rng)
    assert found.voted.tolist() == [[True, True, False]]
    assert found.share[0] == pytest.approx([0.2, 0.3, 0.5], abs=0.1)
    assert found.silent[0].argmax() == 2
    assert found.share.sum() == pytest.approx(1)


def test_twenty_answers_are_enough_and_fewer_are_not():
    assert answers_needed() == 20
    rng = np.random.default_rng(2)
    truth, votes = world(rng, 0.05, 1)
    for answers, missing in ((0, 20), (7, 13), (20, 0), (50, 0)):
        found = learnt(votes, truth, answers, rng)
        assert found.missing.tolist() == [missing]
        assert found.known.tolist() == [missing == 0]
        assert found.worth == pytest.approx([answers])


def test_of_a_few_units_no_more_answers_are_wanted_than_there_are_units():
    votes = VoteMatrix.from_dense([[1], [-1], [-1]], classes=2)
    found = learnt(votes, np.array([1, 0, 0]), 1, np.random.default_rng(0))
    assert found.missing.tolist() == [2]


def test_where_a_source_votes_on_every_unit_nothing_is_missing():
    votes = VoteMatrix.from_dense([[1], [0], [0]], classes=2)
    assert learnt(votes, np.zeros(3, int), 0, np.random.default_rng(0)).missing.tolist() == [0]


def test_what_the_owner_states_is_known():
    rng = np.random.default_rng(3)
    truth, votes = world(rng, 0.01, 1)
    found = learnt(votes, truth, 0, rng, stated=np.array([0.99, 0.01]))
    assert found.stated
    assert found.known.all()
    assert found.share.tolist() == [[0.99, 0.01]]
    assert found.high == pytest.approx(found.low, abs=1e-6)
    assert found.silent[0, 1] < 0.01


def test_each_head_has_a_balance_of_its_own():
    rng = np.random.default_rng(4)
    truth = np.stack([rng.random(1_000) < 0.05, rng.random(1_000) < 0.6], axis=1)
    said = np.where(truth & (rng.random(truth.shape) < 0.7), 1, -1).reshape(-1, 1)
    votes = VoteMatrix.from_dense(said, classes=2)
    machine = np.ones(1, bool)
    strata = vote_strata(votes, 2, machine, ~machine)
    unit = np.sort(rng.choice(1_000, 40, replace=False)[:, None] * 2 + [0, 1], axis=None)
    answers = strata.counted(unit, truth.ravel()[unit].astype(int), np.ones(len(unit)))
    found = class_balance(strata, answers)
    assert found.share[:, 1] == pytest.approx([0.05, 0.6], abs=0.12)
    assert found.missing.tolist() == [0, 0]


def test_the_names_and_order_of_classes_change_nothing():
    rng = np.random.default_rng(5)
    truth, votes = world(rng, 0.2, 2)
    turned = VoteMatrix.from_dense(
        np.where(votes.to_dense() < 0, -1, 1 - votes.to_dense()), classes=2
    )
    one = learnt(votes, truth, 30, np.random.default_rng(0))
    other = learnt(turned, 1 - truth, 30, np.random.default_rng(0))
    for name in ("share", "low", "high", "silent"):
        assert getattr(one, name)[:, ::-1] == pytest.approx(getattr(other, name))


def test_partial_votes_and_people_make_no_votes_of_machines():
    votes = VoteMatrix.build(
        [0, 1, 2], [0, 0, 1], [3, 0, 2], units=4, classes=3, kinds=["function", "person"],
        subsets=[[True, True, False]],
    )  # fmt: skip
    strata = vote_strata(votes, 1, np.array([True, False]), np.array([False, True]))
    assert (strata.of > 0).tolist() == [True, True, False, False]
    assert strata.rules.tolist() == [[1, 0, 0]]
    assert strata.people.tolist() == [[0, 0, 1]]


def test_a_balance_is_kept_as_arrays_and_comes_back():
    rng = np.random.default_rng(6)
    truth, votes = world(rng, 0.2, 1)
    found = learnt(votes, truth, 30, rng)
    again = ClassBalance.of_arrays(found.arrays())
    assert again.share.tolist() == found.share.tolist()
    assert again.missing.dtype == np.int64
    assert again.voted.tolist() == found.voted.tolist()
    assert ClassBalance.of_arrays({}) is None


def test_of_no_units_every_class_is_as_frequent():
    votes = VoteMatrix.from_dense(np.zeros((0, 2), int), classes=2)
    found = learnt(votes, np.zeros(0, int), 0, np.random.default_rng(3))
    assert found.share.tolist() == [[0.5, 0.5]]
