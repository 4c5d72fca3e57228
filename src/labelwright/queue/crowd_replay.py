"""What a crowd would have cost under another plan, replayed against known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import check_units
from labelwright.core.source import SourceKind
from labelwright.queue.per_item import least, of_items, starts
from labelwright.queue.redundancy import Redundancy
from labelwright.queue.value import answer_gain

NOBODY = -1
JUDGED_AFTER = 10
TYPICAL_ACCURACY = 0.8
"""Of the next person, when items are put in order; any value from 0.6 to 0.95 orders alike."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """The answers that people would give, in the order in which they would come.

    Attributes:
        person: who answers, -1 where nobody is left, shape (items, answers).
        label: class index, shape (units, answers).
        people: how many there are.
        classes: how many there are.
        unit_item: the item of each unit, rising, every item at least once, shape (units,); None
            where the unit is the item.

    Raises:
        DataError: shapes that differ, an answer of one person twice on an item, an index out of
            range.
    """

    person: NDArray[np.int64]
    label: NDArray[np.int64]
    people: int
    classes: int
    unit_item: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.person.ndim != 2 or self.person.shape[1:] != self.label.shape[1:]:
            raise DataError("person has shape (items, answers) and label (units, answers)")
        check_units(self.unit_item, len(self.label), len(self.person))
        there = self.on_units(self.person != NOBODY)
        if np.any(self.person >= self.people) or np.any(self.person < NOBODY):
            raise DataError(f"people are numbered from 0 to {self.people - 1}, -1 for nobody")
        if np.any((self.label[there] < 0) | (self.label[there] >= self.classes)):
            raise DataError(f"classes are numbered from 0 to {self.classes - 1}")
        ordered = np.sort(self.person, axis=1)
        if np.any((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != NOBODY)):
            raise DataError("nobody answers the same item twice")

    def on_units(self, of_items: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is so of the items, for each of their units. Shape (units, answers)."""
        return of_items if self.unit_item is None else of_items[self.unit_item]

    @property
    def available(self) -> NDArray[np.int64]:
        """How many answers each item can get, shape (items,)."""
        return (self.person != NOBODY).sum(axis=1)


@dataclass(frozen=True, slots=True)
class CrowdStep:
    """Where a replay stands.

    Attributes:
        answers: how many were given.
        accuracy: the share of items of whose units each one's most probable class is the truth.
    """

    answers: int
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What a label model makes of a crowd's votes.

    Attributes:
        probability: of the classes of each unit, shape (units, classes).
        accuracy: estimated, of each person, NaN of those who have not answered, shape (people,).
    """

    probability: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def simulated(
    truth: NDArray[np.int64],
    confusion: NDArray[np.float64],
    activity: NDArray[np.float64],
    most: int,
    rng: np.random.Generator,
    unit_item: NDArray[np.int64] | None = None,
) -> Waiting:
    """Answers of people who err by their confusion, independently of each other.

    Args:
        truth: class of every unit, shape (units,).
        confusion: P(answer is column | class is row), shape (people, classes, classes).
        activity: how often each person takes a question, relative to the others, above 0, shape
            (people,).
        most: how many people could answer an item, at most all.
        rng: draws who answers and what.
        unit_item: the item of each unit, rising, every item at least once, shape (units,); None
            where the unit is the item.

    Raises:
        DataError: fewer people than answers wanted.
    """
    people, classes = confusion.shape[:2]
    if most > people:
        raise DataError(f"{most} answers an item need as many people, got {people}")
    # The largest of log(activity) + Gumbel noise are a sample without replacement.
    items = len(truth) if unit_item is None else len(starts(unit_item))
    keys = np.log(activity) + rng.gumbel(size=(items, people))
    person = np.argsort(-keys, axis=1)[:, :most]
    asked = person if unit_item is None else person[unit_item]
    chance = np.cumsum(confusion[asked, truth[:, None]], axis=2)
    label = (rng.random((*asked.shape, 1)) > chance / chance[..., -1:]).sum(axis=2)
    return Waiting(person, label, people, classes, unit_item)


def replay_crowd(
    truth: NDArray[np.int64],
    waiting: Waiting,
    plan: Redundancy,
    believe: Callable[[VoteMatrix], Belief],
    *,
    rounds: int = 20,
    bar: float = 0.0,
) -> tuple[CrowdStep, ...]:
    """How accurate labels are after how many answers, when this plan decides whom to ask what.

    Each round asks about a share of the items that want an answer, those first whose answer is
    worth most, then weighs all votes again. Whoever is less accurate than the bar, as far as the
    votes tell after ten answers, is asked only where nobody else is left.

    Args:
        truth: class of every unit, -1 where it is unknown, shape (units,). Accuracy is that of
            the items of which all is known.
        waiting: the answers that people would give.
        plan: how many people shall answer each item.
        believe: the label model.
        rounds: in so many rounds everything could be asked about once.
        bar: 0 to ask people as they come.
    """
    items, of = len(waiting.person), waiting.unit_item
    given = np.zeros(waiting.person.shape, bool)
    even = np.full((len(truth), waiting.classes), 1 / waiting.classes)
    belief = Belief(even, np.ones(waiting.people))
    known = least(truth >= 0, of)
    steps: list[CrowdStep] = []
    while True:
        answers = given.sum(axis=1)
        wanted = plan.wanted(belief.probability, answers, of)
        wanted = np.minimum(wanted, waiting.available - answers)
        open_ = np.flatnonzero(wanted > 0)
        if not len(open_):
            return tuple(steps)
        # Items without the least number of answers come first: too little is known of them.
        gain = of_items(answer_gain(belief.probability, TYPICAL_ACCURACY), of)
        gain = np.where(answers < plan.least, 1 + plan.least - answers, gain)
        asked = open_[np.argsort(-gain[open_], kind="stable")][: max(items // rounds, 1)]
        given[asked, _next(waiting, given, belief.accuracy < bar)[asked]] = True
        belief = believe(_votes(waiting, given))
        right = least(belief.probability.argmax(axis=1) == truth, of)[known]
        steps.append(CrowdStep(int(given.sum()), float(right.mean())))


def answers_to(steps: tuple[CrowdStep, ...], accuracy: float) -> float:
    """After how many answers the accuracy was reached to stay; infinite if it never was."""
    reached = np.inf
    for step in reversed(steps):
        if step.accuracy < accuracy:
            break
        reached = step.answers
    return reached


def _next(waiting: Waiting, given: NDArray[np.bool_], poor: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The place of the answer that would come next on each item, shape (items,)."""
    count = np.bincount(waiting.person[given], minlength=waiting.people)
    last = poor & (count >= JUDGED_AFTER)
    late = np.where(waiting.person == NOBODY, 3, np.where(last[waiting.person], 1, 0))
    late = np.where(given, 2, late)
    order = late * waiting.person.shape[1] + np.arange(waiting.person.shape[1])
    return order.argmin(axis=1)


def _votes(waiting: Waiting, given: NDArray[np.bool_]) -> VoteMatrix:
    """The given answers as votes of people."""
    unit, place = np.nonzero(waiting.on_units(given))
    item = unit if waiting.unit_item is None else waiting.unit_item[unit]
    return VoteMatrix.build(
        unit,
        waiting.person[item, place],
        waiting.label[unit, place],
        units=len(waiting.label),
        classes=waiting.classes,
        kinds=[SourceKind.PERSON] * waiting.people,
    )
