"""What a question is worth per unit of cost: new item, second opinion, adjudication, rule.

Worth is counted in labels put right. A label drawn from a belief p is wrong with probability
1 - sum p^2; an answer is worth what it takes off that in expectation, on the item itself
(:func:`answer_gain`) and on the other items of the sources that voted there, which are now known
better (:func:`lesson`). A judgement of a rule is worth only the latter, several times over.

What is left out: what the end model learns of an item for other items (it is taken to be in
proportion to the gain on the item itself, so that it does not change the order of items), and the
value of an answer for later questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError, SettingsError

LEAST_ACCURACY, MOST_ACCURACY = 0.05, 0.95
"""Accuracies of sources stay inside, where a change of log-odds means something."""


class Ask(StrEnum):
    """What kind of question it is."""

    NEW = "new item"
    SECOND = "second opinion"
    ADJUDICATE = "adjudicate"
    RULE = "is this rule useful"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who could be asked.

    Attributes:
        name: of the source.
        accuracy: estimated, 0 to 1.
        cost: of one answer, in any unit, above 0.

    Raises:
        SettingsError: an accuracy outside 0..1, a cost that is not above 0.
    """

    name: str
    accuracy: float
    cost: float

    def __post_init__(self) -> None:
        if not 0 <= self.accuracy <= 1:
            raise SettingsError(f"accuracy must lie in 0..1, got {self.accuracy}")
        if not 0 < self.cost < np.inf:
            raise SettingsError(f"the cost of an answer must be above 0, got {self.cost}")


def question_kind(answers: NDArray[np.int64], divided: NDArray[np.bool_]) -> NDArray[np.str_]:
    """What a question about each item would be, shape (items,).

    Args:
        answers: how many people have answered, shape (items,).
        divided: whether they gave different answers, shape (items,).
    """
    again = np.where(divided, Ask.ADJUDICATE.value, Ask.SECOND.value)
    return np.where(answers == 0, Ask.NEW.value, again)


def answer_gain(probability: NDArray[np.float64], accuracy: float) -> NDArray[np.float64]:
    """By how much one answer lowers the expected error of each item's label, shape (items,).

    The person is right with this accuracy whatever the class, and wrong in favour of each other
    class equally often. Never below 0; 0 for an answer that says nothing.

    Args:
        probability: what is believed, shape (items, classes).
        accuracy: of the person, 0 to 1.
    """
    classes = probability.shape[1]
    if classes == 1:
        return np.zeros(len(probability))
    wrong = (1 - accuracy) / (classes - 1)
    squares = probability**2
    before = squares.sum(axis=1)
    # Of a vote for each class: its chance, and the chance that it and the class go together.
    chance = wrong + (accuracy - wrong) * probability
    joint = wrong**2 * before[:, None] + (accuracy**2 - wrong**2) * squares
    after = np.divide(joint, chance, out=np.zeros_like(joint), where=chance > 0).sum(axis=1)
    gain: NDArray[np.float64] = np.maximum(after - before, 0)
    return gain


def lesson(
    accuracy: ArrayLike,
    checked: ArrayLike,
    doubt: ArrayLike,
    *,
    answers: int = 1,
    strength: float = 5.0,
) -> NDArray[np.float64]:
    """What it is worth to check so many votes of each source, shape (sources,).

    A source's accuracy a is believed as Beta after `strength` + `checked` votes. Checking n more
    moves it by a standard deviation s, and the log-odds of its votes by d = s / (a (1 - a)). Of
    the items it votes on, those change sides whose log-odds lie within d of 0; each gains about
    d/4 x d/2 for either direction. With the logistic density q (1 - q) of log-odds around 0 that
    makes d^2 / 4 x `doubt`, to second order in d. d is held at 1, beyond which this would promise
    more than all of the doubt.

    Args:
        accuracy: of each source as estimated, shape (sources,); NaN counts as 0.5.
        checked: how many of its votes somebody trusted has checked, shape (sources,).
        doubt: the sum of q (1 - q) over the items it voted on, q being the share of the more
            probable of the two best classes, shape (sources,).
        answers: how many votes are checked at once.
        strength: how many checked votes the belief before any check is worth.

    Raises:
        DataError: shapes that differ, a count below 0.
    """
    mean, known, unsure = (np.asarray(given, float) for given in (accuracy, checked, doubt))
    if not mean.shape == known.shape == unsure.shape or mean.ndim != 1:
        raise DataError("accuracy, checked and doubt need one entry per source")
    if np.any(known < 0) or np.any(unsure < 0) or answers < 0 or not strength > 0:
        raise DataError("checked, doubt and answers are not below 0, and strength is above 0")
    share = np.clip(np.where(np.isnan(mean), 0.5, mean), LEAST_ACCURACY, MOST_ACCURACY)
    mass = strength + known
    moved = share * (1 - share) / (mass + 1) * answers / (mass + answers)
    shift = np.minimum(np.sqrt(moved) / (share * (1 - share)), 1.0)
    found: NDArray[np.float64] = shift**2 / 4 * unsure
    return found


def pair_doubt(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The product q (1 - q) of the two most probable classes, 0 to 1/4, shape (items,)."""
    if probability.shape[1] == 1:
        return np.zeros(len(probability))
    best = np.partition(probability, -2, axis=1)[:, -2:]
    both = best.sum(axis=1)
    share = np.divide(best[:, 1], both, out=np.ones(len(both)), where=both > 0)
    found: NDArray[np.float64] = share * (1 - share)
    return found


def worth_of_asking(
    probability: NDArray[np.float64],
    lessons: NDArray[np.float64],
    people: list[Answerer],
) -> NDArray[np.float64]:
    """What asking each person about each item is worth per unit of cost, (items, people).

    Args:
        probability: what is believed, shape (items, classes).
        lessons: what a certain answer on each item teaches about the sources that voted there,
            shape (items,); an answer that is right less often teaches by the square of how far
            its accuracy is above chance.
        people: who could be asked.
    """
    chance = 1 / probability.shape[1]
    columns = [
        (
            answer_gain(probability, person.accuracy)
            + lessons * (max(person.accuracy - chance, 0) / max(1 - chance, chance)) ** 2
        )
        / person.cost
        for person in people
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(probability), 0))
