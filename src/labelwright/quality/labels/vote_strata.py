"""Units sorted by what sources vote on them: the strata in which random answers are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

MOST_VOTES = 3
"""Units with more votes are in one stratum."""
BLOCK = 1 << 18
"""How many numbers are looked at together: few enough to stay in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class VoteStrata:
    """How many units have which votes of functions, rules and models, by head.

    Stratum 0 has none; the others are by the class most voted for, and by how many votes.

    Attributes:
        of: the stratum of each unit, shape (units,).
        size: how many units there are, shape (heads, strata).
        said: the mean share of the votes for each class, and in the last column the number of
            votes that stand for one class, shape (heads, strata, classes + 1).
        rules: how many sources vote for each class, shape (heads, classes).
        people: how many people do, likewise.
    """

    of: NDArray[np.int32]
    size: NDArray[np.float64]
    said: NDArray[np.float64]
    rules: NDArray[np.int64]
    people: NDArray[np.int64]

    def counted(
        self,
        unit: NDArray[np.int64],
        label: NDArray[np.int64],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Answers by head, stratum and class, shape (heads, strata, classes).

        Args:
            unit: that each answer is on.
            label: the class that it says.
            weight: how much it counts.
        """
        heads, strata, classes = *self.size.shape, self.rules.shape[1]
        at = ((unit % heads) * strata + self.of[unit]) * classes + label
        counts = np.bincount(at, weight, heads * strata * classes)
        return np.asarray(counts, np.float64).reshape(heads, strata, classes)


def vote_strata(
    votes: VoteMatrix, heads: int, machine: NDArray[np.bool_], people: NDArray[np.bool_]
) -> VoteStrata:
    """The strata of all units.

    Args:
        votes: whose units come `heads` to an item.
        heads: how many units every item has.
        machine: which sources are neither people nor gold, shape (sources,).
        people: which are people, shape (sources,).
    """
    classes = votes.classes
    strata = 1 + classes * MOST_VOTES
    of = np.zeros(votes.units, np.int32)
    sums = np.zeros(heads * strata * (classes + 1))
    step = max(BLOCK // classes, 1)
    for first in range(0, votes.units, step):
        last = min(first + step, votes.units)
        count = _votes(votes, machine, first, last)
        fired = count.sum(axis=1)
        voted = np.flatnonzero(fired)
        share = count[voted] / fired[voted, None]
        number = np.minimum(np.ceil(fired[voted]), MOST_VOTES).astype(np.int32)
        found = 1 + share.argmax(axis=1).astype(np.int32) * MOST_VOTES + number - 1
        of[first + voted] = found
        at = ((first + voted) % heads * strata + found)[:, None] * (classes + 1)
        told = np.concatenate([share, number[:, None]], axis=1)
        sums += np.bincount((at + np.arange(classes + 1)).ravel(), told.ravel(), len(sums))
    head = np.arange(votes.units) % heads if heads > 1 else 0
    size = np.bincount(head * strata + of, minlength=heads * strata).astype(np.float64)
    said = sums.reshape(-1, classes + 1) / np.maximum(size, 1)[:, None]
    return VoteStrata(
        of=of,
        size=size.reshape(heads, strata),
        said=said.reshape(heads, strata, classes + 1),
        rules=_voters(votes, heads, machine),
        people=_voters(votes, heads, people),
    )


def _votes(
    votes: VoteMatrix, machine: NDArray[np.bool_], first: int, last: int
) -> NDArray[np.float64]:
    """How many votes each class has on these units; one for several classes is shared by them."""
    rows = slice(int(votes.start[first]), int(votes.start[last]))
    counts = votes.voted[rows] & machine[votes.source[rows]]
    unit, label = votes.unit[rows][counts] - np.int32(first), votes.label[rows][counts]
    classes = votes.classes
    whole = label < classes
    at = unit[whole].astype(np.int64) * classes + label[whole]
    count = np.bincount(at, minlength=(last - first) * classes).reshape(-1, classes)
    if whole.all():
        return count.astype(np.float64)
    shares = votes.members / votes.members.sum(axis=1, keepdims=True)
    found = count.astype(np.float64)
    np.add.at(found, unit[~whole], shares[label[~whole]])
    return found


def _voters(votes: VoteMatrix, heads: int, among: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of these sources vote for each class, shape (heads, classes)."""
    width = votes.sources * votes.classes
    seen = np.zeros(heads * width, bool)
    for first in range(0, len(votes.unit), BLOCK):
        rows = slice(first, first + BLOCK)
        label = votes.label[rows]
        counts = votes.voted[rows] & (label < votes.classes) & among[votes.source[rows]]
        head = votes.unit[rows][counts] % heads if heads > 1 else 0
        at = votes.source[rows][counts].astype(np.int64) * votes.classes + label[counts]
        seen[head * width + at] = True
    return seen.reshape(heads, votes.sources, votes.classes).sum(axis=1)
