import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DataProgramming
from labelwright.labelmodels.evidence import scoring
from labelwright.testing import labelmodels as laws


def votes_with_copies(units=4000, seed=0):
    """Seven independent sources of 65 %, and three that copy one of 50 %, nearly always."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, units)

    def noisy(aim, right):
        other = (aim + rng.integers(1, 3, units)) % 3
        return np.where(rng.random(units) < right, aim, other)

    copied = noisy(truth, 0.5)
    columns = [noisy(truth, 0.65) for _ in range(7)] + [noisy(copied, 0.9) for _ in range(3)]
    return VoteMatrix.from_dense(np.column_stack(columns), kinds=["person"] * 10), truth


def test_the_structure_is_found_and_copies_count_less():
    votes, truth = votes_with_copies()
    fit = DataProgramming(least_z=10).fit(votes)
    assert fit.extra["edges"].tolist() == [[7, 8], [7, 9], [8, 9]]
    assert np.all(fit.extra["correlation"] > 1)
    blind = DataProgramming(neighbours=0)
    assert (blind.posterior(blind.fit(votes), votes).label == truth).mean() < 0.6
    laws.it_recovers_a_known_truth(DataProgramming(), votes, truth, 0.87)


def test_a_correlation_that_is_none_is_small():
    votes, _ = votes_with_copies()
    fit = DataProgramming().fit(votes)
    among_copies = (fit.extra["edges"] >= 7).all(axis=1)
    assert np.all(fit.extra["correlation"][among_copies] > 1)
    assert np.all(fit.extra["correlation"][~among_copies] < 0.3)


@settings(max_examples=20, deadline=None)
@given(votes=vote_matrices(kinds=["person"]))
def test_without_correlations_it_is_bayes_rule_with_one_coin_sources(votes):
    model = DataProgramming(neighbours=0, steps=3)
    laws.the_posterior_is_bayes_rule(model, model.fit(votes), votes)


def test_a_vote_is_judged_given_its_neighbours_votes():
    """By hand: one unit, two correlated sources, two classes."""
    votes = VoteMatrix.from_dense([[0, 0, -1], [0, 1, -1]], kinds=["person"] * 3)
    model = DataProgramming()
    fit = model.fit(votes)
    alpha, gamma = np.array([1.0, 0.5, 0.0]), 2.0
    fit.extra["accuracy_factor"][:] = alpha
    object.__setattr__(fit, "extra", {**fit.extra, "edges": np.array([[0.0, 1.0]]),
                                      "correlation": np.array([gamma])})  # fmt: skip
    found = model.posterior(fit, votes).probability

    def chance(label, factor, other, truth):
        score = [factor * (c == truth) + gamma * (c == other) for c in (0, 1)]
        return np.exp(score[label]) / np.exp(score).sum()

    for unit, (first, second) in enumerate([(0, 0), (0, 1)]):
        joint = np.array([
            chance(first, 1.0, second, y) * chance(second, 0.5, first, y) for y in (0, 1)
        ])  # fmt: skip
        np.testing.assert_allclose(found[unit], joint / joint.sum())


def test_the_size_of_the_shards_changes_nothing(monkeypatch):
    votes, _ = votes_with_copies(300)
    whole = DataProgramming().fit(votes)
    monkeypatch.setattr(scoring, "SHARD_NUMBERS", 50)
    parts = DataProgramming().fit(votes)
    np.testing.assert_allclose(parts.extra["correlation"], whole.extra["correlation"], atol=1e-6)


def test_gold_is_correlated_with_nobody():
    votes, truth = votes_with_copies(500)
    dense = np.column_stack([votes.to_dense(), truth])
    gilded = VoteMatrix.from_dense(dense, kinds=[*votes.kinds, "gold"])
    assert DataProgramming().fit(gilded).extra["edges"].max() < 10


@pytest.mark.parametrize(
    "setting",
    [{"steps": 0}, {"neighbours": -1}, {"least_z": -1}, {"strength": 0}, {"own": -1}],
)
def test_settings_out_of_range_are_refused(setting):
    name = next(iter(setting))
    with pytest.raises(SettingsError, match=f"data_programming: {name} must be"):
        DataProgramming(**setting)
