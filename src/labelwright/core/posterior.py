"""What a label model gives: how good each source is, and what the labels probably are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.identity import digest


@dataclass(frozen=True, eq=False)
class LabelModelFit:
    """What a label model learnt from votes.

    Votes are weighed by adding scores: the log-odds of a unit's classes are `class_score` plus,
    for every source, the row of `vote_score` that its vote selects. That makes every label
    explainable as a sum, and every posterior one pass over the votes. Where classes have
    *subtypes*, such as clear and divided units, scores are of these (those of a class are
    neighbours), and a class has the probability of all of its subtypes.

    Attributes:
        model: the name of the method.
        class_prior: the estimated class balance, shape (classes,), sums to 1.
        confusion: P(source votes column | class is row, source voted), shape (sources, classes,
            classes).
        accuracy: P(source is right | it voted), shape (sources,); NaN if it never voted.
        class_score: the log score of each subtype before any vote, shape (subtypes,); without
            subtypes, of each class.
        vote_score: what a vote adds to each subtype's log score, shape (sources, classes voted,
            subtypes).
        abstain_score: what an abstention adds, shape (sources, subtypes).
        share: how much of a vote each source's votes count, as where copies share one, shape
            (sources,); None for whole votes. The scores are already multiplied by it; partial
            votes are read with it.
        claim_score: log P(confidence | the vote is wrong, right) of every source by step of
            confidence, shape (sources, steps, 2); None if the method reads no confidences.
        heat: by which the log-odds of the classes are divided in the end, as where votes on one
            unit err together; it moves no label, only how sure it is.
        history: the log likelihood (or bound) after each step, if the method is iterative.
        extra: what else the method learnt, by name; arrays only.
    """

    model: str
    class_prior: NDArray[np.float64]
    confusion: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    class_score: NDArray[np.float64]
    vote_score: NDArray[np.float64]
    abstain_score: NDArray[np.float64]
    history: tuple[float, ...] = ()
    share: NDArray[np.float64] | None = None
    claim_score: NDArray[np.float64] | None = None
    heat: float = 1.0
    extra: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def sources(self) -> int:
        """How many sources the fit knows."""
        return len(self.accuracy)

    @property
    def classes(self) -> int:
        """How many classes the fit knows."""
        return len(self.class_prior)

    @property
    def subtypes(self) -> int:
        """How many subtypes each class has; 1 if there are none."""
        return len(self.class_score) // self.classes

    @cached_property
    def id(self) -> str:
        """The hash of all that was learnt."""
        return digest(self)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Probabilistic labels.

    Attributes:
        probability: shape (units, classes), rows sum to 1; a label model gives single precision
            where there are many units.
        covered: whether any source voted on the unit, shape (units,). Where none did, the row
            is the model's guess without evidence.
        fit: the id of the fit it came from, empty if it came from none.

    Raises:
        VotesError: rows that do not sum to 1, values outside 0..1, shapes that do not match.
    """

    probability: NDArray[np.float64]
    covered: NDArray[np.bool_]
    fit: str = ""

    def __post_init__(self) -> None:
        if self.probability.ndim != 2 or self.covered.shape != self.probability.shape[:1]:
            raise VotesError("a posterior has shape (units, classes) and one covered flag a unit")
        rows = self.probability.sum(axis=1)
        rows -= 1
        # Written so that NaN fails it.
        sums_to_one = max(rows.max(initial=0), -rows.min(initial=0)) <= 2e-4
        if not (sums_to_one and self.probability.min(initial=0) >= 0):
            raise VotesError("the rows of a posterior must be probabilities that sum to 1")

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.probability)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return self.probability.shape[1]

    @cached_property
    def label(self) -> NDArray[np.int64]:
        """The most probable class of every unit; of equals the first. Shape (units,)."""
        return self.probability.argmax(axis=1)

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of that class, shape (units,)."""
        best: NDArray[np.float64] = self.probability.max(axis=1)
        return best

    @cached_property
    def entropy(self) -> NDArray[np.float64]:
        """The doubt that is left, in nats, shape (units,)."""
        logs = np.log(np.where(self.probability > 0, self.probability, 1))
        doubt: NDArray[np.float64] = -(self.probability * logs).sum(axis=1)
        return doubt
