import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import Glad, MajorityVote
from labelwright.labelmodels.evidence import scoring
from labelwright.testing import labelmodels as laws


def hard_and_easy(units=2000, sources=12, seed=0):
    """Votes drawn from GLAD's own model, with the truth, the abilities and the log eases."""
    rng = np.random.default_rng(seed)
    ability = np.linspace(-0.5, 3, sources)
    log_ease = rng.normal(0, 1, units)
    chance = 1 / (1 + np.exp(-ability * np.exp(log_ease)[:, None]))
    truth = rng.integers(0, 3, units)
    wrong = (truth[:, None] + rng.integers(1, 3, chance.shape)) % 3
    dense = np.where(rng.random(chance.shape) < chance, truth[:, None], wrong)
    return VoteMatrix.from_dense(dense, kinds=["person"] * sources), truth, ability


def test_it_recovers_the_abilities_that_made_the_votes():
    votes, _, ability = hard_and_easy()
    found = Glad(steps=50).fit(votes).extra["ability"]
    assert np.corrcoef(found, ability)[0, 1] > 0.97
    np.testing.assert_allclose(found, ability, atol=0.6)


def test_it_is_more_often_right_than_majority_vote():
    votes, truth, _ = hard_and_easy(sources=5)
    majority = MajorityVote()
    right = (majority.posterior(majority.fit(votes), votes).label == truth).mean()
    laws.it_recovers_a_known_truth(Glad(), votes, truth, right + 0.005)


def test_a_fit_judges_units_that_it_has_not_seen():
    votes, truth, _ = hard_and_easy()
    half = VoteMatrix.from_dense(votes.to_dense()[:1000], kinds=votes.kinds)
    model = Glad()
    found = model.posterior(model.fit(half), votes).label
    assert abs((found == truth)[1000:].mean() - (found == truth)[:1000].mean()) < 0.03


def test_units_of_one_ease_are_one_coin_sources():
    votes, _, _ = hard_and_easy(200)
    laws.the_posterior_is_bayes_rule(Glad(ease_spread=0), Glad(ease_spread=0).fit(votes), votes)


def test_an_owners_belief_is_where_an_ability_starts_from():
    dense = np.array([[0, 0, 1], [1, 1, 0]] * 3)
    unit, source = np.nonzero(dense >= 0)
    votes = VoteMatrix.build(
        unit, source, dense.ravel(), units=6, classes=2, kinds=["person"] * 3,
        accuracies=[np.nan, np.nan, 0.99],
    )  # fmt: skip
    assert Glad().fit(votes).extra["ability"].argmax() == 2


def test_the_size_of_the_shards_changes_nothing(monkeypatch):
    votes, _, _ = hard_and_easy(100)
    whole = Glad().fit(votes)
    monkeypatch.setattr(scoring, "SHARD_NUMBERS", 7)
    np.testing.assert_allclose(
        Glad().fit(votes).extra["ability"], whole.extra["ability"], atol=1e-6
    )


@pytest.mark.parametrize(
    "setting",
    [{"steps": 0}, {"ease_steps": 0}, {"ability_spread": 0}, {"ease_spread": -1}, {"own": -1}],
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"glad: {next(iter(setting))} must be"):
        Glad(**setting)
