"""A batch of the worthiest items of many places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.queue.clusters import cluster, finite
from labelwright.queue.spread import FLOOR, NEAR, Space


def diverse(
    rows: NDArray[np.int64],
    count: int,
    worth: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    embedding: NDArray[np.float32] | None = None,
    before: NDArray[np.int64],
    breadth: int = 10,
) -> NDArray[np.int64]:
    """`count` of the rows, or all, the worthiest first.

    With an embedding, the worthiest items, `breadth` for each that is wanted, are put into as
    many clusters as are wanted, each item pulling its centre by its worth; from every cluster
    comes the item nearest to the centre. Of near-duplicates, of each other or of `before`, only
    one comes while there is anything else among them.

    Args:
        rows: to choose from.
        count: how many.
        worth: of an answer, not below 0, shape (items,).
        rng: breaks ties and seeds the clusters.
        embedding: where all items lie, shape (items, dimensions); None if nobody knows.
        before: rows chosen already, of which there shall be no near-duplicates.
        breadth: at least 1.
    """
    wide = max(breadth * count, 1)
    shortlist = _worthiest(rows, wide if embedding is not None else count, worth, rng)
    if embedding is None or len(shortlist) <= 1:
        return shortlist[:count]
    space = Space.of(embedding[np.concatenate([shortlist, before])], rng)
    places, others = np.arange(len(shortlist)), len(shortlist) + np.arange(len(before))
    fresh = space.novelty(places, others) > NEAR
    central = _central(shortlist[fresh], count, worth, embedding, rng)
    left = shortlist[~np.isin(shortlist, central)]
    # Leftovers come by worth: first those that are no near-duplicates of what is chosen.
    chosen = np.flatnonzero(np.isin(shortlist, central))
    at = np.flatnonzero(~np.isin(shortlist, central))
    novel = space.novelty(at, np.concatenate([chosen, others])) > NEAR
    left = np.concatenate([left[novel], left[~novel]])[: count - len(central)]
    return np.concatenate([central[np.argsort(-worth[central], kind="stable")], left])


def _central(
    rows: NDArray[np.int64],
    count: int,
    worth: NDArray[np.float64],
    embedding: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """The row nearest to the centre of each of at most `count` clusters."""
    if not len(rows):
        return rows
    points = finite(embedding[rows])
    # Single precision cannot tell points apart that are far from the origin.
    found = cluster(points - points.mean(axis=0), count, rng, worth[rows] + FLOOR)
    order = np.lexsort((found.distance, found.label))
    _, first = np.unique(found.label[order], return_index=True)
    return rows[order[first]]


def _worthiest(
    rows: NDArray[np.int64], count: int, worth: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The `count` rows of highest worth, highest first, ties at random."""
    shuffled = rng.permutation(rows)
    if count < len(shuffled):
        shuffled = shuffled[np.argpartition(-worth[shuffled], count)[:count]]
    return shuffled[np.argsort(-worth[shuffled], kind="stable")]
