"""Functions that copy each other share their weight; those that are both right do not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels.scoring import Array, Tally

OVERLAP_UNITS = 100_000
"""How alike sources vote is measured on so many units; more would not change it."""
ROWS = 512
"""So many sources at a time are compared with all."""

UNJUDGED = 1 / 3
"""What another vote on the same unit leaves of a vote as confirmed by nothing but itself."""


def discounts(
    votes: VoteMatrix, chooses: NDArray[np.bool_], tally: Tally, exponent: float
) -> Array:
    """What a vote of each source counts, 1 if nobody copies it. Shape (sources,).

    With J the Jaccard index of two sources' votes (pairs of unit and label) and E the index that
    they would have if within every class they voted independently, the source j counts

        (1 + sum_i max(0, J_ji - E_ji) / (1 - E_ji))^-exponent,

    so that n copies together count n^(1 - exponent) and any number of good sources, which agree
    because each is right, count in full.

    Args:
        votes: of all sources.
        chooses: which sources are compared; the others count 1.
        tally: of the units, for how many of each class got a vote.
        exponent: 0 for no discount, 1 to let copies share one vote.
    """
    stride = -(-votes.units // OVERLAP_UNITS)
    taken = votes.voted & chooses[votes.source]
    if stride > 1:
        taken &= votes.unit % stride == 0
    if not exponent or not taken.any():
        return np.ones(votes.sources)
    row, column, both, union = _overlap(votes, taken, stride)
    expected = _expected(tally, row, column) / stride
    excess = (both - expected) / np.maximum(union - expected, 1e-9)
    excess[row == column] = 1
    alike = np.bincount(row, np.clip(excess, 0, 1), minlength=votes.sources)
    return np.where(chooses, np.maximum(alike, 1) ** -exponent, 1.0)


def unjudged_votes(votes: VoteMatrix, discounts: Array) -> Array:
    """How many votes for each class nobody else judges, shape (sources, classes).

    Alone on its unit a vote counts 1; every other vote there, as far as it is discounted no copy,
    leaves a third of that.
    """
    unit, source = votes.unit[votes.voted], votes.source[votes.voted]
    judges = np.bincount(unit, discounts[source], votes.units)[unit] - discounts[source]
    share = votes.weights()[unit] * UNJUDGED**judges
    # Partial votes judge, but say too little to be counted for a class.
    label = votes.label[votes.voted]
    whole = label < votes.classes
    act = source[whole] * np.int64(votes.classes) + label[whole]
    shape = votes.sources, votes.classes
    counts = np.bincount(act, share[whole], shape[0] * shape[1]).astype(np.float64, copy=False)
    return counts.reshape(shape)


def _overlap(votes: VoteMatrix, taken: NDArray[np.bool_], stride: int) -> tuple[Any, ...]:
    """Pairs of sources with a vote in common: both numbers, how many they share, and have."""
    from scipy import sparse

    unit, source = votes.unit[taken], votes.source[taken]
    what = unit.astype(np.int64) // stride * votes.labels + votes.label[taken]
    width = (votes.units // stride + 1) * votes.labels
    weight = np.sqrt(votes.weights()[unit])
    cast = sparse.csr_array((weight, (source, what)), shape=(votes.sources, width))
    shared = (cast @ cast.T).tocoo()
    own = np.bincount(source, weight**2, minlength=votes.sources)
    row, column = shared.coords
    return row, column, shared.data, own[row] + own[column] - shared.data


def _expected(tally: Tally, row: Any, column: Any) -> Array:
    """How many votes each pair of sources would share if only the class made them agree."""
    share = tally.voted / np.sqrt(np.maximum(tally.classes, 1e-9))
    flat = share.reshape(len(share), -1)
    expected = np.empty(len(row))
    for first in range(0, len(flat), ROWS):
        here = (row >= first) & (row < first + ROWS)
        block = flat[first : first + ROWS] @ flat.T
        expected[here] = block[row[here] - first, column[here]]
    return expected
