"""The laws of the port `LabelModel`: what every label model must keep.

Each law is a plain function that raises AssertionError. A third party calls them with its own
model and any votes; `check_label_model` calls those that hold for every model and all votes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.ports import LabelModel, UpdatingLabelModel
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import GOLD_ACCURACY, SourceKind

__all__ = [
    "an_always_abstaining_source_changes_nothing",
    "an_update_by_all_units_is_a_new_fit",
    "an_update_is_near_a_new_fit",
    "check_label_model",
    "equal_duplicates_are_a_unit_of_weight_two",
    "gold_is_believed",
    "it_recovers_a_known_truth",
    "one_input_gives_one_output",
    "permuting_sources_permutes_their_estimates",
    "permuting_units_permutes_their_labels",
    "renaming_classes_only_renames",
    "rows_sum_to_one",
    "shards_give_the_same_fit",
    "simulated_votes",
    "the_objective_never_falls",
    "the_posterior_is_bayes_rule",
    "uncovered_units_get_the_prior",
]

Array = NDArray[np.float64]
TOLERANCE = 1e-6
"""Sums in another order differ by rounding, which iteration may enlarge."""


def check_label_model(model: LabelModel, votes: VoteMatrix, rng: np.random.Generator) -> None:
    """All laws that hold for every label model on any votes."""
    rows_sum_to_one(model, votes)
    uncovered_units_get_the_prior(model, votes)
    one_input_gives_one_output(model, votes)
    gold_is_believed(model, votes)
    the_objective_never_falls(model, votes)
    renaming_classes_only_renames(model, votes, rng.permutation(votes.classes))
    permuting_units_permutes_their_labels(model, votes, rng.permutation(votes.units))
    permuting_sources_permutes_their_estimates(model, votes, rng.permutation(votes.sources))
    an_always_abstaining_source_changes_nothing(model, votes)
    equal_duplicates_are_a_unit_of_weight_two(model, votes)


def rows_sum_to_one(model: LabelModel, votes: VoteMatrix) -> None:
    """The posterior and all that the fit calls a distribution are distributions."""
    fit = model.fit(votes)
    posterior = model.posterior(fit, votes)
    assert posterior.probability.shape == (votes.units, votes.classes)
    assert posterior.fit == fit.id
    np.testing.assert_array_equal(posterior.covered, votes.covered)
    for rows in (posterior.probability, fit.confusion, fit.class_prior):
        assert np.all((rows >= 0) & (rows <= 1 + TOLERANCE))
        np.testing.assert_allclose(rows.sum(axis=-1), 1, atol=TOLERANCE)
    silent = np.bincount(votes.source[votes.voted], minlength=votes.sources) == 0
    np.testing.assert_array_equal(np.isnan(fit.accuracy), silent)
    assert np.all((fit.accuracy[~silent] >= 0) & (fit.accuracy[~silent] <= 1))


def uncovered_units_get_the_prior(model: LabelModel, votes: VoteMatrix) -> None:
    """Where nobody voted, the posterior is the class prior."""
    fit = model.fit(votes)
    guess = model.posterior(fit, votes).probability[~votes.covered]
    np.testing.assert_allclose(guess, np.broadcast_to(fit.class_prior, guess.shape))


def one_input_gives_one_output(model: LabelModel, votes: VoteMatrix) -> None:
    """The same votes give the same fit and the same posterior, to the last bit."""
    first, second = (model.fit(votes) for _ in range(2))
    assert first.id == second.id
    np.testing.assert_array_equal(
        model.posterior(first, votes).probability, model.posterior(second, votes).probability
    )


def gold_is_believed(model: LabelModel, votes: VoteMatrix) -> None:
    """Gold's accuracy is the known one, and its word stands whatever all others vote."""
    kinds = (*votes.kinds, SourceKind.GOLD)
    unit = np.flatnonzero(votes.covered)[:1]
    everyone_else = votes.label[votes.start[unit]] if len(unit) else np.empty(0, int)
    truth = (np.maximum(everyone_else, 0) + 1) % votes.classes
    gilded = _with_source(votes, kinds, unit, truth, complete=False)
    fit = model.fit(gilded)
    probability = model.posterior(fit, gilded).probability
    if not any(kind is SourceKind.GOLD for kind in votes.kinds):
        np.testing.assert_allclose(probability[unit, truth], GOLD_ACCURACY)
    if len(unit):
        assert fit.accuracy[-1] == GOLD_ACCURACY


