"""Units with the same votes, counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels.evidence.sampling import stretches

MOST_PATTERNS = 1 << 16
"""More patterns of votes are not counted apart: it would gain little."""
LEAST_REPEATED = 8
"""A pattern must stand for so many units on average, or counting costs more than it saves."""
GLANCE_UNITS = 1 << 14
"""So many units tell whether patterns repeat."""


def condensed(votes: VoteMatrix) -> VoteMatrix:
    """A weighted unit for every pattern of votes, if few of them repeat often, as with rules.

    Otherwise the votes as they are. A fit of either is the same.
    """
    told = votes.confidence is not None or votes.opinion is not None
    if told or votes.units < GLANCE_UNITS:
        return votes
    glance = stretches(votes, *_spread_out(votes.units))
    if len(np.unique(_names(glance, 0))) * 2 > glance.units:
        return votes
    coded = pa.array(_names(votes, 0)).dictionary_encode()
    patterns = len(coded.dictionary)
    if patterns > min(MOST_PATTERNS, votes.units // LEAST_REPEATED):
        return votes
    place = coded.indices.to_numpy().astype(np.int64)
    # The first unit of each pattern, in order, since codes are given at first sight.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(place), prepend=-1))
    other = _names(votes, 1)
    if not np.array_equal(other[first][place], other):
        return votes
    count = np.bincount(place, votes.weight, patterns).astype(np.float64, copy=False)
    return replace(stretches(votes, first, first + 1), weight=count)


def _spread_out(units: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts = np.linspace(0, units - 1, GLANCE_UNITS).astype(np.int64)
    return starts, starts + 1


def _names(votes: VoteMatrix, kind: int) -> NDArray[np.int64]:
    """A number for every unit that is the same for the same votes, and differs otherwise.

    It is a sum of random numbers, one for each thing that a source can say. That two units of
    different votes get the same has a chance of 2^-64; that of two kinds of names, 2^-128.
    """
    said = votes.source * np.int64(votes.labels + 1) + (votes.label + np.int64(1))
    word = np.random.default_rng([kind, 7]).integers(
        -(1 << 63), (1 << 63) - 1, votes.sources * (votes.labels + 1)
    )
    names = np.zeros(votes.units, np.int64)
    some = np.flatnonzero(np.diff(votes.start))
    if len(some):
        names[some] = np.add.reduceat(word[said], votes.start[some])
    # A unit that was picked out for gold judges nothing, whatever its votes: it is another one.
    return names if votes.picked is None else np.where(votes.picked, ~names, names)
