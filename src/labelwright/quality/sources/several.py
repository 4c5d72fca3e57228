"""Shares, conflicts and hits of votes, some of which name several classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix


def class_shares(
    votes: VoteMatrix, source: NDArray[np.int32], label: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Which share of each source's votes goes to each class, partial votes divided evenly."""
    cells = np.bincount(source * votes.labels + label, minlength=votes.sources * votes.labels)
    parts = votes.members / votes.members.sum(axis=1, keepdims=True)
    counts = cells.reshape(votes.sources, votes.labels)
    share: NDArray[np.float64] = counts @ parts / np.maximum(counts.sum(axis=1), 1)[:, None]
    return share


def judged_votes(
    votes: VoteMatrix,
    unit: NDArray[np.int32],
    source: NDArray[np.int32],
    label: NDArray[np.int64],
    known: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many votes of each source gold can judge, and how many of these name its class."""
    judged = known[unit] >= 0
    hit = judged & votes.members[label, known[unit]]
    tested = np.bincount(source[judged], minlength=votes.sources)
    return tested, np.bincount(source[hit], minlength=votes.sources)


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