def the_objective_never_falls(model: LabelModel, votes: VoteMatrix) -> None:
    """Each step of an iterative method does at least as well as the step before."""
    history = np.array(model.fit(votes).history)
    assert np.all(np.isfinite(history))
    assert np.all(np.diff(history) >= -TOLERANCE * (1 + np.abs(history[:-1])))


def renaming_classes_only_renames(
    model: LabelModel, votes: VoteMatrix, names: NDArray[np.int64]
) -> None:
    """If class c is called names[c], the posterior's columns move and nothing else does."""
    label = np.where(votes.voted, names[votes.label], ABSTAINED).astype(np.int16)
    renamed = replace(votes, label=label)
    before, after = _probability(model, votes), _probability(model, renamed)
    np.testing.assert_allclose(after[:, names], before, atol=TOLERANCE)


def permuting_units_permutes_their_labels(
    model: LabelModel, votes: VoteMatrix, order: NDArray[np.int64]
) -> None:
    """If unit u stands at place order[u], the posterior's rows move and nothing else does."""
    weight = None
    if votes.weight is not None:
        weight = np.empty_like(votes.weight)
        weight[order] = votes.weight
    moved = _rebuilt(votes, unit=order[votes.unit], weight=weight)
    before, after = _probability(model, votes), _probability(model, moved)
    np.testing.assert_allclose(after[order], before, atol=TOLERANCE)


def permuting_sources_permutes_their_estimates(
    model: LabelModel, votes: VoteMatrix, order: NDArray[np.int64]
) -> None:
    """If source s stands at place order[s], so does its accuracy; the posterior stays."""
    back = np.argsort(order)
    moved = _rebuilt(
        votes,
        source=order[votes.source],
        kinds=[votes.kinds[place] for place in back],
        complete=votes.complete[back],
        accuracies=votes.accuracies[back],
    )
    fits = model.fit(votes), model.fit(moved)
    np.testing.assert_allclose(fits[1].accuracy[order], fits[0].accuracy, atol=TOLERANCE)
    before, after = _probability(model, votes), _probability(model, moved)
    np.testing.assert_allclose(after, before, atol=TOLERANCE)


def an_always_abstaining_source_changes_nothing(model: LabelModel, votes: VoteMatrix) -> None:
    """Neither one that saw everything and was silent, nor one that was never asked."""
    before = _probability(model, votes)
    for kind in (SourceKind.FUNCTION, SourceKind.PERSON):
        kinds = (*votes.kinds, kind)
        nothing = np.empty(0, np.int64)
        joined = _with_source(votes, kinds, nothing, nothing, complete=kind.chooses)
        np.testing.assert_allclose(_probability(model, joined), before, atol=TOLERANCE)


def equal_duplicates_are_a_unit_of_weight_two(model: LabelModel, votes: VoteMatrix) -> None:
    """A unit that stands for two gives what two units with the same votes give."""
    twice = _rebuilt(
        votes,
        unit=np.concatenate([votes.unit, votes.unit + votes.units]),
        source=np.tile(votes.source, 2),
        label=np.tile(votes.label, 2),
        units=2 * votes.units,
        weight=None if votes.weight is None else np.tile(votes.weight, 2),
        confidence=None if votes.confidence is None else np.tile(votes.confidence, 2),
    )
    heavy = replace(votes, weight=2 * votes.weights())
    expected = _probability(model, heavy)
    found = _probability(model, twice)
    np.testing.assert_allclose(found[: votes.units], expected, atol=TOLERANCE)
    np.testing.assert_allclose(found[votes.units :], expected, atol=TOLERANCE)


def shards_give_the_same_fit(model: LabelModel, fit: LabelModelFit, votes: VoteMatrix) -> None:
    """A fit of parts of the votes, added up, says of each unit what one of all votes says."""
    before = _probability(model, votes)
    after = model.posterior(fit, votes).probability
    np.testing.assert_allclose(after, before, atol=TOLERANCE)


def an_update_by_all_units_is_a_new_fit(
    model: UpdatingLabelModel, before: VoteMatrix, after: VoteMatrix
) -> None:
    """Updated by all units, changed or not, a fit says what a new fit says."""
    fit = model.update(model.fit(before), before, after)
    found = model.posterior(fit, after).probability
    np.testing.assert_allclose(found, _probability(model, after), atol=TOLERANCE)


