"""The shares by which votes are compared with what a label model implies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.quality.sources.accord import LEAST_SOURCES, expected_accord

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SOURCES = 100
LEAST_VOTES = 20
"""Shares of fewer votes or common units are not compared: they could say nothing."""


class Aspect(StrEnum):
    """What is compared; the value says of what the share is."""

    AGREEMENT = "common items on which two sources agree"
    OVERLAP = "items of the rarer source on which another one votes too"
    VOTE_SHARE = "votes of a source that name a class"
    SILENCE = "items on which nobody votes"
    CONFLICT = "items on which sources contradict each other"


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What is compared, in the order in which `shares` gives it.

    Attributes:
        busy: the sources that are compared, the busiest ones; gold is above checks.
        pairs: of places in `busy`, with enough common units.
        firing: likewise, of sources that see all units.
        said: places in `busy`, and classes.
        overall: what is asked of all sources together.
    """

    busy: Indices
    pairs: tuple[Indices, Indices]
    firing: tuple[Indices, Indices]
    said: tuple[Indices, Indices]
    overall: tuple[Aspect, ...]

    @classmethod
    def about(cls, votes: VoteMatrix) -> Questions:
        """What can be asked of these votes: nothing to which there is but one answer."""
        number = np.where([kind is SourceKind.GOLD for kind in votes.kinds], 0, votes.vote_count)
        busy = np.argsort(-number, kind="stable")[:SOURCES]
        busy = np.sort(busy[number[busy] >= LEAST_VOTES])
        both, _, count = _together(votes, busy)
        complete = votes.complete[busy]
        # Two rules for one class each always agree or never, and all they vote is that class.
        named = count > 0
        single = named.sum(axis=1) == 1
        asked_for = named & ~single[:, None]
        if votes.classes == 2:
            asked_for[:, 1] = False  # it is one less the other
        silent = (Aspect.SILENCE,) if complete.any() else ()
        return cls(
            busy=busy,
            pairs=_upper((both >= LEAST_VOTES) & ~np.outer(single, single)),
            firing=_upper(np.outer(complete, complete)),
            said=_nonzero(asked_for),
            overall=(*silent, Aspect.CONFLICT) if len(busy) else (),
        )

    def columns(self) -> tuple[tuple[Aspect, ...], Indices, Indices, Indices]:
        """Aspect, first and second source, and class of every check."""
        sizes = (len(self.pairs[0]), len(self.firing[0]), len(self.overall), len(self.said[0]))
        none = [np.full(size, -1) for size in sizes]
        aspects = (
            *[Aspect.AGREEMENT] * sizes[0],
            *[Aspect.OVERLAP] * sizes[1],
            *self.overall,
            *[Aspect.VOTE_SHARE] * sizes[3],
        )
        busy = self.busy
        first = [busy[self.pairs[0]], busy[self.firing[0]], none[2], busy[self.said[0]]]
        second = [busy[self.pairs[1]], busy[self.firing[1]], none[2], none[3]]
        label = [*none[:3], self.said[1]]
        return aspects, np.concatenate(first), np.concatenate(second), np.concatenate(label)

    def shares(self, votes: VoteMatrix) -> tuple[Array, Array, Array]:
        """Of all but the vote shares: the share, NaN of nothing; of what; the usual agreement."""
        both, same, count = _together(votes, self.busy)
        weight = votes.weights()
        silent = weight[~votes.covered].sum()
        conflict = weight[votes.disagreement > 0].sum()
        overall = [silent, conflict][-len(self.overall) :] if self.overall else []
        fewer = np.minimum.outer(np.diag(both), np.diag(both))
        part = np.concatenate([same[self.pairs], both[self.firing], overall])
        whole = np.concatenate(
            [both[self.pairs], fewer[self.firing], np.full(len(overall), weight.sum())]
        )
        share = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
        usual = np.zeros(len(part))
        if len(self.busy) >= LEAST_SOURCES:
            spread = count / np.maximum(count.sum(axis=1, keepdims=True), 1e-300)
            chance = (spread @ spread.T)[self.pairs]
            agreement = share[: len(chance)]
            usual[: len(chance)] = expected_accord(agreement, chance, self.pairs)
        return share, whole, usual


def _together(votes: VoteMatrix, busy: Indices) -> tuple[Array, Array, Array]:
    """On how many units each two sources vote, and vote the same; votes by class.

    Partial votes are left out.

    Shapes (busy, busy) twice, (busy, classes).
    """
    from scipy.sparse import csr_array

    place = np.full(votes.sources, -1)
    place[busy] = np.arange(len(busy))
    rows = votes.voted & (votes.label < votes.classes) & (place[votes.source] >= 0)
    unit, source = votes.unit[rows].astype(np.int64), place[votes.source[rows]]
    label, size = votes.label[rows].astype(np.int64), len(busy)
    weight = votes.weights()[unit]
    root = np.sqrt(weight)
    there = csr_array((root, (unit, source)), shape=(votes.units, size))
    cell = unit * votes.classes + label
    alike = csr_array((root, (cell, source)), shape=(votes.units * votes.classes, size))
    count = np.bincount(source * votes.classes + label, weight, size * votes.classes)
    both: Array = (there.T @ there).toarray()
    same: Array = (alike.T @ alike).toarray()
    return both, same, count.reshape(size, votes.classes).astype(np.float64)


def _upper(chosen: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    return _nonzero(np.triu(chosen, 1))


def _nonzero(chosen: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    one, two = np.nonzero(chosen)
    return one, two
