"""What should a person look at now?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Assignment, Pool
from labelwright.core.ports import QueryStrategy
from labelwright.core.source import SourceKind
from labelwright.pipeline.ask.drift_questions import with_marked
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import describe, lessons_of_sources, lessons_of_units

QUESTIONS = 20
POOL_ITEMS = 100_000
"""Above this many items the pool is a random sample: the best of 100,000 is good enough."""


def ask(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    coordinates: NDArray[np.float32] | None,
    strategy: QueryStrategy,
    *,
    count: int = QUESTIONS,
    seed: int = 0,
    person: str = "",
    taken: Sequence[int] = (),
    prediction: NDArray[np.floating[Any]] | None = None,
) -> tuple[Assignment, ...]:
    """Picks the items worth most, but for those `taken` or seen by the person already.

    `prediction`, where given, is believed in place of what the end model said when it was trained.
    """
    rng = np.random.default_rng([seed, workspace.round, len(labels.votes.item)])
    pool = make_pool(workspace, labels, trained, coordinates, rng, person)
    pool.askable[np.isin(pool.item, taken)] = False
    if prediction is not None:
        pool = replace(pool, prediction=np.asarray(prediction[pool.item], np.float64))
    picks = strategy.pick(pool, count, rng)
    wanted = answers_wanted(workspace, labels)
    picked = tuple(
        Assignment(
            item=int(pool.item[position]),
            person=person,
            probability=float(probability),
            random=bool(random),
            reason=describe(reason, labels.units.class_names),
            lease_until=0.0,
            people=int(wanted[pool.item[position]]),
        )
        for position, probability, random, reason in zip(
            picks.position, picks.probability, picks.random, picks.reason, strict=True
        )
    )
    return with_marked(workspace, picked, pool, wanted)


def make_pool(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    coordinates: NDArray[np.float32] | None,
    rng: np.random.Generator,
    person: str = "",
) -> Pool:
    """The candidates: items of the training part on which more answers are wanted.

    Items with gold are none, and none that the person, if one is named, was asked about before.
    """
    answers, divided = people_on(labels)
    unit = _most_doubtful_unit(labels)
    askable = answers_wanted(workspace, labels) > 0
    askable &= ~np.isin(workspace.splits(), HELD_OUT) & ~_by(labels, SourceKind.GOLD)
    askable &= ~workspace.set_aside.mask(len(askable)) & ~seen_by(workspace, person)
    lesson = _lessons(labels, answers > 0)[unit]
    items = np.arange(len(askable))
    if len(items) > POOL_ITEMS:
        items = np.sort(rng.choice(items, POOL_ITEMS, replace=False))
    prediction = None if trained is None else trained.prediction
    if labels.joint is not None:
        # Of a model that did not see the item, so that it does not only repeat the votes.
        prediction = labels.joint.content
    return Pool(
        item=items,
        askable=askable[items],
        posterior=labels.votes_posterior.probability[unit[items]],
        covered=labels.votes_posterior.covered[unit[items]],
        disagreement=labels.units.matrix.disagreement[unit[items]],
        prediction=None if prediction is None else prediction[items],
        embedding=None if coordinates is None else coordinates[items],
        answers=answers[items],
        divided=divided[items],
        lesson=lesson[items],
    )


def answers_wanted(workspace: Workspace, labels: Labels) -> NDArray[np.int64]:
    """How many more people shall be asked about each item now, shape (items,).

    Where nobody has answered yet, the question is always worth asking, however sure the sources.
    """
    plan = workspace.settings.crowd.redundancy
    answers, _ = people_on(labels)
    return plan.wanted(labels.posterior.probability[_most_doubtful_unit(labels)], answers)


def people_on(labels: Labels) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many people were asked about each item, and whether they differ. Each (items,)."""
    votes = labels.votes
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    by_people = people[votes.source]
    count = np.bincount(votes.item[by_people], minlength=votes.items)
    said = by_people & (votes.answer >= 0)
    pair = np.unique(votes.item[said] * np.int64(len(votes.answers) + 1) + votes.answer[said])
    different = np.bincount(pair // (len(votes.answers) + 1), minlength=votes.items)
    return count, different > 1


def seen_by(workspace: Workspace, person: str) -> NDArray[np.bool_]:
    """Which items the person has answered about, held back or not, shape (items,)."""
    seen = np.zeros(workspace.items.count(), bool)
    known = workspace.log.sources()
    numbers = [
        number
        for number, source in enumerate(known)
        if source.kind is SourceKind.PERSON and source.name == person
    ]
    if numbers:
        votes = workspace.in_force(np.array(numbers, np.int32), [known[n] for n in numbers])
        seen[votes.item] = True
    return seen


def _lessons(labels: Labels, verified: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What an answer on each unit teaches about its sources, shape (units,)."""
    matrix = labels.units.matrix
    of_source = lessons_of_sources(
        matrix,
        labels.fit.accuracy,
        labels.posterior.probability,
        verified[labels.units.item],
    )
    return lessons_of_units(matrix, of_source)


def _most_doubtful_unit(labels: Labels) -> NDArray[np.int64]:
    """The unit of each item on which the label model is least sure, shape (items,)."""
    order = np.lexsort((-labels.posterior.entropy, labels.units.item))
    _, first = np.unique(labels.units.item[order], return_index=True)
    return order[first]


def answered(labels: Labels) -> NDArray[np.bool_]:
    """Which items a person or gold has voted on, shape (items,)."""
    return _by(labels, SourceKind.PERSON) | _by(labels, SourceKind.GOLD)


def _by(labels: Labels, kind: SourceKind) -> NDArray[np.bool_]:
    """Which items a source of this kind has voted on, shape (items,)."""
    of_kind = np.array([source.kind is kind for source in labels.votes.sources], bool)
    done = np.zeros(labels.votes.items, bool)
    done[labels.votes.item[of_kind[labels.votes.source]]] = True
    return done
