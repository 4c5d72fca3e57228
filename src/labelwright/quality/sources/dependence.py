"""Which sources vote alike for no other reason than that one follows the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

MOST = 2_000
Z_BAR = 4.0
ALIKE_BAR = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class DependentPairs:
    """Every two sources that voted on a common unit. All shapes (pairs,).

    Attributes:
        first: the source with fewer votes, the likelier copy; of equals the first.
        second: the other.
        both: on how many units both voted.
        same: on how many of these they voted the same class.
        kappa: agreement on these beyond what their shares of classes give; NaN if both always
            vote one and the same class.
        expected: on how many units they would vote the same if they were independent given the
            class, counted where the class is known or estimated.
        z: by how many standard deviations `same` exceeds that; NaN where chance has no room.
        alike: how much of the possible excess is there: 0 independent, 1 as alike as their
            numbers of votes allow; NaN where there is no room.
        suspected: whether one seems to copy the other: z >= 4 and alike >= 0.5.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    both: NDArray[np.int64]
    same: NDArray[np.int64]
    kappa: NDArray[np.float64]
    expected: NDArray[np.float64]
    z: NDArray[np.float64]
    alike: NDArray[np.float64]
    suspected: NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class _Sums:
    """Counts per pair of sources, all shapes (sources, sources)."""

    both: NDArray[np.float64]
    same: NDArray[np.float64]
    judged: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    possible: NDArray[np.float64]


def dependence(votes: VoteMatrix, truth: NDArray[np.int64], *, most: int = MOST) -> DependentPairs:
    """How alike sources vote beyond what the class of the unit explains.

    Within the units of one class, independent sources vote the same class l on a share
    sum over l of P(first votes l) * P(second votes l) of the units that both were asked about. The
    excess over that, summed over the classes as Cochran did, tells a copy. Abstaining is an
    outcome like any other for a source that was asked about every unit: two rules that fire on
    the same units are alike though they never contradict anybody.

    Two copies among few sources can persuade the label model; then the estimated class
    explains their agreement, and only gold labels show it.

    Args:
        votes: the votes; partial ones are left out.
        truth: the class of each unit as best known, -1 where unknown, shape (units,).
        most: sources beyond this number, those with the fewest votes, are left out.

    Reference:
        W. G. Cochran: Some Methods for Strengthening the Common chi-squared Tests. Biometrics
        10(4), 1954. https://doi.org/10.2307/3001616
    """
    if votes.subsets is not None:
        votes = votes.only(votes.label < votes.classes)
    number = np.bincount(votes.source[votes.voted], minlength=votes.sources)
    busy = np.sort(np.argsort(-number, kind="stable")[:most])
    busy = busy[number[busy] > 0]
    column = np.full(votes.sources, -1)
    column[busy] = np.arange(len(busy))
    sums = _Sums(*(np.zeros((len(busy), len(busy))) for _ in range(6)))

    kept = column[votes.source] >= 0
    unit, label = votes.unit[kept], votes.label[kept].astype(np.int64)
    source = column[votes.source[kept]]
    stratum = truth[unit]
    sizes = np.bincount(truth[truth >= 0], minlength=votes.classes)
    # Stable, so that the rows of a stratum stay sorted by unit.
    order = np.argsort(stratum, kind="stable")
    ends = np.searchsorted(stratum[order], np.arange(-1, votes.classes + 1))
    for known in range(-1, votes.classes):
        rows = order[ends[known + 1] : ends[known + 2]]
        if len(rows):
            part = (unit[rows], source[rows], label[rows])
            units = sizes[known] if known >= 0 else None
            _add_stratum(sums, part, units, votes.complete[busy], votes.classes)
    shares = _shares(source, label, len(busy), votes.classes)
    return _summary(sums, shares @ shares.T, busy, number)


def _add_stratum(
    sums: _Sums,
    part: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    units: int | None,
    complete: NDArray[np.bool_],
    classes: int,
) -> None:
    """Adds the units of one class; `units` is how many there are, None if the class is unknown."""
    unit, source, label = part
    voted = label >= 0
    size = len(complete)
    both = _together(unit[voted], source[voted], size)
    same = _together(unit[voted].astype(np.int64) * classes + label[voted], source[voted], size)
    sums.both += both
    sums.same += same
    if units is None:
        return
    asked = np.full((size, size), float(units))
    if not complete.all():
        own = np.where(complete, units, np.bincount(source, minlength=size))
        explicit = ~complete[source]
        pairwise = _together(unit[explicit], source[explicit], size)
        asked = np.where(
            complete[:, None],
            own[None, :],
            np.where(complete[None, :], own[:, None], pairwise),
        )
    cells = np.bincount(source[voted] * classes + label[voted], minlength=size * classes)
    own = np.diag(asked)[:, None]
    rate = np.divide(
        cells.reshape(size, classes), own, out=np.zeros((size, classes)), where=own > 0
    )
    chance = rate @ rate.T
    active = rate.sum(axis=1)
    sums.judged += same
    sums.expected += asked * chance
    # The variance of the number of agreements when one source's outcomes are shuffled.
    mixed = rate**2 @ rate.T
    sums.variance += asked * np.maximum(chance - mixed - mixed.T + chance**2, 0)
    sums.possible += asked * np.minimum(active[:, None], active[None, :])


def _together(row: NDArray[Any], column: NDArray[Any], size: int) -> NDArray[np.float64]:
    """In how many rows each two columns occur together, shape (size, size)."""
    from scipy.sparse import csr_array

    if not len(row):
        return np.zeros((size, size))
    if np.all(row[1:] >= row[:-1]):
        compact = np.concatenate([[0], np.cumsum(row[1:] != row[:-1])])
    else:
        compact = np.unique(row, return_inverse=True)[1]
    ones = np.ones(len(row), np.int32)
    incidence = csr_array((ones, (compact, column)), shape=(int(compact.max()) + 1, size))
    return (incidence.T @ incidence).toarray().astype(np.float64)


def _shares(
    source: NDArray[np.int64], label: NDArray[np.int64], size: int, classes: int
) -> NDArray[np.float64]:
    """Which share of each source's votes goes to each class, shape (size, classes)."""
    voted = label >= 0
    cells = np.bincount(source[voted] * classes + label[voted], minlength=size * classes)
    table = cells.reshape(size, classes)
    return table / table.sum(axis=1, keepdims=True)


def _summary(
    sums: _Sums,
    chance: NDArray[np.float64],
    busy: NDArray[np.int64],
    number: NDArray[np.int64],
) -> DependentPairs:
    one, two = np.nonzero(np.triu(sums.both > 0, 1))
    fewer = number[busy[two]] < number[busy[one]]
    one, two = np.where(fewer, two, one), np.where(fewer, one, two)
    both, same = sums.both[one, two], sums.same[one, two]
    excess = sums.judged[one, two] - sums.expected[one, two]
    room = sums.possible[one, two] - sums.expected[one, two]
    z = _ratio(excess, np.sqrt(sums.variance[one, two]))
    alike = _ratio(excess, room)
    return DependentPairs(
        first=busy[one],
        second=busy[two],
        both=both.astype(np.int64),
        same=same.astype(np.int64),
        kappa=_ratio(same / both - chance[one, two], 1 - chance[one, two]),
        expected=sums.expected[one, two],
        z=z,
        alike=alike,
        suspected=(z >= Z_BAR) & (alike >= ALIKE_BAR),
    )


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient, NaN where rounding alone keeps the divisor from 0."""
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 1e-9)
