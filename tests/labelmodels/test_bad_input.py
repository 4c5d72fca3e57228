"""Bad input, a test a line: a clear error, or a sensible result, for every method."""

import numpy as np
import pytest

from labelwright.core.errors import SettingsError, VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.labelmodels import MODELS, fit_predict
from labelwright.quality import source_report
from labelwright.testing import labelmodels as laws

EVERY = pytest.mark.parametrize("model", [MODELS[name]() for name in sorted(MODELS)], ids=repr)
TAKES_BALANCE = {"dawid_skene", "ebcc", "ibcc", "metal", "source_kinds", "triplet"}
TURNED_BY_ADVERSARIES = {"data_programming"}
"""It takes four sources that agree against a fifth for copies of each other, as it says."""
KINDS = pytest.mark.parametrize("kind", ["person", "function"])


def votes(unit, source, label, **changes):
    given = {"units": 3, "classes": 2, "kinds": ["person"] * 2}
    return VoteMatrix.build(unit, source, label, **{**given, **changes})


def test_a_vote_of_an_unknown_source_is_refused():
    with pytest.raises(VotesError, match=r"source must lie in 0..1, got 0..2"):
        votes([0, 1], [0, 2], [0, 1])


def test_a_vote_for_an_unknown_class_is_refused():
    with pytest.raises(VotesError, match=r"label must lie in -1..1, got 0..2"):
        votes([0, 1], [0, 1], [0, 2])


def test_two_votes_of_one_source_on_one_unit_are_refused():
    with pytest.raises(VotesError, match="source 1 has two votes on unit 0"):
        votes([0, 0], [1, 1], [0, 1])


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_that_is_no_positive_number_is_refused(weight):
    with pytest.raises(VotesError, match="weights must be positive, finite"):
        votes([0], [0], [0], weight=[1.0, weight, 1.0])


def test_a_task_of_one_class_is_refused():
    with pytest.raises(VotesError, match="at least two classes"):
        votes([0], [0], [0], classes=1)


@EVERY
@KINDS
def test_votes_for_one_class_alone_give_that_class(model, kind):
    unit = np.concatenate([np.arange(20), np.arange(0, 20, 2)])
    source = np.repeat([0, 1], [20, 10])
    made = votes(unit, source, np.ones(30, int), units=30, kinds=[kind] * 2)
    probability = fit_predict(model, made).probability
    assert np.all(probability[:20].argmax(axis=1) == 1)
    assert np.all(np.isfinite(probability))


