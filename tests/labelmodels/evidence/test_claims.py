"""What sources say of their own votes, on votes whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MODELS, fit_predict, source_contributions
from labelwright.labelmodels.evidence.scoring import posterior_of
from labelwright.testing import labelmodels as laws

READS = sorted(
    ["majority_vote", "weighted_majority", "dawid_skene", "ibcc", "mace", "source_kinds"]
)
IGNORES = sorted(set(MODELS) - set(READS))
KINDS = pytest.mark.parametrize("kind", ["person", "function"])


def claimed(draw, accuracies, *, kind="person", units=1500, classes=2, seed=0):
    """Votes of sources with these accuracies; `draw` gives right (bool) and claim of each."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, units)
    unit, source = np.nonzero(rng.random((units, len(accuracies))) < 0.7)
    right, claim = draw(rng, np.asarray(accuracies)[source])
    wrong = (truth[unit] + rng.integers(1, classes, len(unit))) % classes
    votes = {
        said: VoteMatrix.build(
            unit, source, np.where(right, truth[unit], wrong), units=units, classes=classes,
            kinds=[kind] * len(accuracies), confidence=confidence,
        )
        for said, confidence in (("silent", None), ("claims", claim))
    }  # fmt: skip
    return votes["silent"], votes["claims"], truth


def honest(rng, accuracy):
    claim = rng.choice([0.55, 0.97], len(accuracy))
    return rng.random(len(accuracy)) < claim, claim


def empty_talk(rng, accuracy):
    return rng.random(len(accuracy)) < accuracy, rng.uniform(0.4, 1, len(accuracy))


def boasting(rng, accuracy):
    """The worse a source is, the surer it says it is."""
    claim = np.where(accuracy < 0.6, rng.uniform(0.97, 1, len(accuracy)), 0.6)
    return rng.random(len(accuracy)) < accuracy, claim


def score(model, votes, truth):
    posterior = fit_predict(model, votes)
    known = votes.covered
    chance = posterior.probability[np.arange(len(truth)), truth][known]
    return (posterior.label == truth)[known].mean(), -np.log(chance).mean()


@KINDS
@pytest.mark.parametrize("name", READS)
def test_confidences_that_are_true_make_labels_better(name, kind):
    silent, claims, truth = claimed(honest, [0.76] * 5, kind=kind)
    (before, loss_before), (after, loss) = (
        score(MODELS[name](), votes, truth) for votes in (silent, claims)
    )
    assert after > before + 0.03
    assert loss < loss_before - 0.05


@KINDS
@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", READS)
def test_confidences_that_say_nothing_do_no_harm(name, classes, kind):
    silent, claims, truth = claimed(empty_talk, [0.7] * 5, kind=kind, classes=classes)
    (before, loss_before), (after, loss) = (
        score(MODELS[name](), votes, truth) for votes in (silent, claims)
    )
    assert after > before - 0.01
    assert loss < loss_before + 0.015


@KINDS
@pytest.mark.parametrize("name", READS)
def test_a_source_does_not_win_by_boasting(name, kind):
    silent, claims, truth = claimed(boasting, [0.55, 0.55, 0.8, 0.8, 0.8], kind=kind)
    before, after = (score(MODELS[name](), votes, truth)[0] for votes in (silent, claims))
    assert after > before - 0.006


@pytest.mark.parametrize("name", IGNORES)
def test_methods_that_cannot_read_confidences_are_not_moved_by_them(name):
    silent, claims, _ = claimed(honest, [0.76] * 4, units=200)
    before, after = (fit_predict(MODELS[name](), votes).probability for votes in (silent, claims))
    np.testing.assert_array_equal(before, after)
    assert "confidence" in (MODELS[name].__doc__ or "")


@pytest.mark.parametrize("name", [n for n in READS if n not in ("majority_vote", "source_kinds")])
def test_the_objective_never_falls_with_confidences(name):
    _, claims, _ = claimed(honest, [0.76] * 4, units=150)
    laws.the_objective_never_falls(MODELS[name](), claims)


