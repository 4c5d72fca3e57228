"""A batch of valuable items that are not all the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.queue.clusters import finite, squared_distances

NEAR = 0.05
"""Nearer than this share of the typical distance, two items are near-duplicates."""
TYPICAL_SAMPLE = 256
FLOOR = 1e-6
"""What an item without any value is worth, so that novelty still tells such items apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Where the items lie.

    Attributes:
        point: coordinates, shape (items, dimensions).
        centre: near the middle of them; distances are taken from there, because single precision
            cannot tell points apart that are far from the origin and near each other.
        typical: the median distance of two different items; 0 if all are equal.
    """

    point: NDArray[np.float32]
    centre: NDArray[np.float32]
    typical: float

    @classmethod
    def of(cls, point: NDArray[np.float32], rng: np.random.Generator) -> Space:
        """The space of these coordinates, judged by a sample of 256 of them."""
        size = min(len(point), TYPICAL_SAMPLE)
        some = finite(point[rng.choice(len(point), size=size, replace=False)])
        centre = some.mean(axis=0)
        apart = np.sqrt(squared_distances(some - centre, some - centre))
        # Duplicates may be the majority; rounding puts them a tiny distance apart.
        apart = apart[apart > 1e-3 * apart.max()]
        return cls(point, centre, float(np.median(apart)) if len(apart) else 0.0)

    def novelty(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far rows are from the nearest of the others: 0 is the same, 1 typical or more."""
        if not len(others) or self.typical == 0:
            return np.ones(len(rows))
        here = finite(self.point[rows]) - self.centre
        there = finite(self.point[others]) - self.centre
        nearest = np.sqrt(squared_distances(here, there).min(axis=1))
        return np.minimum(nearest / self.typical, 1)


def by_turns(
    rows: NDArray[np.int64],
    value: NDArray[np.float64],
    group: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """The rows by falling value over the root of their place in their group, ties at random.

    So that the head of the order holds the best of many groups.
    """
    shuffled = rng.permutation(rows)
    order = shuffled[np.lexsort((-value[shuffled], group[shuffled]))]
    place = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    worth = np.empty(len(value))
    worth[order] = value[order] / np.sqrt(1 + place)
    return shuffled[np.argsort(-worth[shuffled], kind="stable")]


def spread(
    order: NDArray[np.int64],
    count: int,
    value: NDArray[np.float64],
    group: NDArray[np.int64],
    *,
    space: Space | None = None,
    before: NDArray[np.int64] | None = None,
    shortlist: int = 300,
) -> NDArray[np.int64]:
    """`count` rows, or all, greedily: valuable, far from those before, of groups in turn.

    Only a shortlist is compared. When all its items are near-duplicates of chosen ones, the next
    shortlist follows; near-duplicates come only when nothing else is left.

    Args:
        order: rows to choose from, those for the first shortlist first.
        count: how many.
        value: what an answer is worth, >= 0, shape (items,).
        group: items of one group teach much the same, shape (items,).
        space: where the items lie; None if nothing is known about that.
        before: rows chosen already, of which there shall be no near-duplicates.
        shortlist: how many items are compared at a time, at least four times `count`.
    """
    picked: list[int] = []
    taken = np.zeros(int(group.max(initial=0)) + 1)
    step = max(shortlist, 4 * count)
    left = order[:0]
    for start in range(0, len(order), step):
        if len(picked) >= count:
            break
        rows = order[start : start + step]
        earlier = np.array(picked, np.int64)
        earlier = earlier if before is None else np.concatenate([earlier, before])
        novelty = np.ones(len(rows)) if space is None else space.novelty(rows, earlier)
        while len(picked) < count and novelty.max() > NEAR:
            worth = (value[rows] + FLOOR) * novelty / np.sqrt(1 + taken[group[rows]])
            # A near-duplicate is out of the race, whatever its value.
            best = int(np.where(novelty > NEAR, worth, -1).argmax())
            picked.append(int(rows[best]))
            taken[group[rows[best]]] += 1
            if space is not None:
                novelty = np.minimum(novelty, space.novelty(rows, rows[best : best + 1]))
            novelty[best] = 0
        left = np.concatenate([left, rows[~np.isin(rows, picked)]])
    return np.concatenate([np.array(picked, np.int64), left[: count - len(picked)]])
