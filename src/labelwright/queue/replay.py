"""What answers would have brought under another policy, replayed against known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Pool, check_units
from labelwright.core.ports import QueryStrategy
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.queue.lessons import lessons_of_sources, lessons_of_units
from labelwright.queue.per_item import least, most, starts
from labelwright.queue.redundancy import Redundancy


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What a replay starts from.

    Attributes:
        truth: class of every unit, shape (units,).
        votes: of everything that votes but people, on the units.
        askable: which items people may be asked about, shape (items,).
        embedding: where the items lie, shape (items, dimensions); None if nobody knows.
        unit_item: the item of each unit, rising, every item at least once, shape (units,); None
            where the unit is the item.
        hidden: units that only the truth names, such as a box that every source missed: nobody
            knows of them before a person has answered about their item, shape (units,); None
            for no such unit. Every item has one that is not hidden.

    Raises:
        DataError: shapes that do not match, a class out of range.
    """

    truth: NDArray[np.int64]
    votes: VoteMatrix
    askable: NDArray[np.bool_]
    embedding: NDArray[np.float32] | None = None
    unit_item: NDArray[np.int64] | None = None
    hidden: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if len(self.truth) != self.votes.units:
            raise DataError("truth and votes must be of the same units")
        check_units(self.unit_item, self.votes.units, len(self.askable))
        if self.hidden is not None and most(~self.hidden, self.unit_item).sum() != self.items:
            raise DataError("every item needs a unit that is not hidden")
        if np.any((self.truth < 0) | (self.truth >= self.votes.classes)):
            raise DataError(f"the truth must be a class from 0 to {self.votes.classes - 1}")

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.askable)

    @property
    def first(self) -> NDArray[np.int64]:
        """The first unit of each item, shape (items,)."""
        return np.arange(self.items) if self.unit_item is None else starts(self.unit_item)

    def of_units(self, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The flag of each unit's item, shape (units,). Flags have shape (items,)."""
        return flag if self.unit_item is None else flag[self.unit_item]

    def whole(self, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of which items all units have the flag, shape (items,). Flags have shape (units,)."""
        return least(flag, self.unit_item)

    def known_of(self, answers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which units anybody knows of after so many answers of people on each. Both (units,)."""
        if self.hidden is None:
            return np.ones(len(answers), bool)
        known: NDArray[np.bool_] = ~self.hidden | (answers > 0)
        return known


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """Where a replay stands.

    Attributes:
        answers: how many were given.
        score: how good things are then, as the caller measures it.
    """

    answers: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Believed:
    """What is believed of the units after some answers.

    Attributes:
        posterior: of the label model, even and without evidence where a unit is hidden.
        answered: which items people have answered, shape (items,).
        prediction: of the end model, shape (units, classes); None without one.
    """

    posterior: Posterior
    answered: NDArray[np.bool_]
    prediction: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """The parts that turn votes into predictions.

    Attributes:
        label: the label model: what it learns of votes, and what they make of the units.
        learn: the end model: from the posterior, and which items people have answered,
            predictions of all units, shape (units, classes); None if it learns nothing of them.
        score: how good what is believed is.
    """

    label: Callable[[VoteMatrix], tuple[LabelModelFit, Posterior]]
    learn: Callable[[Posterior, NDArray[np.bool_]], NDArray[np.float64] | None]
    score: Callable[[Believed], float]


def replay(
    world: World,
    machine: Machine,
    strategy: QueryStrategy,
    confusion: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    budget: int,
    batch: int = 10,
    plan: Redundancy | None = None,
    goal: float = math.inf,
) -> tuple[ReplayStep, ...]:
    """How good things are after every batch of answers, the first step without any.

    A question goes to somebody who has not answered it, at random, whose answer on each unit is
    drawn from their confusion.

    Args:
        world: the items.
        machine: label model, end model and score.
        strategy: picks the questions.
        confusion: P(answer is column | class is row) of each person, shape (people, classes,
            classes).
        rng: draws questions, people and answers.
        budget: how many answers at most.
        batch: after so many answers everything is fitted again.
        plan: how many people shall answer each item; by default one, who is taken at their word.
        goal: the replay ends when the score reaches it, the budget is spent, or all is answered.
    """
    plan = Redundancy() if plan is None else plan
    given = np.full((world.votes.units, len(confusion)), -1, np.int64)
    drawn = np.zeros(world.items, bool)
    steps: list[ReplayStep] = []
    while True:
        answers = (given >= 0).sum(axis=1)
        picked = (answers > 0) & ~world.of_units(drawn)
        votes = _with_people(world.votes, given, picked, at_their_word=plan.most == 1)
        known = world.known_of(answers)
        votes = votes.on_marked(known)
        fit, weighed = machine.label(votes)
        posterior = _on_all(weighed, known)
        by_people: NDArray[np.bool_] = answers[world.first] > 0
        prediction = machine.learn(posterior, by_people) if posterior.covered.any() else None
        total = int(answers[world.first].sum())
        believed = Believed(posterior, by_people, prediction)
        score = machine.score(believed)
        steps.append(ReplayStep(total, score))
        pool = _pool(world, given, known, votes, fit, believed, plan)
        left = min(batch, budget - total)
        if score >= goal or left <= 0 or not pool.askable.any():
            return tuple(steps)
        picks = strategy.pick(pool, left, rng)
        drawn[picks.position[picks.random]] = True
        _answer(world, given, picks.position, confusion, rng)


def _pool(
    world: World,
    given: NDArray[np.int64],
    known: NDArray[np.bool_],
    votes: VoteMatrix,
    fit: LabelModelFit,
    believed: Believed,
    plan: Redundancy,
) -> Pool:
    """What a strategy sees: the items, and those of their units that anybody knows of."""
    probability = believed.posterior.probability[known]
    prediction = None if believed.prediction is None else believed.prediction[known]
    of = None if world.unit_item is None else world.unit_item[known]
    answers = (given >= 0).sum(axis=1)[world.first]
    said = given[known]
    highest = said.max(axis=1)
    lowest = np.where(said >= 0, said, votes.classes).min(axis=1)
    of_source = lessons_of_sources(votes, fit.accuracy, probability, highest >= 0)
    wanted = plan.wanted(probability, answers, of) > 0
    return Pool(
        item=np.arange(world.items),
        askable=world.askable & wanted & (answers < given.shape[1]),
        posterior=probability,
        covered=believed.posterior.covered[known],
        disagreement=votes.disagreement,
        prediction=prediction,
        embedding=world.embedding,
        answers=answers,
        divided=(answers > 1) & most(highest != lowest, of),
        lesson=lessons_of_units(votes, of_source),
        hint=votes.described_only,
        unit_item=of,
    )


def _answer(
    world: World,
    given: NDArray[np.int64],
    asked: NDArray[np.int64],
    confusion: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Writes the answers to the questions into `given`."""
    end = np.append(world.first, len(given))
    for item in asked:
        person = int(rng.choice(np.flatnonzero(given[end[item]] < 0)))
        for unit in range(end[item], end[item + 1]):
            chance = confusion[person, world.truth[unit]]
            given[unit, person] = rng.choice(len(chance), p=chance / chance.sum())


def _on_all(posterior: Posterior, known: NDArray[np.bool_]) -> Posterior:
    """The posterior of these units for all of them: even and uncovered where nothing is known."""
    if known.all():
        return posterior
    probability = np.full((len(known), posterior.classes), 1 / posterior.classes)
    probability[known] = posterior.probability
    covered = np.zeros(len(known), bool)
    covered[known] = posterior.covered
    return Posterior(probability, covered, posterior.fit)


def _with_people(
    votes: VoteMatrix,
    given: NDArray[np.int64],
    picked: NDArray[np.bool_],
    *,
    at_their_word: bool,
) -> VoteMatrix:
    """The votes and the answers of people; who is not checked by others is taken for gold."""
    unit, person = np.nonzero(given >= 0)
    people = given.shape[1]
    kind = SourceKind.GOLD if at_their_word else SourceKind.PERSON
    unsure, nothing = np.full(len(unit), np.nan), np.full(len(unit), -1)
    sure, said = votes.confidence, votes.opinion
    return VoteMatrix.build(
        np.concatenate([votes.unit, unit]),
        np.concatenate([votes.source, votes.sources + person]),
        np.concatenate([votes.label, given[unit, person]]),
        units=votes.units,
        classes=votes.classes,
        kinds=[*votes.kinds, *[kind] * people],
        complete=np.concatenate([votes.complete, np.zeros(people, bool)]),
        accuracies=np.concatenate([votes.accuracies, np.full(people, np.nan)]),
        subsets=votes.subsets,
        confidence=None if sure is None else np.concatenate([sure, unsure]),
        opinion=None if said is None else np.concatenate([said, nothing]),
        opinions=votes.opinions,
        picked=picked,
    )