@pytest.mark.parametrize("name", READS)
def test_the_second_thoughts_of_a_distribution_are_heard(name):
    """Of four classes the first is right half of the time, and else it is always the second."""
    rng = np.random.default_rng(3)
    units = 1200
    truth = rng.integers(0, 4, units)
    other = (truth + rng.integers(1, 4, units)) % 4
    first = np.where(rng.random(units) < 0.55, truth, other)
    second = np.where(first == truth, other, truth)
    opinions = np.full((units, 4), 0.02, np.float32)
    opinions[np.arange(units), first] = 0.5
    opinions[np.arange(units), second] = 0.46
    weak = [np.where(rng.random(units) < 0.5, truth, rng.integers(0, 4, units)) for _ in range(3)]
    unit, source = np.tile(np.arange(units), 4), np.repeat(np.arange(4), units)
    arguments = {
        "units": units, "classes": 4, "kinds": ["model"] + ["person"] * 3,
        "confidence": np.where(source == 0, 0.5, np.nan),
    }  # fmt: skip
    label = np.concatenate([first, *weak])
    plain = VoteMatrix.build(unit, source, label, **arguments)
    soft = VoteMatrix.build(
        unit, source, label, **arguments,
        opinion=np.where(source == 0, unit, -1), opinions=opinions,
    )  # fmt: skip
    before, after = (score(MODELS[name](), votes, truth)[0] for votes in (plain, soft))
    assert after > before + 0.02


@pytest.mark.parametrize("name", ["dawid_skene", "source_kinds"])
def test_the_effects_of_confident_votes_add_up_to_the_label(name):
    _, claims, _ = claimed(honest, [0.76] * 4, units=100)
    fit = MODELS[name]().fit(claims)
    told = source_contributions(fit, claims, 0).total
    chance = posterior_of(fit, claims).probability[0]
    np.testing.assert_allclose(told, np.log(chance) - np.log(chance[::-1]))


def test_golds_own_confidence_is_not_read():
    _, claims, _ = claimed(honest, [0.76] * 3, units=50, kind="person")
    gold = VoteMatrix.build(
        claims.unit, claims.source, claims.label, units=50, classes=2,
        kinds=["person", "person", "gold"], confidence=claims.confidence,
    )  # fmt: skip
    fit = MODELS["dawid_skene"]().fit(gold)
    probability = posterior_of(fit, gold).probability
    said = gold.source == 2
    np.testing.assert_allclose(probability[gold.unit[said], gold.label[said]], 0.999)


def test_partial_votes_carry_confidences_too():
    votes = VoteMatrix.build(
        [0, 0, 1], [0, 1, 0], [3, 1, 3], units=2, classes=3, kinds=["person"] * 2,
        subsets=[[False, True, True]], confidence=[0.9, np.nan, 0.9],
    )  # fmt: skip
    for name in READS:
        probability = fit_predict(MODELS[name](), votes).probability
        assert probability[0].argmax() == 1
        assert probability[1, 0] < probability[1, 1:].max()


@pytest.mark.parametrize("claim", [-0.1, 1.1])
def test_a_confidence_outside_0_to_1_is_refused(claim):
    with pytest.raises(VotesError, match="confidences must lie in"):
        VoteMatrix.build([0], [0], [0], units=1, classes=2, kinds=["person"], confidence=[claim])


def test_a_fit_that_heard_confidences_explains_votes_without_any():
    _, claims, _ = claimed(honest, [0.76] * 4, units=100)
    fit = MODELS["source_kinds"]().fit(claims)
    plain = replace(claims, confidence=None)
    told = source_contributions(fit, plain, 0).total
    chance = posterior_of(fit, plain).probability[0]
    np.testing.assert_allclose(told, np.log(chance) - np.log(chance[::-1]))
