"""Votes as independent sources would cast them again: what every label model here assumes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

STEPS = 4
"""Of expectation maximisation: label models that restrain what they say of single sources
would otherwise be blamed for it, while many steps would explain copies as accuracy."""
PRIOR_VOTES = 2.0
CLOSEST_TO_CERTAIN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Replicator:
    """Sources that are independent given the class, and otherwise like those of the votes.

    Attributes:
        votes: whose questions are asked again: a source that sees all units is asked about all
            of them, another one about those that it was asked about.
        asked: the unit and source of every question, by unit, then source, shapes (questions,).
        balance: of the classes over all units, shape (classes,).
        propensity: P(source votes | asked, class), shape (sources, classes).
        confusion: P(source votes column | class is row, it votes), (sources, classes, classes).
    """

    votes: VoteMatrix
    asked: tuple[Indices, Indices]
    balance: Array
    propensity: Array
    confusion: Array

    @classmethod
    def of(
        cls,
        fit: LabelModelFit,
        posterior: Posterior,
        votes: VoteMatrix,
        asked: tuple[Indices, Indices] | None = None,
    ) -> Replicator:
        """The independent sources that explain the votes best, looked for close to the fit.

        Args:
            fit: of a label model.
            posterior: what it says of the units.
            votes: what it was fitted to.
            asked: the questions, if they are known.
        """
        asked = _questions(votes) if asked is None else asked
        found = _counted(votes, asked, posterior.probability, fit.confusion)
        for _ in range(STEPS):
            found = _counted(votes, asked, found.posterior(), found.confusion)
        return found

    def draw(self, rng: np.random.Generator) -> VoteMatrix:
        """Votes on as many units, of which every source was asked about the same ones."""
        votes = self.votes
        truth = rng.choice(votes.classes, votes.units, p=self.balance)
        unit, source = self.asked
        cast = rng.random(len(unit)) < self.propensity[source, truth[unit]]
        stays = cast | ~votes.complete[source]
        unit, source, cast = unit[stays], source[stays], cast[stays]
        steps = np.cumsum(self.confusion, axis=2)[source, truth[unit], :-1]
        said = (rng.random(len(unit))[:, None] > steps).sum(axis=1)
        return replace(
            votes,
            unit=unit.astype(np.int32),
            source=source.astype(np.int32),
            label=np.where(cast, said, ABSTAINED).astype(np.int16),
            confidence=None,
            opinion=None,
        )

    def posterior(self) -> Array:
        """P(class) of every unit by Bayes' rule, silence included, shape (units, classes)."""
        votes = self.votes
        log_balance = np.log(np.maximum(self.balance, CLOSEST_TO_CERTAIN))
        cast = np.clip(self.propensity, CLOSEST_TO_CERTAIN, 1 - CLOSEST_TO_CERTAIN)
        silence = np.log(1 - cast)
        complete = votes.complete[:, None]
        base = log_balance + np.where(complete, silence, 0.0).sum(axis=0)
        # Where a source sees all units, its silence is in the base, and a vote takes it out.
        active = np.log(cast) - np.where(complete, silence, 0.0)
        says = np.log(np.maximum(self.confusion, CLOSEST_TO_CERTAIN)) + active[:, :, None]
        still = np.where(complete, 0.0, silence)
        label = np.maximum(votes.label, 0)
        score = np.empty((votes.classes, votes.units))
        for truth in range(votes.classes):
            effect = np.where(
                votes.voted, says[votes.source, truth, label], still[votes.source, truth]
            )
            score[truth] = base[truth] + np.bincount(votes.unit, effect, votes.units)
        score = np.exp(score - score.max(axis=0))
        return (score / score.sum(axis=0)).T


def expected_votes(votes: VoteMatrix, probability: Array) -> Array:
    """How often each source voted column where the class is row, (sources, classes, classes).

    Args:
        votes: the votes, of which partial ones are left out; a unit counts by its weight.
        probability: of every unit's class, shape (units, classes).
    """
    found = np.empty((votes.sources, votes.classes, votes.classes))
    whole = votes.voted & (votes.label < votes.classes)
    unit = votes.unit[whole]
    cell = votes.source[whole].astype(np.int64) * votes.classes + votes.label[whole]
    weight = votes.weights()[unit]
    for truth in range(votes.classes):
        count = np.bincount(cell, weight * probability[unit, truth], votes.sources * votes.classes)
        found[:, truth] = count.reshape(votes.sources, votes.classes)
    return found


def _counted(
    votes: VoteMatrix, asked_of: tuple[Indices, Indices], probability: Array, usual: Array
) -> Replicator:
    """What the sources do, counted by these probabilities of the units' classes."""
    voted = expected_votes(votes, probability)
    weighed = probability * votes.weights()[:, None]
    mass = weighed.sum(axis=0)
    noted = np.stack(
        [np.bincount(votes.source, column[votes.unit], votes.sources) for column in weighed.T],
        axis=1,
    )
    asked = np.where(votes.complete[:, None], mass, noted)
    cast = voted.sum(axis=2)
    rate = cast.sum(axis=1, keepdims=True) / np.maximum(asked.sum(axis=1, keepdims=True), 1)
    confusion = voted + PRIOR_VOTES * usual
    return Replicator(
        votes=votes,
        asked=asked_of,
        balance=mass / mass.sum(),
        # A class that hardly occurs says nothing of how often a source votes on it.
        propensity=np.minimum((cast + rate) / (asked + 1), 1),
        confusion=confusion / confusion.sum(axis=2, keepdims=True),
    )


def _questions(votes: VoteMatrix) -> tuple[Indices, Indices]:
    """The unit and source of every question, in the order of a vote matrix."""
    everywhere = np.flatnonzero(votes.complete)
    noted = ~votes.complete[votes.source]
    all_units = np.repeat(np.arange(votes.units), len(everywhere))
    unit = np.concatenate([all_units, votes.unit[noted].astype(np.int64)])
    source = np.concatenate(
        [np.tile(everywhere, votes.units), votes.source[noted].astype(np.int64)]
    )
    order = np.lexsort((source, unit))
    return unit[order], source[order]
