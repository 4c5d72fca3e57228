"""Some of very many units, for the steps of a fit that only have to come near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

SAMPLE_UNITS = 1 << 17
"""Votes on many more units than these are first fitted on about so many."""
SAMPLE_SHARE = 16
"""But on no less than this part of them, 1 in 16."""
BLOCK_UNITS = 512
"""The sample is blocks of neighbours, so that taking it copies slices."""


def one_in(units: int) -> int:
    """One in how many blocks of units is enough; 1 where there are few."""
    return max(1, units // max(SAMPLE_UNITS, units // SAMPLE_SHARE))


def thinned(votes: VoteMatrix, stride: int | None = None, first: int = 0) -> VoteMatrix:
    """Some of the units, evenly spread, with their votes; all of them where they are few.

    Args:
        votes: some units in a row of all that are to be thinned.
        stride: one block of units in so many is taken; by default as fits `votes` alone.
        first: the place of the first unit among all. A unit is taken or not by its place among
            all, so that votes in several parts give the same sample as votes in one.
    """
    stride = one_in(votes.units) if stride is None else stride
    if stride <= 1:
        return votes
    length = stride * BLOCK_UNITS
    starts = np.arange(-(first % length), votes.units, length)
    ends = np.minimum(starts + BLOCK_UNITS, votes.units)
    inside = ends > 0
    return stretches(votes, np.maximum(starts, 0)[inside], ends[inside])


def stretches(votes: VoteMatrix, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> VoteMatrix:
    """The units starts[i]..ends[i] of every i in a row, with their votes."""
    sizes = ends - starts
    unit = _ranges(starts, sizes)
    votes_on = np.diff(votes.start)[unit]
    rows = _ranges(votes.start[unit], votes_on)
    place = np.repeat(np.arange(len(unit), dtype=np.int32), votes_on)
    return votes.on_units(unit, rows, place, len(unit))


def joined(parts: Sequence[VoteMatrix]) -> VoteMatrix:
    """The units of all parts in a row, with their votes.

    Args:
        parts: of the same sources, classes, subsets and opinions; at least one.
    """
    if len(parts) == 1:
        return parts[0]
    firsts = np.cumsum([0, *(part.units for part in parts)])
    weighted = any(part.weight is not None for part in parts)
    some_picked = any(part.picked is not None for part in parts)
    return replace(
        parts[0],
        unit=np.concatenate(
            [part.unit + np.int32(first) for part, first in zip(parts, firsts, strict=False)]
        ),
        source=np.concatenate([part.source for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        units=int(firsts[-1]),
        weight=np.concatenate([part.weights() for part in parts]) if weighted else None,
        picked=np.concatenate([part.was_picked() for part in parts]) if some_picked else None,
        confidence=_concatenated([part.confidence for part in parts], parts, np.nan, np.float32),
        opinion=_concatenated([part.opinion for part in parts], parts, -1, np.int32),
    )


def _concatenated(
    columns: Sequence[NDArray[Any] | None], parts: Sequence[VoteMatrix], empty: float, kind: Any
) -> NDArray[Any] | None:
    """The columns in a row, filled up where a part has none; None if no part has."""
    if all(column is None for column in columns):
        return None
    return np.concatenate(
        [
            np.full(len(part.unit), empty, kind) if column is None else column
            for column, part in zip(columns, parts, strict=True)
        ]
    )


def _ranges(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """starts[i], starts[i] + 1, ..., so many as sizes[i] says, for every i in a row."""
    places = np.cumsum(sizes) - sizes
    return np.repeat(starts - places, sizes) + np.arange(sizes.sum())
