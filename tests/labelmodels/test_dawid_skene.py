import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import GOLD_ACCURACY, SourceKind
from labelwright.labelmodels import DawidSkene
from labelwright.testing import labelmodels as laws

CONFUSION = np.array(
    [
        [[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.3, 0.7]],
        [[0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8]],
        [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.4, 0.0, 0.6]],
        [[0.5, 0.0, 0.5], [0.3, 0.7, 0.0], [0.0, 0.1, 0.9]],
        [[0.8, 0.1, 0.1], [0.3, 0.4, 0.3], [0.1, 0.1, 0.8]],
    ]
)
BALANCE = np.array([0.5, 0.3, 0.2])


def crowd(units=4000, seed=0, **kwargs):
    rng = np.random.default_rng(seed)
    return laws.simulated_votes(CONFUSION, BALANCE, units, rng, **kwargs)


def test_it_recovers_the_confusions_and_the_balance_that_made_the_votes():
    votes, _ = crowd(8000, coverage=0.8)
    fit = DawidSkene(steps=100).fit(votes)
    np.testing.assert_allclose(fit.confusion, CONFUSION, atol=0.06)
    np.testing.assert_allclose(fit.class_prior, BALANCE, atol=0.03)


def test_it_comes_within_half_a_point_of_knowing_the_confusions():
    votes, truth = crowd()
    scores = np.log(BALANCE + 0 * truth[:, None])
    with np.errstate(divide="ignore"):
        log_confusion = np.log(CONFUSION)
    for source, labels in enumerate(votes.to_dense().T):
        scores += log_confusion[source][:, labels].T
    best = (scores.argmax(axis=1) == truth).mean()
    laws.it_recovers_a_known_truth(DawidSkene(), votes, truth, best - 0.005)


def test_it_listens_to_the_silence_of_functions_that_vote_one_class_each():
    rng = np.random.default_rng(1)
    confusion = np.zeros((6, 2, 2))
    coverage = np.zeros((6, 2))
    for source in range(6):
        confusion[source, :, source % 2] = 1
        coverage[source, source % 2], coverage[source, 1 - source % 2] = 0.5, 0.1
    votes, truth = laws.simulated_votes(
        confusion, [0.5, 0.5], 3000, rng, coverage=coverage, kind=SourceKind.FUNCTION
    )
    np.testing.assert_allclose(DawidSkene(own=0, silence=1).fit(votes).accuracy, 5 / 6, atol=0.04)
    fit = DawidSkene().fit(votes)
    assert np.all(fit.abstain_score[::2, 0] < fit.abstain_score[::2, 1])
    laws.it_recovers_a_known_truth(DawidSkene(), votes, truth, 0.8)


def test_rare_classes_are_not_swallowed_by_the_frequent_one():
    """Where functions seldom vote, the method without priors calls everything one class."""
    rng = np.random.default_rng(2)
    sources, classes = 30, 5
    confusion = np.zeros((sources, classes, classes))
    coverage = np.full((sources, classes), 0.005)
    for source in range(sources):
        confusion[source, :, source % classes] = 1
        coverage[source, source % classes] = 0.1
    balance = np.array([0.6, 0.2, 0.1, 0.06, 0.04])
    votes, truth = laws.simulated_votes(
        confusion, balance, 5000, rng, coverage=coverage, kind=SourceKind.FUNCTION
    )
    laws.it_recovers_a_known_truth(DawidSkene(steps=50), votes, truth, 0.8)
    collapsing = DawidSkene(steps=50, own=0, silence=0)
    label = collapsing.posterior(collapsing.fit(votes), votes).label
    assert np.all(label[votes.covered] == 0)


def test_an_adversarial_annotator_is_read_backwards():
    confusion = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 4 + [[[0.05, 0.95], [0.95, 0.05]]])
    rng = np.random.default_rng(3)
    votes, truth = laws.simulated_votes(confusion, [0.5, 0.5], 2000, rng)
    fit = DawidSkene().fit(votes)
    assert fit.accuracy[4] < 0.1
    laws.it_recovers_a_known_truth(DawidSkene(), votes, truth, 0.97)


def test_gold_tells_which_sources_are_good():
    """Two bad annotators against a good one: without gold the majority is believed."""
    good, bad = [[0.9, 0.1], [0.1, 0.9]], [[0.25, 0.75], [0.75, 0.25]]
    rng = np.random.default_rng(4)
    votes, truth = laws.simulated_votes(np.array([good, bad, bad]), [0.5, 0.5], 400, rng)
    gold = np.where(np.arange(400) < 60, truth, -1)
    gilded = VoteMatrix.from_dense(
        np.column_stack([votes.to_dense(), gold]), kinds=[*["person"] * 3, "gold"]
    )
    model = DawidSkene(steps=30)
    fit = model.fit(gilded)
    np.testing.assert_allclose(fit.accuracy, [0.9, 0.25, 0.25, GOLD_ACCURACY], atol=0.05)
    assert (model.posterior(fit, gilded).label == truth)[60:].mean() > 0.9
    assert (model.posterior(model.fit(votes), votes).label == truth).mean() < 0.1


def test_a_known_class_balance_is_kept():
    votes, _ = crowd(500)
    fit = DawidSkene(class_balance=(0.2, 0.3, 0.5)).fit(votes)
    np.testing.assert_allclose(fit.class_prior, [0.2, 0.3, 0.5])
    assert np.all(np.diff(fit.history) >= -1e-9)


@pytest.mark.parametrize("balance", [(0.5, 0.5), (1.0, 0.0, 0.0), (0.5, 0.5, 0.5)])
def test_a_class_balance_that_is_none_is_refused(balance):
    votes, _ = crowd(10)
    with pytest.raises(SettingsError, match="class_balance must be 3 positive numbers"):
        DawidSkene(class_balance=balance).fit(votes)


@pytest.mark.parametrize(
    "setting",
    [{"steps": 0}, {"strength": "much"}, {"own": -0.1}, {"silence": 1.5}],
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingsError, match=f"dawid_skene: {next(iter(setting))} must be"):
        DawidSkene(**setting)


def test_silence_can_be_left_out():
    votes, _ = laws.simulated_votes(
        CONFUSION, BALANCE, 300, np.random.default_rng(5), coverage=0.5, kind=SourceKind.FUNCTION
    )
    fit = DawidSkene(silence=0.0).fit(votes)
    assert not fit.abstain_score.any()
    laws.the_objective_never_falls(DawidSkene(silence=0.0), votes)


def test_a_thousand_sources_and_fifty_six_classes_fit():
    rng = np.random.default_rng(6)
    unit, source = np.divmod(rng.choice(2000 * 1200, 20_000, replace=False), 1200)
    truth = rng.integers(0, 56, 2000)
    label = np.where(rng.random(20_000) < 0.7, truth[unit], rng.integers(0, 56, 20_000))
    votes = VoteMatrix.build(unit, source, label, units=2000, classes=56, kinds=["function"] * 1200)
    laws.it_recovers_a_known_truth(DawidSkene(steps=3), votes, truth, 0.9)
