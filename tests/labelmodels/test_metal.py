import numpy as np
import pytest

from labelwright.core.errors import SettingsError, VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import Metal, metal
from labelwright.testing import labelmodels as laws


def test_it_recovers_the_vote_probabilities_that_made_the_votes():
    rng = np.random.default_rng(0)
    confusion = np.array([a * np.eye(2) + (1 - a) / 2 for a in (0.9, 0.7, 0.5, 0.3, 0.6)])
    coverage = np.array([[0.9, 0.5], [0.6, 0.6], [0.5, 0.8], [0.7, 0.7], [0.9, 0.9]])
    balance = (0.6, 0.4)
    votes, truth = laws.simulated_votes(confusion, balance, 30_000, rng, coverage=coverage)
    model = Metal(steps=2000, restraint=0.0, class_balance=balance)
    fit = model.fit(votes)
    expected = (coverage[:, :, None] * confusion).transpose(0, 2, 1)
    np.testing.assert_allclose(np.exp(fit.vote_score), expected, atol=0.03)
    laws.it_recovers_a_known_truth(model, votes, truth, 0.85)


def test_without_restraint_and_noise_the_moments_are_matched():
    rng = np.random.default_rng(1)
    confusion = np.tile(0.6 * np.eye(2) + 0.2, (4, 1, 1))
    votes, _ = laws.simulated_votes(confusion, (0.5, 0.5), 20_000, rng)
    history = Metal(steps=500, restraint=0.0, class_balance=(0.5, 0.5)).fit(votes).history
    assert history[-1] > -1e-4
    assert history[-1] > history[0]


def test_too_many_moments_are_refused(monkeypatch):
    monkeypatch.setattr(metal, "MOST_MOMENTS", 5)
    with pytest.raises(VotesError, match="3 sources x 2 classes have too many moments"):
        Metal().fit(VoteMatrix.from_dense([[0, 1, 1]]))


@pytest.mark.parametrize("setting", [{"steps": 0}, {"restraint": -1}, {"floor": 0}, {"floor": 1}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"metal: {next(iter(setting))} must be"):
        Metal(**setting)
