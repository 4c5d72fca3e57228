"""The reduction that keeps every other stage ignorant of the kind of task.

A task kind turns votes on items into votes on *units*, each with one class out of a few:
an item, a token, a pair, a group of matched boxes, the pixels with one pattern of votes. Units are
made once for a state of the votes; what gold says, or what labels would be without some source, is
read off the same units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Votes on units, and what the units are.

    Attributes:
        matrix: the votes; its units are the rows of `item` and `key`.
        item: the position of the item that each unit belongs to, rising, every item at least
            once, so that whoever asks how sure an item is gets an answer. Shape (units,).
        items: how many items there are.
        class_names: the classes of the units, which need not be those of the task.
        key: what the unit is inside its item, read by its own kind alone; None where the unit
            is the item.
        head_names: the names of the units that every item has, where all items have the same ones
            in the same order, so that one model can answer for each; empty where items differ.
        ordered: whether the units of an item are a sequence.
        guests: votes on the same units that never shape a fit: what gold says, on held-out items
            too; None without any.
        guests_only: which units exist only because a guest named them, shape (units,); None
            where there are none.
        vouched: which sources are people who are weighed as gold is, though they are none, shape
            (sources,); None where nobody is.
    """

    matrix: VoteMatrix
    item: NDArray[np.int64]
    items: int
    class_names: tuple[str, ...]
    key: pa.Array | None = None
    head_names: tuple[str, ...] = ()
    ordered: bool = False
    guests: VoteMatrix | None = None
    guests_only: NDArray[np.bool_] | None = None
    vouched: NDArray[np.bool_] | None = None

    @property
    def gold(self) -> NDArray[np.bool_]:
        """Which sources are gold itself, shape (sources,)."""
        found = np.array([kind is SourceKind.GOLD for kind in self.matrix.kinds], bool)
        return found if self.vouched is None else found & ~self.vouched

    @property
    def single(self) -> bool:
        """Whether the unit is the item."""
        return self.key is None

    @property
    def heads(self) -> int:
        """How many units every item has; 0 where items differ."""
        return len(self.head_names)

    @property
    def truth(self) -> NDArray[np.int64]:
        """The one class that the guests say of every unit, -1 for none or several. (units,)."""
        if self.guests is None:
            return np.full(len(self.item), UNKNOWN, np.int64)
        return _one_class(self.guests, np.ones(self.guests.sources, bool))

    def without(self, sources: NDArray[np.bool_]) -> Units:
        """The same units with fewer votes: those of the marked sources, (sources,), are gone."""
        return replace(self, matrix=self.matrix.only(~sources[self.matrix.source]))

    def said_by(self, sources: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The one class that the marked sources said of every unit, -1 for none or several.

        Args:
            sources: shape (sources,). Partial votes say no class.
        """
        return _one_class(self.matrix, sources)

    def of_items(self, low: int, high: int) -> Units:
        """The units of the items from `low` to before `high`, which become 0, 1, ..."""
        first, last = np.searchsorted(self.item, [low, high])
        return Units(
            matrix=self.matrix.between(int(first), int(last)),
            item=self.item[first:last] - low,
            items=high - low,
            class_names=self.class_names,
            key=None if self.key is None else self.key[first:last],
            head_names=self.head_names,
            ordered=self.ordered,
            guests=None if self.guests is None else self.guests.between(int(first), int(last)),
            guests_only=None if self.guests_only is None else self.guests_only[first:last],
            vouched=self.vouched,
        )

    def to_fit(self) -> VoteMatrix:
        """The votes that a fit reads: units that only a guest named are left out."""
        if self.guests_only is None:
            return self.matrix
        return self.matrix.on_marked(~self.guests_only)

    def to_items(self, value: NDArray[Any], how: Literal["least", "most", "sum"]) -> NDArray[Any]:
        """One value an item, shape (items,), from one a unit, shape (units,)."""
        if self.heads == 1:
            return value
        by = {"least": np.minimum, "most": np.maximum, "sum": np.add}[how]
        if not self.items:
            return value[:0]
        first = np.searchsorted(self.item, np.arange(self.items))
        return by.reduceat(value, first)

    def beliefs(
        self,
        probability: NDArray[np.float64],
        covered: NDArray[np.bool_],
        trust: NDArray[np.float64] | None = None,
    ) -> Beliefs:
        """What is believed of these units.

        Args:
            probability: shape (units, classes).
            covered: whether there is evidence on the unit, shape (units,).
            trust: how often each source is right, shape (sources,).
        """
        return Beliefs(
            self.item, self.items, probability, self.class_names, covered, self.key, trust
        )


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the labels of the items probably are.

    Attributes:
        answer: the canonical answer of every item, null where nothing is known, shape (items,).
        confidence: how sure, 0..1, shape (items,); 0 where nothing is known.
        chances: the probability of each piece of the answer, in its order, a list an item; None
            for kinds whose answers have no pieces, or where nothing is known of them.
    """

    answer: pa.StringArray
    confidence: NDArray[np.float64]
    chances: pa.ListArray | None = None


def _one_class(matrix: VoteMatrix, sources: NDArray[np.bool_]) -> NDArray[np.int64]:
    said = np.full(matrix.units, UNKNOWN, np.int64)
    whole = matrix.voted & (matrix.label < matrix.classes) & sources[matrix.source]
    unit, label = matrix.unit[whole], matrix.label[whole]
    said[unit] = label
    said[unit[said[unit] != label]] = UNKNOWN
    return said
