import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MajorityVote, WeightedMajority
from labelwright.labelmodels.priors.coins import coin_confusion
from labelwright.testing import labelmodels as laws


def coins(accuracy, units=2000, classes=3, coverage=0.6, seed=0):
    confusion = coin_confusion(np.array(accuracy), classes)
    balance = np.full(classes, 1 / classes)
    rng = np.random.default_rng(seed)
    return laws.simulated_votes(confusion, balance, units, rng, coverage=coverage)


def test_it_recovers_the_accuracies_that_made_the_votes():
    accuracy = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    votes, _ = coins(accuracy)
    np.testing.assert_allclose(WeightedMajority(steps=50).fit(votes).accuracy, accuracy, atol=0.05)


def test_it_is_more_often_right_than_majority_vote_where_sources_differ():
    votes, truth = coins([0.95, 0.9, 0.4, 0.4, 0.4])
    model = MajorityVote()
    plain = (model.posterior(model.fit(votes), votes).label == truth)[votes.covered].mean()
    laws.it_recovers_a_known_truth(WeightedMajority(), votes, truth, plain + 0.05)


def test_an_adversarial_source_counts_against_what_it_says():
    votes, truth = coins([0.9, 0.9, 0.8, 0.05], classes=2)
    model = WeightedMajority()
    fit = model.fit(votes)
    assert fit.accuracy[3] < 0.15
    assert fit.vote_score[3, 0, 0] < fit.vote_score[3, 0, 1]
    laws.it_recovers_a_known_truth(model, votes, truth, 0.85)


def test_an_owners_belief_is_worth_twenty_votes():
    dense = [[0, 0, 1]] * 5
    accuracies = [np.nan, np.nan, 0.99]
    votes = VoteMatrix.from_dense(dense, kinds=["person"] * 3)
    believed = VoteMatrix.build(
        votes.unit, votes.source, votes.label, units=5, classes=2, kinds=votes.kinds,
        accuracies=accuracies,
    )  # fmt: skip
    model = WeightedMajority()
    assert model.fit(votes).accuracy[2] < 0.5
    assert model.fit(believed).accuracy[2] > 0.75


@pytest.mark.parametrize("setting", [{"steps": 0}, {"strength": -1}, {"own": float("nan")}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"weighted_majority: {next(iter(setting))} must be"):
        WeightedMajority(**setting)
