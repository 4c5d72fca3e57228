import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.labelmodels import IBCC, DawidSkene
from labelwright.testing import labelmodels as laws

GOOD = 0.6 * np.eye(3) + 0.4 / 3


def test_it_recovers_the_confusions_that_made_the_votes():
    rng = np.random.default_rng(0)
    confusion = 0.5 * rng.dirichlet(np.ones(3), size=(6, 3)) + 0.5 * np.eye(3)
    balance = np.array([0.5, 0.3, 0.2])
    votes, truth = laws.simulated_votes(confusion, balance, 6000, rng, coverage=0.8)
    fit = IBCC(steps=50).fit(votes)
    np.testing.assert_allclose(fit.confusion, confusion, atol=0.07)
    np.testing.assert_allclose(fit.class_prior, balance, atol=0.03)
    laws.it_recovers_a_known_truth(IBCC(), votes, truth, 0.92)


def test_who_voted_little_is_trusted_less_than_in_dawid_skene():
    rng = np.random.default_rng(1)
    coverage = np.full((6, 3), [[1.0]] * 5 + [[0.01]])
    votes, _ = laws.simulated_votes(
        np.tile(GOOD, (6, 1, 1)), np.full(3, 1 / 3), 600, rng, coverage=coverage
    )

    def lost(source):
        """What certainty costs: the log of the mean less the mean of the log."""
        plain, bayes = DawidSkene().fit(votes), IBCC().fit(votes)
        return (plain.vote_score[source] - bayes.vote_score[source]).mean()

    assert lost(5) > 10 * lost(0) > 0


def test_a_known_class_balance_is_kept():
    votes, _ = laws.simulated_votes(
        np.tile(GOOD, (4, 1, 1)), np.full(3, 1 / 3), 200, np.random.default_rng(2)
    )
    model = IBCC(class_balance=(0.2, 0.3, 0.5))
    np.testing.assert_allclose(model.fit(votes).class_prior, [0.2, 0.3, 0.5])
    laws.the_objective_never_falls(model, votes)


@pytest.mark.parametrize("setting", [{"steps": 1.5}, {"strength": -1}, {"own": -1}, {"silence": 2}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"ibcc: {next(iter(setting))} must be"):
        IBCC(**setting)