@EVERY
@KINDS
def test_sources_that_never_meet_are_each_followed(model, kind):
    unit = np.arange(40)
    made = votes(unit, unit % 2, unit // 2 % 2, units=40, kinds=[kind] * 2)
    assert fit_predict(model, made).label.tolist() == (unit // 2 % 2).tolist()


def test_that_too_few_sources_tell_nothing_of_each_other_is_said():
    unit = np.arange(40)
    made = votes(unit, unit % 2, unit // 2 % 2, units=40)
    assert any("fewer than 3" in line for line in source_report(made).warnings())


@pytest.mark.parametrize("name", sorted(MODELS.keys() - TURNED_BY_ADVERSARIES))
@KINDS
def test_an_adversary_does_not_turn_the_labels(name, kind):
    model = MODELS[name]()
    rng = np.random.default_rng(2)
    fair, contrary = 0.8 * np.eye(2) + 0.1, 0.1 + 0.8 * (1 - np.eye(2))
    confusion = np.array([fair, fair, fair, fair, contrary])
    made, truth = laws.simulated_votes(confusion, np.array([0.5, 0.5]), 800, rng, kind=kind)
    laws.it_recovers_a_known_truth(model, made, truth, 0.93)


def test_an_adversary_is_named():
    rng = np.random.default_rng(2)
    fair, contrary = 0.8 * np.eye(2) + 0.1, 0.1 + 0.8 * (1 - np.eye(2))
    confusion = np.array([fair, fair, fair, fair, contrary])
    made, truth = laws.simulated_votes(confusion, np.array([0.5, 0.5]), 400, rng)
    assert any("'4' is worse than chance" in s for s in source_report(made, gold=truth).warnings())


@EVERY
@KINDS
def test_sources_that_are_all_the_same_are_followed_and_rule_nothing_out(model, kind):
    label = np.repeat(np.random.default_rng(0).integers(0, 2, 50), 4)
    unit, source = np.divmod(np.arange(200), 4)
    made = votes(unit, source, label, units=50, kinds=[kind] * 4)
    posterior = fit_predict(model, made)
    assert posterior.label.tolist() == label[::4].tolist()
    assert np.all(posterior.probability > 0)


def test_sources_that_are_all_the_same_are_named():
    label = np.repeat(np.random.default_rng(0).integers(0, 2, 200), 4)
    unit, source = np.divmod(np.arange(800), 4)
    made = votes(unit, source, label, units=200, kinds=["person"] * 4)
    truth = label[::4].copy()
    truth[::5] = 1 - truth[::5]
    report = source_report(made, gold=truth)
    assert any("votes like" in line for line in report.warnings())


@EVERY
def test_a_million_units_without_votes_get_the_prior(model):
    made = votes([0, 0, 1], [0, 1, 0], [1, 1, 0], units=1_000_000)
    posterior: Posterior = fit_predict(model, made)
    prior = model.fit(made).class_prior
    np.testing.assert_allclose(posterior.probability[[2, 999_999]], np.tile(prior, (2, 1)))
    assert posterior.covered.sum() == 2


@pytest.mark.parametrize("name", sorted(TAKES_BALANCE))
def test_a_known_class_balance_is_kept(name):
    rng = np.random.default_rng(3)
    confusion = np.repeat([0.4 * np.eye(2) + 0.3], 3, axis=0)
    made, _ = laws.simulated_votes(confusion, np.array([0.9, 0.1]), 300, rng)
    fit = MODELS[name](class_balance=(0.9, 0.1)).fit(made)
    np.testing.assert_allclose(fit.class_prior, [0.9, 0.1])


@pytest.mark.parametrize(
    "name", ["dawid_skene", "ebcc", "ibcc", "metal", "source_kinds", "triplet"]
)
def test_the_class_balance_of_gold_is_that_of_its_answers(name):
    made = votes(
        [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [0, 0, 1, 0, 0, 1], kinds=["person", "gold"],
        weight=[1.0, 2.0, 1.0],
    )  # fmt: skip
    fit = MODELS[name](class_balance="gold").fit(made)
    np.testing.assert_allclose(fit.class_prior, [4 / 6, 2 / 6])


def test_a_class_balance_of_gold_needs_gold():
    with pytest.raises(SettingsError, match="there are none"):
        MODELS["source_kinds"](class_balance="gold").fit(votes([0], [0], [0]))
    with pytest.raises(SettingsError, match='or "gold"'):
        MODELS["source_kinds"](class_balance="silver").fit(votes([0], [0], [0]))


def test_one_gold_answer_flips_no_pattern_of_votes():
    """Forty units where two functions differ: one verified unit says no more than chance."""
    unit, source = np.divmod(np.arange(80), 2)
    label = np.where(source == 0, 0, 1)
    label[40:] = np.tile([0, 0, 0, 0, 1, 1, 0, 0], 5)
    kinds = ["function", "function", "gold"]
    plain = votes(unit, source, label, units=40, kinds=kinds)
    model = MODELS["source_kinds"]()
    before = fit_predict(model, plain).label[1:20]
    gilded = votes(
        np.append(unit, 0), np.append(source, 2), np.append(label, 1 - before[0]),
        units=40, kinds=kinds,
    )  # fmt: skip
    after = fit_predict(model, gilded)
    assert after.label[1:20].tolist() == before.tolist()
    assert after.label[0] == 1 - before[0]


def test_many_gold_answers_correct_a_function():
    """A function that is usually wrong about class 1 is found out by verified votes."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 600)
    unit = np.arange(600)
    wrong = np.where(rng.random(600) < 0.9, 1 - truth, truth)
    made = votes(
        np.concatenate([unit, unit[:200]]), np.repeat([0, 1], [600, 200]),
        np.concatenate([wrong, truth[:200]]), units=600, kinds=["function", "gold"],
    )  # fmt: skip
    right = (fit_predict(MODELS["source_kinds"](), made).label == truth)[200:]
    assert right.mean() > 0.85
