"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.quality.intervals import wilson

BINS = 15
TRUST_BINS = 10
REPEATS = 500
LEAST = 1e-12
"""A probability of zero for what happened counts as this, so that one miss is not infinite."""


class Binning(StrEnum):
    """How confidences are cut into bins."""

    WIDTH = "width"
    MASS = "mass"


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The reliability table: how often each degree of confidence was right.

    Attributes:
        confidence: mean confidence of each bin that holds items, shape (bins,), rising.
        accuracy: the share of its items that are right, shape (bins,).
        count: how many items it holds, shape (bins,).
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]

    @property
    def error(self) -> float:
        """The expected calibration error: sum of count/n |accuracy - confidence|; NaN if empty."""
        if not len(self.count):
            return float("nan")
        return float(np.average(np.abs(self.accuracy - self.confidence), weights=self.count))

    @property
    def worst(self) -> float:
        """The maximum calibration error, the gap of the worst bin; NaN if empty."""
        return float(np.abs(self.accuracy - self.confidence).max()) if len(self.count) else np.nan


def reliability(
    probability: ArrayLike, truth: ArrayLike, *, bins: int = BINS, binning: Binning | str = "width"
) -> Reliability:
    """The reliability table of the most probable class.

    Args:
        probability: shape (items, classes).
        truth: class index, -1 where unknown (left out), shape (items,).
        bins: how many; bins without items are left out.
        binning: ``width``: bin k of K holds confidences in ((k-1)/K, k/K], as Guo et al. do.
            ``mass``: items sorted by confidence, cut into K runs whose sizes differ by at most
            one, equal confidences staying in one run, namely the earliest, as Nguyen and
            O'Connor do but for the ties.

    Raises:
        DataError: shapes that do not match, a truth that is no class, fewer than one bin.

    Reference:
        M. P. Naeini, G. F. Cooper, M. Hauskrecht: Obtaining Well Calibrated Probabilities Using
        Bayesian Binning. AAAI 2015. https://doi.org/10.1609/aaai.v29i1.9602;
        C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger: On Calibration of Modern Neural Networks.
        ICML 2017, equations 2, 3 and 5. https://doi.org/10.48550/arXiv.1706.04599;
        K. Nguyen, B. O'Connor: Posterior calibration and exploratory analysis for natural
        language processing models. EMNLP 2015. https://doi.org/10.18653/v1/D15-1182
    """
    rows, labels = known(probability, truth)
    right = rows.argmax(axis=1) == labels if len(rows) else np.zeros(0, bool)
    return reliability_of(rows.max(axis=1, initial=0.0), right, bins=bins, binning=binning)


def reliability_of(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    bins: int = BINS,
    binning: Binning | str = "width",
) -> Reliability:
    """The reliability table of single answers; bins as in `reliability`.

    Args:
        confidence: 0..1, shape (answers,).
        right: whether each is, shape (answers,).
        bins: how many.
        binning: how they are cut.

    Raises:
        DataError: fewer than one bin.
    """
    if bins < 1:
        raise DataError(f"calibration needs at least one bin, got {bins}")
    if Binning(binning) is Binning.WIDTH:
        # Rounding must not lift 0.3 * 10 above 3.
        place = np.clip(np.ceil(confidence * bins - 1e-9) - 1, 0, bins - 1).astype(np.int64)
    else:
        ordered = np.sort(confidence)
        earliest = np.searchsorted(ordered, confidence)
        place = earliest * bins // max(len(ordered), 1)
    count = np.bincount(place, minlength=bins)
    used = count > 0
    return Reliability(
        confidence=np.bincount(place, confidence, bins)[used] / count[used],
        accuracy=np.bincount(place, right, bins)[used] / count[used],
        count=count[used],
    )


def calibration_error(
    probability: ArrayLike, truth: ArrayLike, *, bins: int = BINS, binning: Binning | str = "width"
) -> float:
    """The expected calibration error (ECE); arguments and definition as in `reliability`."""
    return reliability(probability, truth, bins=bins, binning=binning).error


def log_loss(probability: ArrayLike, truth: ArrayLike) -> float:
    """The mean negative log likelihood of the truth, in nats; NaN without truth.

    Arguments as in `reliability`. Probabilities below 1e-12 count as 1e-12.
    """
    rows, labels = known(probability, truth)
    if not len(rows):
        return float("nan")
    return float(-np.log(np.maximum(rows[np.arange(len(rows)), labels], LEAST)).mean())


def brier_score(probability: ArrayLike, truth: ArrayLike) -> float:
    """The mean squared distance of the rows from the truth, 0 to 2; NaN without truth.

    Arguments as in `reliability`. This is the original score over all classes; for two classes
    it is twice the one-class score that others report.

    Reference:
        G. W. Brier: Verification of Forecasts Expressed in Terms of Probability. Monthly Weather
        Review 78(1), 1950. https://doi.org/10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2
    """
    rows, labels = known(probability, truth)
    if not len(rows):
        return float("nan")
    gap = rows.copy()
    gap[np.arange(len(rows)), labels] -= 1
    return float((gap**2).sum(axis=1).mean())


