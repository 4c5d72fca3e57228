"""Known answers choose between counting, what was learnt, and that corrected."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import SourceKinds
from labelwright.labelmodels.evidence.counts import expect_verified
from labelwright.labelmodels.evidence.referee import (
    CORRECTED,
    COUNTED,
    FEWEST,
    LEARNT,
    Hits,
    hits,
)
from labelwright.labelmodels.evidence.verified import Correction
from labelwright.labelmodels.majority_vote import every_vote_alike


@pytest.mark.parametrize(
    ("right", "best"),
    [
        ((21, 20, 20), COUNTED),
        ((20, 20, 20), CORRECTED),
        ((20, 22, 21), LEARNT),
        ((20, 19, 21), CORRECTED),
        ((20.5, 19, 20), COUNTED),
    ],
)
def test_whoever_has_most_right_is_believed_and_of_equals_what_was_learnt(right, best):
    assert Hits(np.array(right, float), 30.0).best == best


def test_a_few_answers_decide_nothing():
    few = Hits(np.array([FEWEST - 1.0, 0.0, 0.0]), FEWEST - 1.0)
    assert few.best == CORRECTED


def test_of_equally_probable_classes_each_gets_its_share():
    given = np.array([[0.4, 0.4, 0.2], [0.2, 0.2, 0.6]])
    np.testing.assert_allclose(hits(given, np.array([0, 0])), [0.5, 0.0])


def gilded(known=12):
    """Two functions; the first is wrong about half of what it says is class 0."""
    truth = np.arange(60) % 2
    dense = np.full((60, 3), -1)
    dense[:40, 0] = 0
    dense[20:, 1] = 1
    dense[:known, 2] = truth[:known]
    return VoteMatrix.from_dense(dense, kinds=["function", "function", "gold"]), truth


def corrected(votes, **chosen):
    fit = SourceKinds(gold_doubt=1e9, **chosen).fit(votes)
    return fit, correction_of(fit, votes)


def correction_of(fit, votes):
    verified, even = expect_verified(fit, votes), np.full(2, 0.5)
    return Correction.of(fit, verified, votes, balance=even, doubt=0.0)


def test_each_unit_is_judged_by_corrections_made_without_it():
    votes, truth = gilded()
    fit, correction = corrected(votes)
    others = votes.only(~votes.gold[votes.source])
    left_out = correction.left_out(others, truth)
    for unit in range(12):
        fewer = votes.only(~((votes.unit == unit) & votes.gold[votes.source]))
        moved = correction_of(fit, fewer).applied(fit).vote_score - fit.vote_score
        np.testing.assert_allclose(left_out[unit], moved[0, 0], atol=1e-3)


def test_hits_are_of_the_units_that_gold_knows_and_gold_has_no_say():
    votes, _ = gilded()
    fit, correction = corrected(votes)
    found = Hits.of(every_vote_alike(fit, votes), fit, correction, votes)
    assert found.known == 12
    # Every vote there is for class 0, and half of the units are of class 1.
    np.testing.assert_allclose(found.right[[COUNTED, LEARNT]], 6.0)


def test_corrections_move_functions_only():
    votes, _ = gilded()
    fit, correction = corrected(votes)
    moved = correction.applied(fit).vote_score - fit.vote_score
    assert moved[0, 0, 0] < 0 < moved[0, 0, 1]
    np.testing.assert_allclose(moved[2], 0)


def test_units_that_were_picked_out_for_gold_judge_nothing():
    votes, _ = gilded()
    picked = np.arange(votes.units) < 8
    some = replace(votes, picked=picked)
    fit, _ = corrected(votes)
    fewer = votes.only(~(picked[votes.unit] & votes.gold[votes.source]))
    found, without = (
        Hits.of(every_vote_alike(fit, each), fit, correction_of(fit, each), each)
        for each in (some, fewer)
    )
    assert found.known == without.known == 4
    np.testing.assert_allclose(found.right, without.right)
    np.testing.assert_allclose(correction_of(fit, some).counts, correction_of(fit, fewer).counts)
