"""Does known truth contradict labels? They must beat knowing nothing, and beat counting votes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.posterior import Posterior

CHANCE = 0.01
"""A loss that chance alone makes less often than this contradicts labels."""
_TIE = 1e-9
"""Probabilities that differ by less are equal."""


class Rival(StrEnum):
    """What labels must not do worse than."""

    COMMONEST = "always saying the commonest class"
    COUNTING = "counting votes"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Labels lose to a rival by more than chance.

    Attributes:
        rival: what they lose to.
        name: of the unit of every item that is spoken of, such as the class that may belong;
            empty where all units are.
        said: the class that the rival always says; empty where it is not one.
        units: on how many units of known truth both were held against it.
        right: on how many of them the labels are right; a tie counts as what guessing is worth.
        rival_right: on how many the rival is, likewise.
        better: in how many items more units are right by the labels.
        worse: in how many by the rival.
        p: how likely labels as good as the rival lose by as much, corrected for all that was
            looked at.
    """

    rival: Rival
    name: str
    said: str
    units: int
    right: float
    rival_right: float
    better: float
    worse: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class HeldLabels:
    """Labels of units whose truth is known. All arrays have shape (units,).

    Attributes:
        item: the item that each belongs to.
        head: which of the units that every item has it is; zeros where items differ.
        truth: what is so.
        right: how probably the labels are right (`chance_right`): 1, 0, or between in a tie.
        counting: how probably counting votes is, NaN without votes.
        class_names: the classes of the units.
        head_names: the names of the units of every item, one or more.
    """

    item: NDArray[np.int64]
    head: NDArray[np.int64]
    truth: NDArray[np.int64]
    right: NDArray[np.float64]
    counting: NDArray[np.float64]
    class_names: tuple[str, ...]
    head_names: tuple[str, ...]


def contradictions(
    held: HeldLabels, *, chosen: bool = False, chance: float = CHANCE
) -> tuple[Contradiction, ...]:
    """All in which the labels lose to a rival by more than chance, the gravest first.

    Items on which one is right in more units than the other tell which is better; if both were
    equally good, each of them would fall to either side with even odds (an exact sign test, one
    side). Where items have several units, each is looked at by itself and all of them together.
    p is multiplied by the number of these looks, and where the rival's class was chosen after
    the truth was seen by the number of classes there were to choose from (Bonferroni).

    Args:
        held: the labels.
        chosen: whether the items were not drawn at random, so that their truth does not say what
            is common.
        chance: so improbable a loss contradicts.

    Reference:
        Q. McNemar: Note on the Sampling Error of the Difference Between Correlated Proportions or
        Percentages. Psychometrika 12, 1947. https://doi.org/10.1007/BF02295996

    Example:
        >>> ten, zero, names = np.arange(10), np.zeros(10, np.int64), ("ham", "spam")
        >>> held = HeldLabels(ten, zero, zero, zero * 0.0, zero * np.nan, names, ("",))
        >>> (found,) = contradictions(held)
        >>> found.said, found.right, found.rival_right, round(found.p, 4)
        ('ham', 0.0, 10.0, 0.002)
    """
    looks = [*_looks(held)]
    found = []
    if not chosen:
        best = _commonest(held)
        right = (best == held.truth).astype(np.float64)
        for name, rows in looks:
            said = held.class_names[best[rows][0]] if name or len(looks) == 1 else ""
            many = len(looks) * len(held.class_names)
            found.append(_compared(held, rows, right, Rival.COMMONEST, name, said, many))
    counted = ~np.isnan(held.counting)
    for name, rows in looks:
        both = rows & counted
        if both.any():
            found.append(_compared(held, both, held.counting, Rival.COUNTING, name, "", len(looks)))
    return tuple(sorted((one for one in found if one.p < chance), key=lambda one: one.p))


def chance_right(labels: Posterior, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """How probably the most probable class is the truth; NaN where nobody voted. (units,).

    Of equally probable classes each is taken as often as the others.

    Args:
        labels: of a label model; of `MajorityVote` the most probable class has most votes.
        truth: class index of each unit, shape (units,).
    """
    most = labels.probability.max(axis=1, keepdims=True)
    first = labels.probability >= most - _TIE
    right = first[np.arange(len(truth)), truth] / first.sum(axis=1)
    return np.where(labels.covered, right, np.nan)


def _looks(held: HeldLabels) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """All units together, and the units of each name by themselves."""
    if not len(held.truth):
        return
    yield "", np.ones(len(held.truth), bool)
    for head, name in enumerate(held.head_names if len(held.head_names) > 1 else ()):
        mine = held.head == head
        if mine.any():
            yield name, mine


def _commonest(held: HeldLabels) -> NDArray[np.int64]:
    """The commonest class in truth of the units of the same name, shape (units,)."""
    classes = len(held.class_names)
    size = (len(held.head_names), classes)
    cells = np.bincount(held.head * classes + held.truth, minlength=size[0] * classes)
    return cells.reshape(size).argmax(axis=1)[held.head]


def _compared(
    held: HeldLabels,
    rows: NDArray[np.bool_],
    rival_right: NDArray[np.float64],
    rival: Rival,
    name: str,
    said: str,
    looks: int,
) -> Contradiction:
    from scipy.special import betainc

    right = held.right[rows]
    _, item = np.unique(held.item[rows], return_inverse=True)
    gain = np.bincount(item, rival_right[rows] - right)
    # Units of one item are right or wrong together: an item counts once.
    gain = np.clip(gain, -1, 1)
    worse, better = float(gain[gain > 0].sum()), float(-gain[gain < 0].sum())
    # P(X >= worse) of X ~ Binomial(worse + better, 1/2), also for shares of ties.
    p: Any = betainc(worse, better + 1, 0.5) if worse > 0 else 1.0
    return Contradiction(
        rival=rival,
        name=name,
        said=said,
        units=int(rows.sum()),
        right=float(right.sum()),
        rival_right=float(rival_right[rows].sum()),
        better=better,
        worse=worse,
        p=min(1.0, float(p) * looks),
    )
