"""Units with the same votes are counted once."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene
from labelwright.labelmodels.evidence import patterns
from labelwright.labelmodels.evidence.patterns import condensed
from labelwright.labelmodels.source_kinds import SourceKinds

UNITS = 20_000


def few_patterns(kind="function"):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, UNITS)
    dense = np.where(rng.random((UNITS, 4)) < 0.8, truth[:, None], 1 - truth[:, None])
    dense[rng.random((UNITS, 4)) < 0.5] = -1
    return VoteMatrix.from_dense(dense, kinds=[kind] * 4)


@pytest.mark.parametrize("model", [SourceKinds(), DawidSkene()])
def test_a_fit_of_patterns_is_a_fit_of_units(model, monkeypatch):
    votes = few_patterns()
    quick = model.fit(votes)
    if isinstance(model, SourceKinds):
        assert quick.extra["patterns"] == condensed(votes).units
    monkeypatch.setattr(patterns, "GLANCE_UNITS", UNITS + 1)
    slow = model.fit(votes)
    np.testing.assert_allclose(quick.vote_score, slow.vote_score, atol=1e-6)


def test_patterns_keep_all_votes_and_weights():
    votes = few_patterns()
    weight = np.random.default_rng(1).random(UNITS) + 0.5
    small = condensed(replace(votes, weight=weight))
    assert small.units == len(np.unique(votes.to_dense(), axis=0))
    assert small.weight.sum() == pytest.approx(weight.sum())
    cast = np.bincount(small.source, small.weight[small.unit])
    np.testing.assert_allclose(cast, np.bincount(votes.source, weight[votes.unit]))


def test_votes_that_do_not_repeat_or_have_confidences_stay():
    votes = few_patterns()
    sure = replace(votes, confidence=np.ones(len(votes.unit), np.float32))
    assert condensed(sure) is sure
    rng = np.random.default_rng(0)
    various = VoteMatrix.from_dense(rng.integers(-1, 9, (UNITS, 12)))
    assert condensed(various) is various


def test_too_many_patterns_or_names_that_collide_leave_the_votes(monkeypatch):
    votes = few_patterns()
    monkeypatch.setattr(patterns, "MOST_PATTERNS", 3)
    assert condensed(votes) is votes
    monkeypatch.undo()
    own = patterns._names
    monkeypatch.setattr(
        patterns, "_names", lambda some, kind: own(some, kind) if kind else own(some, 0) * 0
    )
    assert condensed(votes) is votes


def test_units_without_any_vote_are_one_pattern():
    nothing = VoteMatrix.from_dense(np.full((UNITS, 2), -1))
    small = condensed(nothing)
    assert (small.units, len(small.unit)) == (1, 0)


def test_units_that_were_picked_out_for_gold_are_other_patterns(monkeypatch):
    plain, rng = few_patterns(), np.random.default_rng(2)
    known = np.flatnonzero(rng.random(UNITS) < 0.05)
    votes = VoteMatrix.build(
        np.r_[plain.unit, known],
        np.r_[plain.source, np.full(len(known), 4)],
        np.r_[plain.label, rng.integers(0, 2, len(known))],
        units=UNITS,
        classes=2,
        kinds=[*plain.kinds, "gold"],
        picked=np.isin(np.arange(UNITS), known[::2]),
    )
    small = condensed(votes)
    assert small.weights()[small.picked].sum() == len(known[::2])
    quick = SourceKinds().fit(votes)
    monkeypatch.setattr(patterns, "GLANCE_UNITS", UNITS + 1)
    slow = SourceKinds().fit(votes)
    np.testing.assert_allclose(quick.vote_score, slow.vote_score, atol=1e-6)
    assert quick.heat == pytest.approx(slow.heat, rel=1e-3)
