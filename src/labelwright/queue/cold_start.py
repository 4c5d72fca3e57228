"""What to ask before there is anything to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Picks, Pool
from labelwright.queue.clusters import cluster, finite
from labelwright.queue.per_item import most, of_items
from labelwright.queue.reasons import DIVIDED, UNCOVERED, UNREMARKABLE, typical
from labelwright.queue.selection import candidates, chosen, ranked

MAX_CLUSTERS = 256
TINY = 5


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Picks the most typical items of clusters in the embedding.

    There are as many clusters as questions asked so far and now. Clusters with the fewest
    answers come first, of these the largest; those of fewer than five items, which are typical
    of nothing, come last. Items that may not be asked about count as answered while they are
    few (at most 256); where there are more, most are held back for other reasons, and they are
    ignored.

    Without an embedding, items with divided votes come first, then those that no source votes
    on, then any.

    Reference:
        G. Hacohen, A. Dekel, D. Weinshall: Active Learning on a Budget: Opposite Strategies Suit
        High and Low Budgets. ICML 2022. https://doi.org/10.48550/arXiv.2202.02794. Typical here
        means near the centre of the cluster rather than in its densest place.
    """

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """Askable items of the largest groups that nobody has looked at."""
        return self.among(pool, candidates(pool), count, rng)

    def among(
        self, pool: Pool, rows: NDArray[np.int64], count: int, rng: np.random.Generator
    ) -> Picks:
        """The picks among these rows; all other items count as answered."""
        count = min(count, len(rows))
        if pool.embedding is None or count == 0:
            return _by_sources(pool, rows, count, rng)
        return _by_clusters(pool, pool.embedding, rows, count, rng)


def _by_sources(pool: Pool, rows: NDArray[np.int64], count: int, rng: np.random.Generator) -> Picks:
    divided = of_items(np.nan_to_num(pool.disagreement), pool.unit_item)
    covered = most(pool.covered, pool.unit_item)
    # Uncovered items have no divided votes, so they rank between the divided and the agreed.
    score = np.where(divided > 0, 1 + divided, np.where(covered, 0.0, 1.0))
    position = ranked(rows, score[rows], rng)[:count]
    return chosen(position, [_reason(divided[row], covered[row]) for row in position])


def _reason(divided: float, covered: bool) -> str:
    if divided > 0:
        return DIVIDED
    return UNREMARKABLE if covered else UNCOVERED


def _by_clusters(
    pool: Pool,
    embedding: NDArray[np.float32],
    rows: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> Picks:
    held_back = np.setdiff1d(np.arange(len(pool.item)), rows)
    answered = held_back if len(held_back) <= MAX_CLUSTERS else held_back[:0]
    members = np.concatenate([rows, answered])
    points = finite(embedding[members])
    # Single precision cannot tell points apart that are far from the origin.
    points -= points.mean(axis=0)
    found = cluster(points, min(count + len(answered), MAX_CLUSTERS), rng)

    groups = int(found.label.max()) + 1
    label, distance = found.label[: len(rows)], found.distance[: len(rows)]
    asked = np.bincount(found.label[len(rows) :], minlength=groups)
    size = np.bincount(label, minlength=groups)
    before = asked[label] + _place_in_group(label, distance, rng)
    # The last key counts most.
    ties = rng.random(len(rows))
    best = np.lexsort((ties, -size[label], before, size[label] < TINY))[:count]
    return chosen(rows[best], [typical(size[label[b]], asked[label[b]]) for b in best])


def _place_in_group(
    label: NDArray[np.int64], distance: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """How many members of its group are more central, shape (items,); ties at random."""
    order = np.lexsort((rng.random(len(label)), distance, label))
    starts = np.searchsorted(label[order], label[order])
    place = np.empty(len(label), np.int64)
    place[order] = np.arange(len(label)) - starts
    return place
