"""How sure labels are on the mean is what is believed of how right they are."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import SourceKinds, fit_predict
from labelwright.labelmodels.evidence.sureness import HEATS, Sureness
from labelwright.testing.worlds import world

# The mean confidence falls from .95 to .45 as the heat grows, and is .7 at the heat of the votes.
FALLING = Sureness(np.linspace(0.95, 0.45, len(HEATS)) * 200, 200.0)
SAID = {"usual": 0.8, "right": 0.0, "known": 0.0}


def test_what_people_say_of_their_accuracy_is_believed():
    assert FALLING.heat_for(0.0, **SAID) == pytest.approx(1.0)


def test_what_functions_say_is_moved_half_way_to_the_usual():
    heat = FALLING.heat_for(1.0, **SAID)
    odds = np.sqrt(0.7 / 0.3 * 0.8 / 0.2)
    at = np.interp(np.log(heat), np.log(HEATS), np.linspace(0.95, 0.45, len(HEATS)))
    assert at == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert heat < 1


@pytest.mark.parametrize("chosen", [0.0, 1.0])
def test_many_known_answers_say_how_right_labels_are(chosen):
    for share in (0.55, 0.9):
        heat = FALLING.heat_for(chosen, usual=0.8, right=share * 1e6, known=1e6)
        at = np.interp(np.log(heat), np.log(HEATS), np.linspace(0.95, 0.45, len(HEATS)))
        assert at == pytest.approx(share, abs=1e-3)


def test_where_no_unit_has_votes_the_heat_stays():
    assert Sureness(np.zeros(len(HEATS)), 0.0).heat_for(1.0, **SAID) == 1.0


def test_units_that_gold_knows_are_left_out_and_weights_count():
    dense = np.array([[0, 0, -1], [0, 1, -1], [1, 1, 1]])
    kinds = ["function", "function", "gold"]
    votes = replace(VoteMatrix.from_dense(dense, kinds=kinds), weight=np.array([1.0, 3.0, 50.0]))
    fit = SourceKinds().fit(votes)
    assert Sureness.of(fit, votes).units == 4.0


def test_on_worlds_labels_of_functions_are_nearer_to_as_sure_as_right_than_shares_of_votes():
    apart, shares_apart = [], []
    for seed in range(340, 356):
        drawn = world("functions", seed, most_units=2_000)
        votes = drawn.votes
        share = np.zeros((votes.units, votes.classes))
        np.add.at(share, (votes.unit, votes.label), 1)
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
        given = fit_predict(SourceKinds(), votes).probability
        for probability, found in ((given, apart), (share, shares_apart)):
            some = probability[votes.covered]
            right = some.argmax(axis=1) == drawn.truth[votes.covered]
            found.append(abs(some.max(axis=1).mean() - right.mean()))
    assert np.mean(apart) < 0.8 * np.mean(shares_apart)


def test_known_answers_make_labels_of_weak_functions_less_sure():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 2000)
    dense = np.full((2000, 5), -1)
    for place in range(4):
        on = rng.random(2000) < 0.3
        right = rng.random(2000) < 0.55
        dense[on, place] = np.where(right, truth, 1 - truth)[on]
    plain = SourceKinds().fit(VoteMatrix.from_dense(dense, kinds=["function"] * 4 + ["gold"]))
    dense[:200, 4] = truth[:200]
    known = VoteMatrix.from_dense(dense, kinds=["function"] * 4 + ["gold"])
    fit = SourceKinds().fit(known)
    assert fit.heat > plain.heat
    sure = SourceKinds().posterior(fit, known).probability[200:].max(axis=1)
    covered = known.covered[200:]
    assert sure[covered].mean() < 0.65
