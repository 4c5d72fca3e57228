"""What answers would have brought under another policy, replayed against known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Pool
from labelwright.core.ports import QueryStrategy
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.queue.lessons import lessons_of_sources, lessons_of_units
from labelwright.queue.redundancy import Redundancy


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What a replay starts from.

    Attributes:
        truth: class of every item, shape (items,).
        votes: of everything that votes but people, on the items.
        askable: which items people may be asked about, shape (items,).
        embedding: where the items lie, shape (items, dimensions); None if nobody knows.

    Raises:
        DataError: shapes that do not match, a class out of range.
    """

    truth: NDArray[np.int64]
    votes: VoteMatrix
    askable: NDArray[np.bool_]
    embedding: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not len(self.truth) == len(self.askable) == self.votes.units:
            raise DataError("truth, askable and votes must be of the same items")
        if np.any((self.truth < 0) | (self.truth >= self.votes.classes)):
            raise DataError(f"the truth must be a class from 0 to {self.votes.classes - 1}")


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
    """What is believed of the items after some answers.

    Attributes:
        posterior: of the label model.
        answered: which items people have answered, shape (items,).
        prediction: of the end model, shape (items, classes); None without one.
    """

    posterior: Posterior
    answered: NDArray[np.bool_]
    prediction: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """The parts that turn votes into predictions.

    Attributes:
        label: the label model: what it learns of votes, and what they make of the items.
        learn: the end model: from the posterior, and which items people have answered,
            predictions of all items, shape (items, classes); None if it learns nothing of them.
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

    A question goes to somebody who has not answered it, at random, whose answer is drawn from
    their confusion.

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
    given = np.full((len(world.truth), len(confusion)), -1, np.int64)
    steps: list[ReplayStep] = []
    while True:
        votes = _with_people(world.votes, given, at_their_word=plan.most == 1)
        fit, posterior = machine.label(votes)
        by_people: NDArray[np.bool_] = given.max(axis=1) >= 0
        prediction = machine.learn(posterior, by_people) if posterior.covered.any() else None
        total = int((given >= 0).sum())
        believed = Believed(posterior, by_people, prediction)
        score = machine.score(believed)
        steps.append(ReplayStep(total, score))
        pool = _pool(world, given, votes, fit, believed, plan)
        left = min(batch, budget - total)
        if score >= goal or left <= 0 or not pool.askable.any():
            return tuple(steps)
        _answer(world, given, strategy.pick(pool, left, rng).position, confusion, rng)


def _pool(
    world: World,
    given: NDArray[np.int64],
    votes: VoteMatrix,
    fit: LabelModelFit,
    believed: Believed,
    plan: Redundancy,
) -> Pool:
    posterior = believed.posterior
    answers = (given >= 0).sum(axis=1)
    highest = given.max(axis=1)
    lowest = np.where(given >= 0, given, votes.classes).min(axis=1)
    of_source = lessons_of_sources(votes, fit.accuracy, posterior.probability, answers > 0)
    wanted = plan.wanted(posterior.probability, answers) > 0
    return Pool(
        item=np.arange(len(given)),
        askable=world.askable & wanted & (answers < given.shape[1]),
        posterior=posterior.probability,
        covered=posterior.covered,
        disagreement=votes.disagreement,
        prediction=believed.prediction,
        embedding=world.embedding,
        answers=answers,
        divided=(answers > 1) & (highest != lowest),
        lesson=lessons_of_units(votes, of_source),
    )


def _answer(
    world: World,
    given: NDArray[np.int64],
    asked: NDArray[np.int64],
    confusion: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Writes the answers to the questions into `given`."""
    for item in asked:
        person = int(rng.choice(np.flatnonzero(given[item] < 0)))
        chance = confusion[person, world.truth[item]]
        given[item, person] = rng.choice(len(chance), p=chance / chance.sum())


def _with_people(votes: VoteMatrix, given: NDArray[np.int64], *, at_their_word: bool) -> VoteMatrix:
    """The votes and the answers of people; who is not checked by others is taken for gold."""
    item, person = np.nonzero(given >= 0)
    people = given.shape[1]
    kind = SourceKind.GOLD if at_their_word else SourceKind.PERSON
    return VoteMatrix.build(
        np.concatenate([votes.unit, item]),
        np.concatenate([votes.source, votes.sources + person]),
        np.concatenate([votes.label, given[item, person]]),
        units=votes.units,
        classes=votes.classes,
        kinds=[*votes.kinds, *[kind] * people],
        complete=np.concatenate([votes.complete, np.zeros(people, bool)]),
        accuracies=np.concatenate([votes.accuracies, np.full(people, np.nan)]),
    )
