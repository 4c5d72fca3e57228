"""What a random share of answers says about all items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.core.errors import DataError
from labelwright.quality.intervals import LEVEL, wilson


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share among all items, estimated from few.

    Attributes:
        value: the estimate by inverse probability, 0 to 1; NaN without answers.
        low: the lower end of its interval.
        high: the upper end.
        answers: how many answers it rests on.
        effective: how many answers of equal weight would say as much.
    """

    value: float
    low: float
    high: float
    answers: int
    effective: float

    @property
    def tested(self) -> float:
        """How many plain answers it is worth: `effective`, at most as many as there were."""
        return min(self.effective, float(self.answers))

    @property
    def mistakes(self) -> float:
        """How many of these were wrong."""
        return (1 - self.value) * self.tested if self.answers else 0.0


def accuracy_of_all(
    correct: ArrayLike, probability: ArrayLike, *, level: float = LEVEL
) -> Estimate:
    """The share of all items that are right, from randomly drawn ones.

    Each answer stands for 1 / probability items (Hajek's ratio form of the estimator of Horvitz
    and Thompson: it stays within 0..1 and needs no number of items). The interval is Wilson's
    for the effective number of answers (Kish), which counts more as the drawn items approach
    all items.

    Use the picks marked random, alone: the others are the hard ones, and are no sample.

    Args:
        correct: whether the label or prediction proved right, shape (answers,).
        probability: with which each item was drawn, above 0, at most 1, shape (answers,).
        level: of the interval.

    Raises:
        DataError: shapes that differ, a probability outside 0..1 or 0.

    Reference:
        D. G. Horvitz, D. J. Thompson: A Generalization of Sampling Without Replacement from a
        Finite Universe. JASA 47(260), 1952. https://doi.org/10.1080/01621459.1952.10483446;
        E. L. Korn, B. I. Graubard: Confidence Intervals For Proportions With Small Expected
        Number of Positive Counts Estimated From Survey Data. Survey Methodology 24(2), 1998
        (intervals for an effective sample size; it has no DOI).
    """
    right, chance = np.asarray(correct, np.float64), np.asarray(probability, np.float64)
    if right.shape != chance.shape or right.ndim != 1:
        raise DataError(f"one probability per answer, got {chance.shape} for {right.shape}")
    if not np.all((chance > 0) & (chance <= 1)):
        raise DataError("the probability with which an item was drawn is above 0 and at most 1")
    if not np.all((right == 0) | (right == 1)):
        raise DataError("an answer proves a label right (1) or wrong (0), nothing between")
    if not len(right):
        return Estimate(float("nan"), 0.0, 1.0, 0, 0.0)
    weight = 1 / chance
    value = float(np.average(right, weights=weight))
    # The variance of Hajek's estimator is p(1-p) * sum((1 - chance) weight^2) / sum(weight)^2
    # for answers drawn independently; one over its factor is the effective number of answers.
    spread = float(((1 - chance) * weight**2).sum() / weight.sum() ** 2)
    if spread == 0:
        return Estimate(value, value, value, len(right), float("inf"))
    found = wilson(value / spread, 1 / spread, level)
    return Estimate(value, float(found.low), float(found.high), len(right), 1 / spread)
