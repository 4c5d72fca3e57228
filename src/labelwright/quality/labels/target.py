"""Which labels can be taken over at a stated quality, and whether an audit shows it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from labelwright.core.errors import DataError
from labelwright.quality.intervals import clopper_pearson

ONE_SIDED = 0.9
"""The level of a two-sided interval whose lower end alone holds with 95 %."""


def certified(right: int, audited: int, target: float) -> bool:
    """Whether this audit shows, with 95 % confidence, that the target share is right.

    It holds if the lower end of the exact one-sided interval reaches the target.

    Raises:
        DataError: more right than audited, a target outside 0..1.
    """
    _check_target(target)
    return bool(clopper_pearson(right, audited, ONE_SIDED).low >= target)


def wrong_allowed(audited: int, target: float) -> int:
    """How many of an audit may be wrong for it to show the target; -1 if even none may.

    Raises:
        DataError: a negative number, a target outside 0..1.

    Example:
        >>> wrong_allowed(200, 0.98), wrong_allowed(100, 0.98)
        (0, -1)
    """
    _check_target(target)
    if audited < 1:
        return -1
    # The bound falls with every mistake, so that those that pass come first.
    wrong = np.arange(int(np.ceil(audited * (1 - target))) + 1)
    low = clopper_pearson(audited - wrong, np.full(len(wrong), audited), ONE_SIDED).low
    return int((low >= target).sum()) - 1


def promising(audited: int, target: float) -> float:
    """The share right from which on an audit of so many shows the target as often as not.

    It is above the target, by the width of what so few answers leave open, and below 1.

    Raises:
        DataError: so few cannot show it even if all are right, or a target outside 0..1.

    Example:
        >>> round(promising(200, 0.95), 3), round(promising(60, 0.95), 3)
        (0.977, 0.988)
    """
    from scipy.special import betaincinv

    allowed = wrong_allowed(audited, target)
    if allowed < 0:
        raise DataError(f"{audited} answers cannot show {target:.5g}; {least_audit(target):,} can")
    # Of answers that are wrong with this chance, at most those allowed are in half of all audits.
    return 1 - float(betaincinv(allowed + 1, audited - allowed, 0.5))


def least_audit(target: float) -> int:
    """How many must be audited so that the target can be shown at all: if not one is wrong.

    Raises:
        DataError: a target outside 0..1.

    Example:
        >>> least_audit(0.98)
        149
    """
    _check_target(target)
    # Without a mistake among n, the lower end of the interval is the n-th root of 5 %.
    return math.ceil(math.log((1 - ONE_SIDED) / 2) / math.log(target))


def most_above(confidence: ArrayLike, target: float) -> float | None:
    """The lowest confidence from which on items are right as often as the target, on average.

    Args:
        confidence: the probability that each item's label is right, shape (items,).
        target: their mean from there on up.

    Returns:
        The threshold; None if not even the surest items are right so often.

    Raises:
        DataError: confidences or a target outside 0..1.
    """
    _check_target(target)
    falling = -np.sort(-np.asarray(confidence, np.float64))
    if len(falling) and not (falling[0] <= 1 and falling[-1] >= 0):
        raise DataError("a confidence lies in 0..1")
    mean = np.cumsum(falling) / np.arange(1, len(falling) + 1)
    # Equal confidences are taken over together or not at all.
    last = np.append(falling[1:] < falling[:-1], True)[: len(falling)]
    enough = np.flatnonzero((mean >= target) & last)
    return float(falling[enough[-1]]) if len(enough) else None


def _check_target(target: float) -> None:
    if not 0 < target < 1:
        raise DataError(f"a target is a share between 0 and 1, got {target}")
