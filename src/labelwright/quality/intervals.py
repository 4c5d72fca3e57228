"""Intervals that say how sure a share is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Lower and upper ends, each of the shape of what was asked.

    Attributes:
        low: not above the estimate.
        high: not below the estimate.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> Interval:
    """The score interval of shares; (0, 1) where there are no trials.

    Its coverage is near the level even for few trials and shares near 0 or 1. Trials may be
    fractions, as an effective number is.

    Raises:
        DataError: successes outside 0..trials, a level outside 0..1.

    Reference:
        E. B. Wilson: Probable Inference, the Law of Succession, and Statistical Inference. JASA
        22(158), 1927. https://doi.org/10.1080/01621459.1927.10502953

    Example:
        >>> found = wilson(81, 263)
        >>> float(found.low.round(4)), float(found.high.round(4))
        (0.2553, 0.3662)
    """
    hits, total = _checked(successes, trials, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = np.divide(hits, total, out=np.zeros_like(total), where=total > 0)
    middle = total * share + z**2 / 2
    reach = z * np.sqrt(total * share * (1 - share) + z**2 / 4)
    # Rounding must not push an end past the estimate, nor out of 0..1.
    low = np.clip((middle - reach) / (total + z**2), 0, share)
    high = np.clip((middle + reach) / (total + z**2), share, 1)
    return Interval(np.where(hits == 0, 0.0, low), np.where(hits == total, 1.0, high))


def jeffreys(successes: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> Interval:
    """The equal-tailed interval of a Beta(1/2, 1/2) prior, with the ends 0 and 1 kept in.

    Raises:
        DataError: successes outside 0..trials, a level outside 0..1.

    Reference:
        L. D. Brown, T. T. Cai, A. DasGupta: Interval Estimation for a Binomial Proportion.
        Statistical Science 16(2), 2001, section 4.3. https://doi.org/10.1214/ss/1009213286
    """
    from scipy.special import betaincinv

    hits, total = _checked(successes, trials, level)
    tail = (1 - level) / 2
    low = betaincinv(hits + 0.5, total - hits + 0.5, tail)
    high = betaincinv(hits + 0.5, total - hits + 0.5, 1 - tail)
    return Interval(np.where(hits == 0, 0.0, low), np.where(hits == total, 1.0, high))


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> Interval:
    """The exact interval: it covers the truth at least as often as the level says.

    Raises:
        DataError: successes outside 0..trials, a level outside 0..1.

    Reference:
        C. J. Clopper, E. S. Pearson: The Use of Confidence or Fiducial Limits Illustrated in the
        Case of the Binomial. Biometrika 26(4), 1934. https://doi.org/10.1093/biomet/26.4.404
    """
    from scipy.special import betaincinv

    hits, total = _checked(successes, trials, level)
    tail = (1 - level) / 2
    low = betaincinv(np.maximum(hits, 1e-300), total - hits + 1, tail)
    high = betaincinv(hits + 1, np.maximum(total - hits, 1e-300), 1 - tail)
    return Interval(np.where(hits == 0, 0.0, low), np.where(hits == total, 1.0, high))


def bootstrap(
    statistic: Callable[[NDArray[np.int64]], float],
    size: int,
    rng: np.random.Generator,
    *,
    repeats: int = 1_000,
    level: float = LEVEL,
) -> Interval:
    """The percentile interval of any statistic of `size` items. Both ends are numbers.

    Args:
        statistic: takes the positions of the items that were drawn, shape (size,).
        size: how many items there are, at least 1.
        rng: draws the items.
        repeats: how often.
        level: how much of the distribution lies inside.

    Raises:
        DataError: no items, a level outside 0..1.

    Reference:
        B. Efron: Bootstrap Methods: Another Look at the Jackknife. Annals of Statistics 7(1),
        1979. https://doi.org/10.1214/aos/1176344552
    """
    if size < 1:
        raise DataError("the bootstrap needs at least one item to draw from")
    _check_level(level)
    values = [statistic(rng.integers(size, size=size)) for _ in range(repeats)]
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(np.asarray(low), np.asarray(high))


def _checked(
    successes: ArrayLike, trials: ArrayLike, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    hits, total = np.broadcast_arrays(
        np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    )
    if not np.all((hits >= 0) & (hits <= total)):
        raise DataError("successes must lie between 0 and the number of trials")
    _check_level(level)
    return hits, total


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise DataError(f"the level of an interval lies between 0 and 1, got {level}")
