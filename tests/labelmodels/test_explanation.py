import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene, MajorityVote, source_contributions

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
