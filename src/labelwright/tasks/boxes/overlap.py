"""Which boxes lie upon which, over all items at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PAIRS = 1 << 20
"""So many pairs are measured at once: memory stays small however crowded an item is."""


class Pairs(NamedTuple):
    """Pairs of boxes of one item.

    Attributes:
        one: positions on the first side, shape (pairs,).
        other: positions on the second side, shape (pairs,).
        iou: their intersection over union, shape (pairs,).
    """

    one: Ints
    other: Ints
    iou: Floats

    def only(self, rows: Ints | NDArray[np.bool_]) -> Pairs:
        """These of the pairs."""
        return Pairs(self.one[rows], self.other[rows], self.iou[rows])


def overlapping(one: Floats, other: Floats, start: Ints, end: Ints, least: float) -> Pairs:
    """The pairs that overlap by at least so much.

    Args:
        one: boxes x0, y0, x1, y1, shape (n, 4).
        other: likewise, shape (m, 4).
        start: the first row of `other` that each row of `one` is held against, shape (n,).
        end: the row after the last, shape (n,).
        least: the least intersection over union, above 0.
    """
    found = [_measured(one, other, rows, start, end, least) for rows in _portions(end - start)]
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def matched(pairs: Pairs, order: Ints) -> Ints:
    """The pairs that are kept where every box has at most one partner, best pairs first.

    Args:
        pairs: the pairs that may be.
        order: the pairs from the best to the worst, without ties, shape (pairs,).
    """
    one, other = pairs.one[order], pairs.other[order]
    first_of_one = np.zeros(one.max(initial=-1) + 1, np.int64)
    first_of_other = np.zeros(other.max(initial=-1) + 1, np.int64)
    taken = np.zeros(len(first_of_one), bool), np.zeros(len(first_of_other), bool)
    left = np.arange(len(order))
    kept = []
    while len(left):
        # Of several values for one place numpy keeps the last, which is the best pair.
        first_of_one[one[left[::-1]]] = left[::-1]
        first_of_other[other[left[::-1]]] = left[::-1]
        best = left[(first_of_one[one[left]] == left) & (first_of_other[other[left]] == left)]
        kept.append(best)
        taken[0][one[best]] = True
        taken[1][other[best]] = True
        left = left[~(taken[0][one[left]] | taken[1][other[left]])]
    return order[np.sort(np.concatenate(kept))] if kept else order


def rows_of(item: Ints, of_items: Ints) -> tuple[Ints, Ints]:
    """Where the rows of each of these items start and end in a rising column of items."""
    return np.searchsorted(item, of_items), np.searchsorted(item, of_items, side="right")


def _portions(counts: Ints) -> Iterator[slice]:
    """Slices of rows with few pairs each; a single one where there are no rows."""
    total = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(total[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(total, before + PAIRS, side="right")))
        yield slice(start, end)
        start = end
    if not len(counts):
        yield slice(0, 0)


def _measured(
    one: Floats, other: Floats, rows: slice, start: Ints, end: Ints, least: float
) -> Pairs:
    count = end[rows] - start[rows]
    left = np.repeat(np.arange(rows.start, rows.stop), count)
    run_start = np.cumsum(count) - count
    right = np.arange(len(left)) + np.repeat(start[rows] - run_start, count)
    shared = _shared_length(one, other, left, right, 0)
    near = shared > 0
    left, right, shared = left[near], right[near], shared[near]
    shared *= np.maximum(_shared_length(one, other, left, right, 1), 0)
    iou = shared / (_area(one)[left] + _area(other)[right] - shared)
    near = iou >= least
    return Pairs(left[near], right[near], iou[near])


def _shared_length(one: Floats, other: Floats, left: Ints, right: Ints, axis: int) -> Floats:
    """How far two boxes overlap along an axis; negative where they lie apart."""
    end = np.minimum(one[left, axis + 2], other[right, axis + 2])
    return end - np.maximum(one[left, axis], other[right, axis])


def _area(box: Floats) -> Floats:
    area: Floats = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    return area
