"""What the queue sees: numbers about the items that a person could be asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The candidates of one round. Rows of all arrays are the same items.

    Attributes:
        item: the item's number, shape (items,).
        askable: whether a person may still be asked about it, shape (items,).
        posterior: the label model's, shape (items, classes).
        covered: whether any source voted on the item, shape (items,).
        disagreement: how divided its votes are, 0 (one mind or no votes) to 1, shape (items,).
        prediction: the end model's probabilities, shape (items, classes); None before there is
            an end model.
        embedding: coordinates in which near means alike, shape (items, dimensions); None if
            there are none.
        answers: how many people have answered about the item, shape (items,); None is nobody.
        divided: whether they gave different answers, shape (items,); None is nowhere.
        lesson: what a sure answer on the item would teach about the sources that voted there,
            in labels put right elsewhere, shape (items,); None if that is unknown.
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
