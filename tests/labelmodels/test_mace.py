import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.labelmodels import Mace, MajorityVote
from labelwright.testing import labelmodels as laws


def spammed_votes(units=5000, seed=0):
    """Three who often know, and three who always say class 0 or draw from their own habit."""
    theta = np.array([0.9, 0.8, 0.7, 0.02, 0.1, 0.05])
    xi = np.array([[0.4, 0.3, 0.3]] * 3 + [[0.98, 0.01, 0.01], [0.9, 0.05, 0.05], [0.2, 0.1, 0.7]])
    confusion = theta[:, None, None] * np.eye(3) + ((1 - theta)[:, None] * xi)[:, None, :]
    rng = np.random.default_rng(seed)
    votes, truth = laws.simulated_votes(confusion, np.full(3, 1 / 3), units, rng)
    return votes, truth, theta, xi


def test_it_recovers_competences_and_habits_that_made_the_votes():
    votes, _, theta, xi = spammed_votes()
    fit = Mace(steps=200).fit(votes)
    np.testing.assert_allclose(fit.extra["competence"], theta, atol=0.06)
    np.testing.assert_allclose(fit.extra["habit"][3:], xi[3:], atol=0.06)


def test_spammers_do_not_outvote_those_who_know():
    votes, truth, *_ = spammed_votes()
    majority = MajorityVote()
    right = (majority.posterior(majority.fit(votes), votes).label == truth).mean()
    laws.it_recovers_a_known_truth(Mace(), votes, truth, right + 0.1)


@pytest.mark.parametrize("setting", [{"steps": 0}, {"strength": -1}, {"own": -1}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"mace: {next(iter(setting))} must be"):
        Mace(**setting)
