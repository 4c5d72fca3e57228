"""What the queue sees: numbers about the items that a person could be asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The candidates of one round. A person is asked about items; what is believed is of units.

    Attributes:
        item: the item's number, shape (items,).
        askable: whether a person may still be asked about it, shape (items,).
        posterior: the label model's, shape (units, classes).
        covered: whether any source voted on the unit, shape (units,).
        disagreement: how divided its votes are, 0 (one mind or no votes) to 1, shape (units,).
        prediction: the end model's probabilities, shape (units, classes); None before there is
            an end model.
        embedding: coordinates in which near means alike, shape (items, dimensions); None if
            there are none.
        answers: how many people have answered about the item, shape (items,); None is nobody.
        divided: whether they gave different answers, shape (items,); None is nowhere.
        lesson: what a sure answer on the unit would teach about the sources that voted there,
            in labels put right elsewhere, shape (units,); None if that is unknown.
        hint: units of which class descriptions alone speak: a prediction started from what they say
            and knows more by now, shape (units,); None is nowhere.
        unit_item: the row of the item that each unit belongs to, rising, every item at least
            once, shape (units,); None where the unit is the item.

    Raises:
        DataError: an item without a unit, or units that are not in the order of their items.
    """

    item: NDArray[np.int64]
    askable: NDArray[np.bool_]
    posterior: NDArray[np.float64]
    covered: NDArray[np.bool_]
    disagreement: NDArray[np.float64]
    prediction: NDArray[np.float64] | None = None
    embedding: NDArray[np.float32] | None = None
    answers: NDArray[np.int64] | None = None
    divided: NDArray[np.bool_] | None = None
    lesson: NDArray[np.float64] | None = None
    hint: NDArray[np.bool_] | None = None
    unit_item: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        check_units(self.unit_item, len(self.posterior), len(self.item))


@dataclass(frozen=True, slots=True, eq=False)
class Picks:
    """The items to ask about, most valuable first. All shapes (picks,).

    Attributes:
        position: the rows of the pool.
        probability: with which probability this item would have been picked; 1 where the
            strategy had no choice. Unbiased estimates weigh by its inverse.
        random: whether it belongs to the random share, the honest test set.
        reason: in words, for the person.
    """

    position: NDArray[np.int64]
    probability: NDArray[np.float64]
    random: NDArray[np.bool_]
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One question to one person.

    Attributes:
        item: the item's number.
        person: the name of the source that shall answer.
        probability: with which the item was picked.
        random: whether it belongs to the random share.
        reason: why this item, in words.
        lease_until: seconds since the epoch after which somebody else may get it.
        people: how many people shall be asked now, besides those who have answered.
    """

    item: int
    person: str
    probability: float
    random: bool
    reason: str
    lease_until: float
    people: int = 1


def check_units(unit_item: NDArray[np.int64] | None, units: int, items: int) -> None:
    """That units are in the order of their items, every item at least once; None is one each.

    Raises:
        DataError: they are not.
    """
    of = np.arange(items) if unit_item is None else unit_item
    step = np.diff(of, prepend=-1, append=items)
    if len(of) != units or step.min() < 0 or not step.max() == step[0] == step[-1] == 1:
        raise DataError(
            "every item needs a unit, and units come in the order of their items; got "
            f"{units} units of {items} items"
        )
