import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import EBCC, IBCC
from labelwright.labelmodels.evidence.explanation import all_contributions
from labelwright.testing import labelmodels as laws


def votes_of_two_schools(units=3000, seed=0):
    """On either half of the units, one half of the annotators is led astray together."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, units)
    second_half = rng.random(units) < 0.5
    dense = np.empty((units, 20), int)
    for source in range(20):
        chance = np.where(second_half == (source < 10), 0.4, 0.8)
        dense[:, source] = np.where(rng.random(units) < chance, truth, 1 - truth)
    return VoteMatrix.from_dense(dense, kinds=["person"] * 20), truth


def test_subtypes_tell_who_errs_together_where_one_confusion_a_source_is_lost():
    votes, truth = votes_of_two_schools()
    lost = IBCC(steps=100)
    assert (lost.posterior(lost.fit(votes), votes).label == truth).mean() < 0.6
    laws.it_recovers_a_known_truth(EBCC(subtypes=2, steps=100), votes, truth, 0.8)


def test_one_subtype_is_ibcc():
    rng = np.random.default_rng(1)
    confusion = np.tile(0.6 * np.eye(3) + 0.4 / 3, (5, 1, 1))
    votes, _ = laws.simulated_votes(confusion, np.full(3, 1 / 3), 300, rng, coverage=0.6)
    ebcc, ibcc = EBCC(subtypes=1, steps=200), IBCC(steps=200)
    np.testing.assert_allclose(
        ebcc.posterior(ebcc.fit(votes), votes).probability,
        ibcc.posterior(ibcc.fit(votes), votes).probability,
        atol=1e-3,
    )


def test_what_the_sources_say_of_a_unit_adds_up_to_what_is_believed_of_it():
    votes, _ = votes_of_two_schools(300)
    model = EBCC(subtypes=2)
    fit = model.fit(votes)
    assert (fit.subtypes, fit.extra) == (2, {})
    before, told = all_contributions(fit, votes)
    scores = before + told.sum(axis=1)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, model.posterior(fit, votes).probability, atol=1e-9)


def test_permuting_sources_and_renaming_classes_hardly_matter_where_the_data_speak():
    """Not to the last bit as for the others: the subtypes start at random."""
    votes, _ = votes_of_two_schools(1000)
    rng = np.random.default_rng(2)
    dense = votes.to_dense()
    moved = VoteMatrix.from_dense(1 - dense[:, rng.permutation(20)], kinds=votes.kinds)
    model = EBCC(subtypes=2, steps=100)
    before = model.posterior(model.fit(votes), votes).label
    after = model.posterior(model.fit(moved), moved).label
    assert np.mean(before == 1 - after) > 0.99


@pytest.mark.parametrize(
    "setting",
    [{"subtypes": 0}, {"steps": 0}, {"strength": -1}, {"own": -1}, {"silence": 2}, {"seed": -1}],
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"ebcc: {next(iter(setting))} must be"):
        EBCC(**setting)
