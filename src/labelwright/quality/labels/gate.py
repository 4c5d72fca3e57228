"""May a new model take the place of the old one? Both are judged on the same items."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.quality.intervals import LEVEL, bootstrap


class Verdict(StrEnum):
    """What the comparison says."""

    BETTER = "better"
    """The whole interval of the difference is above zero."""
    NOT_WORSE = "not worse"
    """The interval shows that no more than the tolerance is lost."""
    UNCLEAR = "unclear"
    """The test slice cannot tell, and what it shows is within the tolerance."""
    SEEMS_WORSE = "seems worse"
    """The test slice cannot tell, but it shows a loss above the tolerance."""
    WORSE = "worse"
    """The whole interval is below zero, and the loss above the tolerance."""


@dataclass(frozen=True, slots=True)
class MeasureDifference:
    """A new model beside an old one on the same items.

    Attributes:
        items: how many.
        old: accuracy of the old model.
        new: accuracy of the new one.
        low: lower end of the interval of new - old (paired bootstrap).
        high: upper end.
        gained: items that only the new one gets right.
        lost: items that only the old one gets right.
        p: McNemar's exact test that both are equally good.
        noticed: the loss that this slice would show with a probability of 80 %.
        verdict: what it says.
    """

    items: int
    old: float
    new: float
    low: float
    high: float
    gained: int
    lost: int
    p: float
    noticed: float
    verdict: Verdict

    def passes(self, *, strict: bool) -> bool:
        """Whether the new model may be published.

        Args:
            strict: whether it must be shown that no more than the tolerance is lost.
        """
        shown = self.verdict in (Verdict.BETTER, Verdict.NOT_WORSE)
        return shown or (self.verdict is Verdict.UNCLEAR and not strict)


def compare_models(
    old: ArrayLike,
    new: ArrayLike,
    rng: np.random.Generator,
    *,
    tolerance: float = 0.0,
    level: float = LEVEL,
    repeats: int = 2_000,
) -> MeasureDifference:
    """Whether a new model is worse than an old one, from what each gets right.

    Args:
        old: whether the old model is right on each item, shape (items,).
        new: likewise, the same items.
        rng: draws the bootstrap samples.
        tolerance: so much accuracy may be lost.
        level: of the interval.
        repeats: how many samples are drawn.

    Raises:
        DataError: no items, or not the same number.

    Reference:
        Q. McNemar: Note on the Sampling Error of the Difference between Correlated Proportions
        or Percentages. Psychometrika 12, 1947. https://doi.org/10.1007/BF02295996

    Example:
        >>> found = compare_models([1, 1, 0], [1, 0, 0], np.random.default_rng(0))
        >>> found.gained, found.lost, round(found.new - found.old, 3)
        (0, 1, -0.333)
    """
    right_old, right_new = np.asarray(old, bool), np.asarray(new, bool)
    if right_old.shape != right_new.shape or right_old.ndim != 1 or not len(right_old):
        raise DataError("both models must be judged on the same items, at least one")
    gap = right_new.astype(np.float64) - right_old
    found = bootstrap(
        lambda drawn: float(gap[drawn].mean()), len(gap), rng, repeats=repeats, level=level
    )
    gained, lost = int((gap > 0).sum()), int((gap < 0).sum())
    low, high = float(found.low), float(found.high)
    return MeasureDifference(
        items=len(gap),
        old=float(right_old.mean()),
        new=float(right_new.mean()),
        low=low,
        high=high,
        gained=gained,
        lost=lost,
        p=_mcnemar(gained, lost),
        noticed=_noticed(gap, level),
        verdict=_verdict(float(gap.mean()), low, high, tolerance),
    )


def _verdict(mean: float, low: float, high: float, tolerance: float) -> Verdict:
    if low > 0:
        return Verdict.BETTER
    if low >= -tolerance:
        return Verdict.NOT_WORSE
    if mean >= -tolerance:
        return Verdict.UNCLEAR
    return Verdict.WORSE if high < 0 else Verdict.SEEMS_WORSE


def _mcnemar(gained: int, lost: int) -> float:
    """How likely so uneven a split of the items on which they differ is by chance."""
    from scipy.special import bdtr

    differ = gained + lost
    return min(1.0, float(2 * bdtr(min(gained, lost), differ, 0.5))) if differ else 1.0


def _noticed(gap: NDArray[np.float64], level: float) -> float:
    from scipy.special import ndtri

    error = float(gap.std() / np.sqrt(len(gap)))
    reach: Any = ndtri((1 + level) / 2) + ndtri(0.8)
    return error * float(reach)
