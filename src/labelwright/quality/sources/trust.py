"""How far each person can be trusted, from test questions whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.quality.intervals import LEVEL

EXPECTED = 0.8
STRENGTH = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """The posterior accuracy of people. All shapes (people,).

    Attributes:
        value: the mean of the posterior.
        low: the lower end of its equal-tailed interval.
        high: the upper end.
        right: how many test questions each answered right.
        tested: how many each answered.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    right: NDArray[np.int64]
    tested: NDArray[np.int64]


def trust(
    right: ArrayLike,
    tested: ArrayLike,
    *,
    expected: float = EXPECTED,
    strength: float = STRENGTH,
    level: float = LEVEL,
) -> Trust:
    """What test questions say about people, on top of what is expected of anybody.

    The prior is a Beta distribution that counts as `strength` test questions, of which the share
    `expected` was answered right.

    Args:
        right: how many test questions each answered right, shape (people,).
        tested: how many each answered, shape (people,).
        expected: accuracy of somebody of whom nothing is known, between 0 and 1.
        strength: how many test questions that is worth, above 0.
        level: of the interval.

    Raises:
        DataError: more right than tested, shapes that differ, a setting out of range.

    Example:
        >>> found = trust([9, 2], [10, 10])
        >>> found.value.round(2).tolist()
        [0.88, 0.3]
    """
    from scipy.special import betaincinv

    hits, total = np.asarray(right, np.int64), np.asarray(tested, np.int64)
    if hits.shape != total.shape or hits.ndim != 1:
        raise DataError(f"one count of tests per person, got shapes {hits.shape}, {total.shape}")
    if not np.all((hits >= 0) & (hits <= total)):
        raise DataError("right answers must lie between 0 and the number of test questions")
    if not (0 < expected < 1 and 0 < strength < np.inf and 0 < level < 1):
        raise DataError(
            "expected and level lie between 0 and 1 and strength is above 0, got "
            f"{expected}, {level} and {strength}"
        )
    good = hits + expected * strength
    bad = total - hits + (1 - expected) * strength
    tail = (1 - level) / 2
    return Trust(
        value=good / (good + bad),
        low=np.asarray(betaincinv(good, bad, tail), np.float64),
        high=np.asarray(betaincinv(good, bad, 1 - tail), np.float64),
        right=hits,
        tested=total,
    )