def an_update_is_near_a_new_fit(
    model: LabelModel,
    updated: LabelModelFit,
    votes: VoteMatrix,
    *,
    most: float = 0.05,
    mean: float = 0.005,
    other: float = 0.01,
) -> None:
    """An updated fit differs little from a new one.

    Args:
        model: of both.
        updated: the fit that was updated, to these votes.
        votes: all votes.
        most: by how much any probability may differ.
        mean: by how much they may differ on average.
        other: of what share of the units another class may be the most probable one.
    """
    found = model.posterior(updated, votes).probability
    new = _probability(model, votes)
    apart = np.abs(found - new)
    assert apart.max(initial=0) <= most, f"a probability differs by {apart.max():.3f}"
    assert apart.mean() <= mean, f"probabilities differ by {apart.mean():.4f} on average"
    moved = (found.argmax(axis=1) != new.argmax(axis=1)).mean()
    assert moved <= other, f"{moved:.2%} of the labels differ"


def the_posterior_is_bayes_rule(model: LabelModel, fit: LabelModelFit, votes: VoteMatrix) -> None:
    """Enumerated: prior times likelihood of every act, over their sum, unit by unit.

    For additive models on votes without gold; slow, for tiny votes.
    """
    found = model.posterior(fit, votes).probability
    dense = {
        (int(unit), int(source)): int(label)
        for unit, source, label in zip(votes.unit, votes.source, votes.label, strict=True)
    }
    for unit in np.flatnonzero(votes.covered):
        joint = np.exp(fit.class_score)
        for source, subtype in product(range(votes.sources), range(len(joint))):
            usual = ABSTAINED if votes.complete[source] else None
            label = dense.get((int(unit), source), usual)
            if label == ABSTAINED:
                joint[subtype] *= np.exp(fit.abstain_score[source, subtype])
            elif label is not None:
                joint[subtype] *= np.exp(fit.vote_score[source, label, subtype])
        cooled = joint.reshape(fit.classes, -1).sum(axis=1) ** (1 / fit.heat)
        np.testing.assert_allclose(found[unit], cooled / cooled.sum(), atol=1e-9)


def it_recovers_a_known_truth(
    model: LabelModel, votes: VoteMatrix, truth: NDArray[np.int64], least: float
) -> None:
    """On votes drawn from a known truth, at least the share `least` of covered labels is right."""
    posterior = model.posterior(model.fit(votes), votes)
    right = (posterior.label == truth)[posterior.covered]
    assert right.mean() >= least, f"{right.mean():.3f} of the labels are right, not {least}"


def simulated_votes(
    confusion: Array,
    balance: Array,
    units: int,
    rng: np.random.Generator,
    *,
    coverage: float | Array = 1.0,
    kind: SourceKind = SourceKind.PERSON,
) -> tuple[VoteMatrix, NDArray[np.int64]]:
    """Votes drawn from the Dawid-Skene model, and the truth behind them.

    Args:
        confusion: P(vote is column | class is row), shape (sources, classes, classes).
        balance: how frequent each class is, shape (classes,).
        units: how many.
        rng: where chance comes from.
        coverage: how often a source votes, a number or by source and class, shape (sources,
            classes).
        kind: of all sources.
    """
    sources, classes, _ = confusion.shape
    truth = rng.choice(classes, size=units, p=balance)
    often = np.broadcast_to(coverage, (sources, classes))
    edges = confusion.cumsum(axis=2)
    dense = np.full((units, sources), ABSTAINED)
    for source in range(sources):
        draw = rng.random(units)
        label = (draw[:, None] > edges[source, truth]).sum(axis=1).clip(max=classes - 1)
        dense[:, source] = np.where(rng.random(units) < often[source, truth], label, ABSTAINED)
    matrix = VoteMatrix.from_dense(dense, classes=classes, kinds=[kind] * sources)
    return matrix, truth


def _probability(model: LabelModel, votes: VoteMatrix) -> Array:
    return model.posterior(model.fit(votes), votes).probability


def _rebuilt(votes: VoteMatrix, **changes: object) -> VoteMatrix:
    build: Callable[..., VoteMatrix] = VoteMatrix.build
    names = [*VoteMatrix.__dataclass_fields__]
    return build(**{**{name: getattr(votes, name) for name in names}, **changes})


def _with_source(
    votes: VoteMatrix,
    kinds: tuple[SourceKind, ...],
    unit: NDArray[np.int64],
    label: NDArray[np.int64],
    *,
    complete: bool,
) -> VoteMatrix:
    """The votes with one more source at the end."""
    confidence = votes.confidence
    if confidence is not None:
        confidence = np.append(confidence, np.full(len(unit), np.nan, np.float32))
    return _rebuilt(
        votes,
        unit=np.append(votes.unit, unit),
        source=np.append(votes.source, np.full(len(unit), votes.sources)),
        label=np.append(votes.label, label),
        kinds=kinds,
        complete=np.append(votes.complete, complete),
        accuracies=np.append(votes.accuracies, np.nan),
        confidence=confidence,
    )