def known(
    probability: ArrayLike, truth: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The rows whose truth is known, and their truth.

    Raises:
        DataError: shapes that do not match, a truth that is no class.
    """
    rows, labels = np.asarray(probability, np.float64), np.asarray(truth, np.int64)
    if rows.ndim != 2 or labels.shape != rows.shape[:1]:
        raise DataError(
            "probabilities have shape (items, classes) and truth shape (items,), "
            f"got {rows.shape} and {labels.shape}"
        )
    if labels.max(initial=-1) >= rows.shape[1]:
        raise DataError(f"truth names class {labels.max()}, but there are {rows.shape[1]} classes")
    is_known = labels >= 0
    return rows[is_known], labels[is_known]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How far confidences can be trusted, as far as verified items tell.

    Attributes:
        items: how many items it rests on.
        table: the reliability table, bins of equal mass.
        low: the lower ends of the 95 % intervals of its accuracies (Wilson), shape (bins,).
        high: the upper ends.
        confidence: the mean confidence of these items.
        accuracy: the share of them that is right.
        error: the expected calibration error; NaN without items.
        error_low: the lower end of its 95 % interval; 0 where chance makes as much of no error.
        error_high: the upper end.
        by_chance: the error that perfectly calibrated confidences stay below in 95 of 100 samples
            of this size; what is above it is real.
    """

    items: int
    table: Reliability
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    confidence: float
    accuracy: float
    error: float
    error_low: float
    error_high: float
    by_chance: float

    @property
    def trustworthy(self) -> bool:
        """Whether the data leave it open that confidences mean what they say."""
        return not self.error > self.by_chance

    def sentence(self) -> str:
        """What it comes to, in plain words with numbers."""
        said = (
            f"mean confidence {self.confidence:.1%} where {self.accuracy:.1%} are right; "
            f"calibration error {self.error:.1%} "
            f"(95% interval {self.error_low:.1%}-{self.error_high:.1%}), "
        )
        if self.trustworthy:
            return f"{said}no more than chance makes of {self.items:,} items ({self.by_chance:.1%})"
        how = "over" if self.confidence > self.accuracy else "under"
        return f"{said}{how}-confident: chance would make at most {self.by_chance:.1%}"


def calibration(
    probability: ArrayLike,
    truth: ArrayLike,
    rng: np.random.Generator,
    *,
    bins: int = TRUST_BINS,
    repeats: int = REPEATS,
) -> Calibration:
    """How far the confidences of the most probable class can be trusted.

    The error of a sample is too large on the mean, and that of a resample more so: the interval
    is the basic (reflected) bootstrap's, which takes the excess off. Whether there is an error at
    all is asked the other way round, by drawing what would be right if the confidences were true
    (consistency resampling).

    Args:
        probability: shape (items, classes).
        truth: class index, -1 where unknown (left out), shape (items,).
        rng: draws the resamples.
        bins: how many, of equal mass.
        repeats: how many resamples.

    Raises:
        DataError: as `reliability`.

    Reference:
        J. Bröcker, L. A. Smith: Increasing the Reliability of Reliability Diagrams. Weather and
        Forecasting 22(3), 2007. https://doi.org/10.1175/WAF993.1;
        A. C. Davison, D. V. Hinkley: Bootstrap Methods and their Application. Cambridge 1997,
        section 5.2, for the basic interval. https://doi.org/10.1017/CBO9780511802843
    """
    rows, labels = known(probability, truth)
    table = reliability(rows, labels, bins=bins, binning=Binning.MASS)
    total = len(rows)
    ends = wilson(np.round(table.accuracy * table.count), table.count)
    if not total:
        nothing = float("nan")
        return Calibration(0, table, ends.low, ends.high, *[nothing] * 6)
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    place = np.searchsorted(np.cumsum(table.count), np.arange(total), side="right")
    sure, gap = confidence[order], (right - confidence)[order]
    shape = (repeats, len(table.count))
    # Sums of many gaps, whose resamples are as good as normal.
    spread = np.sqrt(np.bincount(place, gap**2)), np.sqrt(np.bincount(place, sure * (1 - sure)))
    resampled = _error(rng.normal(np.bincount(place, gap), spread[0], shape), total)
    ideal = _error(rng.normal(0, spread[1], shape), total)
    low, high = 2 * table.error - np.quantile(resampled, [0.975, 0.025])
    by_chance = float(np.quantile(ideal, 0.95))
    return Calibration(
        items=total,
        table=table,
        low=ends.low,
        high=ends.high,
        confidence=float(confidence.mean()),
        accuracy=float(right.mean()),
        error=table.error,
        error_low=float(np.clip(low, 0, table.error)) if table.error > by_chance else 0.0,
        error_high=float(np.clip(high, table.error, 1)),
        by_chance=by_chance,
    )


def _error(gap: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """The expected calibration error of each row of gaps between right and sure, by bin."""
    error: NDArray[np.float64] = np.abs(gap).sum(axis=1) / total
    return error
