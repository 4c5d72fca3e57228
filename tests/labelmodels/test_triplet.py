import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import SettingsError, VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import Triplet
from labelwright.labelmodels.evidence import pairs
from labelwright.labelmodels.priors.coins import coin_confusion
from labelwright.testing import labelmodels as laws


@settings(max_examples=40, deadline=None)
@given(votes=vote_matrices())
def test_pairs_are_counted_as_they_are_in_the_dense_array(votes):
    found = pairs.count_pairs(votes)
    dense, weight = votes.to_dense(), votes.weights()
    for i in range(votes.sources):
        for j in range(votes.sources):
            both = (dense[:, i] >= 0) & (dense[:, j] >= 0)
            agree = both & (dense[:, i] == dense[:, j])
            assert found.both[i, j] == pytest.approx(weight[both].sum())
            assert found.agree[i, j] == pytest.approx(weight[agree].sum())


@pytest.mark.parametrize("classes", [2, 5])
def test_it_recovers_the_accuracies_that_made_the_votes(classes):
    accuracy = np.array([0.95, 0.85, 0.75, 0.65, 0.8, 0.7])
    balance = np.r_[0.5, np.full(classes - 1, 0.5 / (classes - 1))]
    rng = np.random.default_rng(0)
    votes, truth = laws.simulated_votes(
        coin_confusion(accuracy, classes), balance, 20_000, rng, coverage=0.7
    )
    np.testing.assert_allclose(Triplet().fit(votes).accuracy, accuracy, atol=0.02)
    laws.it_recovers_a_known_truth(Triplet(), votes, truth, 0.9)


def test_a_known_class_balance_is_used():
    votes = VoteMatrix.from_dense([[0, 1], [0, 1]])
    fit = Triplet(class_balance=(0.9, 0.1)).fit(votes)
    np.testing.assert_allclose(fit.class_prior, [0.9, 0.1])


def test_too_many_sources_are_refused(monkeypatch):
    monkeypatch.setattr(pairs, "MOST_SOURCES", 2)
    with pytest.raises(VotesError, match="3 sources have too many pairs"):
        Triplet().fit(VoteMatrix.from_dense([[0, 1, 1]]))


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="triplet: strength must be"):
        Triplet(strength=-1)
