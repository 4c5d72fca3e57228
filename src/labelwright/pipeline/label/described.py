"""Units of which only class descriptions speak, and how much these may teach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.posterior import Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units

AT_FIRST = 100.0
"""All that descriptions alone say weighs like so many answers in training, were they never wrong
and answers few; as often right as chance, like none."""
FADES = 20_000.0
"""Later it weighs at most this over the square of the number of answers: 8 with 50, 2 with 100."""
BEFORE = 300.0
"""What weighs like 100 answers beside answers weighs like so many where answers correct it and
it cannot drown them."""
JUDGED, HITS = 3.0, 2.0
"""As good as so many judged, of which so many hits, are descriptions taken to be before answers."""


def worth_in_training(units: Units, votes: Posterior) -> NDArray[np.float64] | None:
    """How much the label of each unit counts in training, shape (units,); None if all alike.

    A label that rests on descriptions alone is a pseudo-label: the surer half of each class count,
    in full where nobody said anything else, else all together as answers find them right and as
    they are few (`AT_FIRST`, `FADES`). So they start what learns, and are out of its way when
    people contradict them or have said more. The halves are by class since one class may be surer
    of all its items than another of any.

    Args:
        units: with their votes.
        votes: the posterior of the votes alone.
    """
    only = units.matrix.described_only
    if not only.any():
        return None
    answered = answered_units(units)
    skill = _skill(units, votes, answered)
    return _of_surer_halves(
        units, votes, min(AT_FIRST * skill**2, FADES / max(len(answered), 1) ** 2)
    )


def worth_before_answers(units: Units, votes: Posterior) -> NDArray[np.float64] | None:
    """The same for a head that answers correct afterwards (`in_turn`), shape (units,).

    What answers contradict counts for less here too, but nothing fades: it does not stand beside
    the answers, and gives way where these say otherwise.

    Args:
        units: with their votes.
        votes: the posterior of the votes alone.
    """
    if not units.matrix.described_only.any():
        return None
    skill = _skill(units, votes, answered_units(units))
    return _of_surer_halves(units, votes, BEFORE * skill**2)


def _of_surer_halves(units: Units, votes: Posterior, total: float) -> NDArray[np.float64]:
    """The worth of all units if the surer halves of pseudo-labels weigh so much in all.

    Where nobody said anything else, they count in full.
    """
    only = units.matrix.described_only
    if np.array_equal(only, units.matrix.covered):
        total = np.inf
    surer = _surer_halves(units, np.flatnonzero(only), votes)
    worth = np.where(only, 0.0, 1.0)
    worth[surer] = min(total / len(surer), 1.0)
    return worth


def answered_units(units: Units) -> NDArray[np.int64]:
    """The units on which people or gold voted."""
    matrix = units.matrix
    people = np.array([kind in (SourceKind.PERSON, SourceKind.GOLD) for kind in matrix.kinds], bool)
    return np.unique(matrix.unit[matrix.voted & people[matrix.source]]).astype(np.int64)


def _skill(units: Units, votes: Posterior, answered: NDArray[np.int64]) -> float:
    """How much oftener answers find descriptions right than chance would be, 0 to 1.

    The first answers are fair judges: questions do not heed descriptions yet, but go to typical
    items or are drawn at random. Later ones are where the head is in doubt, which it is the less
    by descriptions, the more of them answers have found wrong.
    """
    matrix, rows = units.matrix, _rows(units)
    said = np.full(matrix.units, -1, np.int64)
    said[matrix.unit[rows]] = matrix.label[rows]
    judged = answered[said[answered] >= 0]
    hits = int((said[judged] == votes.label[judged]).sum())
    chance = 1 / votes.classes
    right = (hits + HITS) / (len(judged) + JUDGED)
    return max((right - chance) / (1 - chance), 0.0) if votes.classes > 1 else 0.0


def _claimed(units: Units) -> NDArray[np.float64]:
    """How sure descriptions are of each unit, NaN where they do not say, shape (units,)."""
    matrix, rows = units.matrix, _rows(units)
    claimed = np.full(matrix.units, np.nan)
    if matrix.confidence is not None:
        claimed[matrix.unit[rows]] = matrix.confidence[rows]
    return claimed


def _rows(units: Units) -> NDArray[np.int64]:
    """The votes of descriptions."""
    matrix = units.matrix
    described = np.array([kind is SourceKind.DESCRIPTION for kind in matrix.kinds], bool)
    found: NDArray[np.int64] = np.flatnonzero(described[matrix.source] & matrix.voted)
    return found


def _surer_halves(units: Units, rows: NDArray[np.int64], votes: Posterior) -> NDArray[np.int64]:
    """The surer half of these units of each label; of equally sure ones the first.

    Sure as the descriptions themselves are: where nobody else votes a label model has no reason
    to hold one of their votes for better than another.
    """
    claimed = _claimed(units)
    sure = np.where(np.isnan(claimed), votes.confidence, claimed)
    label = votes.label[rows]
    order = np.lexsort((rows, -sure[rows], label))
    first = np.searchsorted(label[order], label[order])
    many = np.bincount(label, minlength=votes.classes)[label[order]]
    chosen: NDArray[np.int64] = rows[order[2 * (np.arange(len(rows)) - first) < many]]
    return chosen
