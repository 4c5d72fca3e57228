import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import (
    DawidSkene,
    MajorityVote,
    SourceKinds,
    all_contributions,
    source_contributions,
)

KINDS = ["function", "person", "gold"]


@settings(max_examples=40, deadline=None)
@given(votes=vote_matrices(kinds=KINDS))
def test_the_effects_add_up_to_the_posterior(votes):
    model = DawidSkene(steps=2)
    fit = model.fit(votes)
    probability = model.posterior(fit, votes).probability
    for unit in range(votes.units):
        total = source_contributions(fit, votes, unit).total
        # Log-odds against the mean of the others fix the log scores up to a constant.
        score = total * (votes.classes - 1) / votes.classes
        found = np.exp(score) / np.exp(score).sum()
        np.testing.assert_allclose(found, probability[unit], atol=1e-6)


def test_a_vote_for_a_class_speaks_for_it():
    votes = VoteMatrix.from_dense([[0, 1, -1], [0, 0, 1]])
    model = MajorityVote()
    said = source_contributions(model.fit(votes), votes, 0)
    np.testing.assert_array_equal(said.source, [0, 1, 2])
    np.testing.assert_array_equal(said.label, [0, 1, -1])
    weight = np.log(0.7 / 0.3)
    np.testing.assert_allclose(said.effect, [[weight, -weight], [-weight, weight], [0, 0]])
    np.testing.assert_allclose(said.total, 0, atol=1e-12)


def test_who_was_not_asked_has_no_say():
    votes = VoteMatrix.build([0, 1], [0, 1], [0, 1], units=2, classes=2, kinds=["person"] * 2)
    said = source_contributions(MajorityVote().fit(votes), votes, 0)
    np.testing.assert_array_equal(said.source, [0])


def test_where_gold_voted_nobody_else_has_an_effect():
    votes = VoteMatrix.from_dense([[0, 0, 1]], kinds=["person", "person", "gold"])
    said = source_contributions(MajorityVote().fit(votes), votes, 0)
    assert not said.effect[:2].any()
    assert said.total.argmax() == 1


@pytest.mark.parametrize("unit", [-1, 1])
def test_a_unit_that_is_none_is_refused(unit):
    votes = VoteMatrix.from_dense([[0, 1]])
    with pytest.raises(VotesError, match="there is no unit"):
        source_contributions(MajorityVote().fit(votes), votes, unit)


def test_a_fit_of_other_sources_is_refused():
    fit = MajorityVote().fit(VoteMatrix.from_dense([[0, 1]]))
    with pytest.raises(VotesError, match="knows 2 sources"):
        source_contributions(fit, VoteMatrix.from_dense([[0, 1, 1]]), 0)


@settings(max_examples=40, deadline=None)
@given(votes=vote_matrices(kinds=KINDS))
def test_all_units_at_once_are_told_what_each_is_told(votes):
    agree(DawidSkene(steps=2).fit(votes), votes)


def test_confidences_are_told_at_once_too():
    rng = np.random.default_rng(0)
    unit, source = np.divmod(np.arange(120), 3)
    votes = VoteMatrix.build(
        unit, source, rng.integers(0, 2, 120), units=40, classes=2, kinds=["person"] * 3,
        confidence=rng.random(120),
    )  # fmt: skip
    fit = SourceKinds().fit(votes)
    assert fit.claim_score is not None
    agree(fit, votes)


def agree(fit, votes):
    before, effect = all_contributions(fit, votes)

    def against_the_others(score):
        return (score - score.mean(axis=-1, keepdims=True)) * votes.classes / (votes.classes - 1)

    for unit in range(votes.units):
        said = source_contributions(fit, votes, unit)
        np.testing.assert_allclose(against_the_others(before[unit]), said.before, atol=1e-9)
        told = np.zeros((votes.sources, votes.classes))
        told[said.source] = said.effect
        np.testing.assert_allclose(against_the_others(effect[unit]), told, atol=1e-9)
