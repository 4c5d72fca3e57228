"""What the units of an item say together.

Everywhere `unit_item` is the row of the item that each unit belongs to, rising, every item at
least once, shape (units,); None where the unit is the item, whose value is then its own.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)

UNIT_PRICE = 0.1
"""What an answer costs for each unit of the item after the first, with which it costs 1.

Where units take no time at all to where they take all of it, this is never far from right: at
least 93 % of what knowing the true price would gain (benchmarks/quality/unit_price.py).
"""


def of_items(
    value: NDArray[np.float64], unit_item: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """What the units of each item are worth together, per cost of an answer. Shape (items,)."""
    if unit_item is None:
        return value
    start = starts(unit_item)
    units = np.diff(start, append=len(unit_item))
    found: NDArray[np.float64] = np.add.reduceat(value, start)
    return found / (1 + UNIT_PRICE * (units - 1))


def heaviest(value: NDArray[np.float64], unit_item: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """The unit of each item whose value is highest, of equals the first. Shape (items,)."""
    if unit_item is None:
        return np.arange(len(value))
    order = np.lexsort((-value, unit_item))
    # Units stay among those of their item, so that each item's best is where its units start.
    return order[starts(unit_item)]


def least(value: NDArray[Value], unit_item: NDArray[np.int64] | None) -> NDArray[Value]:
    """The lowest value among the units of each item; of flags, whether all are set. (items,)."""
    if unit_item is None:
        return value
    found: NDArray[Value] = np.minimum.reduceat(value, starts(unit_item))
    return found


def most(value: NDArray[Value], unit_item: NDArray[np.int64] | None) -> NDArray[Value]:
    """The highest value among the units of each item; of flags, whether any is set. (items,)."""
    if unit_item is None:
        return value
    found: NDArray[Value] = np.maximum.reduceat(value, starts(unit_item))
    return found


def starts(unit_item: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first unit of each item, shape (items,)."""
    return np.flatnonzero(np.diff(unit_item, prepend=-1)).astype(np.int64)
