"""What an end model learns from: soft labels, how much each counts, and the door they pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, NothingToDoError
from labelwright.core.posterior import Posterior

SEEN_SHARE = 1e-6
"""A class with less than this share of the weight counts as never seen: no model can learn it."""


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """What an end model shall learn.

    Attributes:
        rows: the positions of the units to learn from, rising, shape (units,).
        target: class probabilities of those units, shape (units, classes).
        weight: how much each counts, positive, shape (units,).
    """

    rows: NDArray[np.int64]
    target: NDArray[np.float64]
    weight: NDArray[np.float64]

    def only(self, kept: NDArray[np.bool_]) -> Training:
        """The labels that are marked, shape (units,)."""
        return Training(self.rows[kept], self.target[kept], self.weight[kept])

    def at_most(self, total: float) -> Training:
        """The same labels, all lighter if together they weigh more than this."""
        weighs = float(self.weight.sum())
        if weighs <= total:
            return self
        return replace(self, weight=self.weight * (total / weighs))

    def of_items(self, heads: int) -> Training:
        """The same with all units of every item that has any; `rows` are items then.

        Units that teach nothing get weight 0. Where the unit is the item nothing changes.

        Args:
            heads: how many units every item has.
        """
        if heads == 1:
            return self
        items, place = np.unique(self.rows // heads, return_inverse=True)
        at = place * heads + self.rows % heads
        classes = self.target.shape[1]
        target = np.full((len(items) * heads, classes), 1 / classes)
        weight = np.zeros(len(target))
        target[at], weight[at] = self.target, self.weight
        return Training(items, target, weight)


@dataclass(frozen=True, slots=True)
class Targets:
    """How a posterior becomes training labels.

    Attributes:
        uncovered: ``leave`` out items on which nobody voted, or ``keep`` them with the label
            model's guess.
        soft: learn the probabilities; otherwise the most probable class (a tie is shared).
        weighting: ``equal``, or by ``confidence``: how far the best class is above chance, so
            that an item with no information counts nothing.
        min_confidence: items whose best class is less probable are left out.

    Example:
        >>> posterior = Posterior(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([True, False]))
        >>> Targets().of(posterior).rows
        array([0])
    """

    uncovered: Literal["leave", "keep"] = "leave"
    soft: bool = True
    weighting: Literal["equal", "confidence"] = "equal"
    min_confidence: float = 0.0

    def of(self, posterior: Posterior) -> Training:
        """The training labels in this posterior, possibly none."""
        probability = posterior.probability
        weight = np.ones(len(probability))
        if self.weighting == "confidence":
            chance = 1 / posterior.classes
            weight = np.maximum(posterior.confidence - chance, 0) / max(1 - chance, chance)
        kept = (weight > 0) & (posterior.confidence >= self.min_confidence)
        if self.uncovered == "leave":
            kept &= posterior.covered
        rows = np.flatnonzero(kept)
        target = probability[rows] if self.soft else hardened(probability[rows])
        return Training(rows, target / target.sum(axis=1, keepdims=True), weight[rows])


def hardened(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """All of the probability on the best class, shared where several are equally good."""
    best = probability >= probability.max(axis=1, keepdims=True) - 1e-9
    shares: NDArray[np.float64] = best / best.sum(axis=1, keepdims=True)
    return shares


def with_pseudo_labels(
    target: NDArray[np.float64], worth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The targets, those of pseudo-labels as what they say, without doubt. Shape (units, classes).

    A pseudo-label counts little beside an answer, and that is its doubt: told twice, a few
    answers would drown what all of them together say.

    Args:
        target: class probabilities, shape (units, classes).
        worth: how much each may teach, below 1 for a pseudo-label, shape (units,).
    """
    return np.where((worth < 1)[:, None], hardened(target), target)


def checked_training(
    items: pa.Table, target: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[pa.Table, NDArray[np.float64], NDArray[np.float64]]:
    """The items that count, with their targets and weights: the door of every `EndModel.fit`.

    Raises:
        DataError: shapes that do not match, rows that are no probabilities, a weight that is
            negative or not finite.
        NothingToDoError: no item has a weight.
    """
    target, weight = np.asarray(target, np.float64), np.asarray(weight, np.float64)
    if target.ndim != 2 or len(target) != items.num_rows or weight.shape != target.shape[:1]:
        raise DataError(
            f"{items.num_rows} items need a target of shape (items, classes) and one weight "
            f"each, got shapes {target.shape} and {weight.shape}"
        )
    if not np.all(np.isfinite(weight) & (weight >= 0)):
        raise DataError("the weight of an item must be a finite number that is not negative")
    counts = np.flatnonzero(weight > 0)
    if not len(counts):
        raise NothingToDoError(
            "there is nothing to learn from: no item has a weight above zero. "
            "Label more items first, or keep the uncovered ones"
        )
    target = target[counts]
    if not (np.all(target >= 0) and np.allclose(target.sum(axis=1), 1, atol=1e-4)):
        raise DataError("the target of every item must be probabilities that sum to 1")
    if len(counts) < items.num_rows:
        items = items.take(pa.array(counts))
    return items, target / target.sum(axis=1, keepdims=True), weight[counts]


@dataclass(frozen=True, slots=True, eq=False)
class SeenClasses:
    """Which classes the training items show, and what is left for the others.

    A class never seen still may exist: it keeps the probability that Laplace's rule gives it,
    1 / (weight + classes).

    Attributes:
        seen: the indices of the classes with weight, shape (seen,).
        share: their shares of the weight, which sum to 1, shape (seen,).
        classes: how many classes there are.
        floor: the probability of each class that was never seen.
    """

    seen: NDArray[np.int64]
    share: NDArray[np.float64]
    classes: int
    floor: float

    @classmethod
    def of(
        cls,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        before: NDArray[np.int64] | None = None,
    ) -> SeenClasses:
        """The classes in these targets, and those that were seen `before`."""
        mass = weight @ target
        seen = np.flatnonzero(mass > SEEN_SHARE * mass.sum())
        if before is not None:
            seen = np.union1d(seen, before)
        floor = 1 / (weight.sum() + len(mass))
        return cls(seen, mass[seen] / mass[seen].sum(), len(mass), float(floor))

    def narrow(self, target: NDArray[np.float64]) -> NDArray[np.float64]:
        """The targets over the seen classes alone; rows sum to 1."""
        narrowed = target[:, self.seen]
        total = narrowed.sum(axis=1, keepdims=True)
        return np.where(total > 0, narrowed / np.where(total > 0, total, 1), self.share)

    def widen(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of the seen classes as those of all classes."""
        unseen = self.classes - len(self.seen)
        wide = np.full((len(probability), self.classes), self.floor)
        wide[:, self.seen] = probability * (1 - unseen * self.floor)
        return wide

    @property
    def prior(self) -> NDArray[np.float64]:
        """The class balance, shape (classes,)."""
        return self.widen(self.share[None, :])[0]
