"""Sources that copy each other share their weight; those that are both right do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels.evidence.sampling import thinned
from labelwright.labelmodels.evidence.scoring import Array, ScoreSums, choosing, models
from labelwright.labelmodels.evidence.shard_sums import Total

OVERLAP_UNITS = 1 << 16
"""How alike sources vote is measured on so many units; more would not change it."""
LEAST_EXCESS = 0.1
"""Less agreement than this beyond the expected is no sign of copying: the expected is judged by a
posterior that is not sure yet, so that good sources seem to agree a little too much, and a source
that is mostly wrong would gain weight over them."""
FEW = 10.0
"""Shared votes that count half: two or three of them may be alike by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlap(Total):
    """How many votes, pairs of unit and label, automatic sources have in common.

    People are left out: they answer what they were given.

    Attributes:
        shared: shape (automatic sources, automatic sources).
    """

    shared: Array

    @classmethod
    def of(cls, votes: VoteMatrix) -> Overlap:
        """The overlap on these units, from a sample where they are many."""
        from scipy import sparse

        some = thinned(votes, max(1, votes.units // OVERLAP_UNITS))
        automatic = choosing(some) | models(some)
        count, labels = int(automatic.sum()), some.labels
        taken = some.voted & automatic[some.source]
        unit = some.unit[taken]
        act = (np.cumsum(automatic) - 1)[some.source[taken]] * labels + some.label[taken]
        start = np.append(0, np.cumsum(np.bincount(unit, minlength=some.units)))
        cells = np.sqrt(some.weights()[unit]), act, start
        cast = sparse.csr_array(cells, shape=(some.units, count * labels))
        both = (cast.T @ cast).tocoo()
        row, column = both.coords
        same = row % labels == column % labels
        pair = row[same] // labels * count + column[same] // labels
        shared = np.bincount(pair, both.data[same], count * count).astype(np.float64, copy=False)
        return cls(shared.reshape(count, count) * (votes.units / max(some.units, 1)))


def discounts(overlap: Overlap, automatic: NDArray[np.bool_], tally: ScoreSums) -> Array:
    """What a vote of each source counts, 1 if nobody copies it. Shape (sources,).

    With J the Jaccard index of two sources' votes (pairs of unit and label) and E the index that
    they would have if within every class they voted independently, the source j counts

        1 / (1 + sum_i (J_ji - E_ji) / (1 - E_ji)),

    the sum being over sources for which the fraction is at least `LEAST_EXCESS`, each times n / (n
    + `FEW`) with n votes in common. So copies together count as one, and any number of good
    sources, which agree because each is right, count in full.

    Args:
        overlap: of the sources that are compared.
        automatic: which these are; the others count 1.
        tally: of the units, for how many of each class got a vote.
    """
    shared = overlap.shared
    counts = np.ones(len(automatic))
    if not shared.size:
        return counts
    own = np.diag(shared)
    expected = _expected(tally, automatic)
    union = own[:, None] + own - shared
    excess = (shared - expected) / np.maximum(union - expected, 1e-9)
    excess[(shared <= 0) | (excess < LEAST_EXCESS)] = 0
    excess *= shared / (shared + FEW)
    np.fill_diagonal(excess, 1)
    counts[automatic] = 1 / np.maximum(np.clip(excess, 0, 1).sum(axis=1), 1)
    return counts


def _expected(tally: ScoreSums, automatic: NDArray[np.bool_]) -> Array:
    """How many votes two sources would share if only the class made them agree."""
    share = tally.voted[automatic] / np.sqrt(np.maximum(tally.classes, 1e-9))
    flat = share.reshape(len(share), -1)
    expected: Array = flat @ flat.T
    return expected
