"""Which votes contradict each other, where some name several classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix


def in_conflict(
    votes: VoteMatrix, unit: NDArray[np.int32], label: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Per vote, whether some vote on the unit leaves none of the classes that it leaves."""
    cells = unit.astype(np.int64) * votes.labels + label
    voted, place = np.unique(cells, return_inverse=True)
    on, said = np.divmod(voted, votes.labels)
    meets = (votes.members.astype(np.int64) @ votes.members.T) > 0
    starts = np.searchsorted(on, np.arange(votes.units + 1))
    width = starts[1:] - starts[:-1]
    other = np.repeat(starts[on], width[on]) + _counted(width[on])
    me = np.repeat(np.arange(len(on)), width[on])
    apart = np.bincount(me, ~meets[said[me], said[other]], len(on)) > 0
    found: NDArray[np.bool_] = apart[place]
    return found


def _counted(size: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 to each size, one after the other."""
    ends = np.cumsum(size)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - size, size)
