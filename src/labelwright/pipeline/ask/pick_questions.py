"""What should a person look at now?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.pool import Assignment, Pool
from labelwright.core.ports import QueryStrategy
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.pipeline.ask.drift_questions import with_marked
from labelwright.pipeline.ask.random_questions import picked_random_first
from labelwright.pipeline.label.agreement import agree
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

    Before class balance is known the first of them are drawn at random.

    `prediction`, where given, is believed in place of what the end model said when it was trained;
    shape (units, classes).
    """
    rng = np.random.default_rng([seed, workspace.round, len(labels.votes.item)])
    pool = make_pool(workspace, labels, trained, coordinates, rng, person, prediction)
    pool.askable[np.isin(pool.item, taken)] = False
    picks = picked_random_first(workspace, labels, strategy, pool, count, rng)
    wanted = answers_wanted(workspace, labels)
    picked = tuple(
        Assignment(
            item=int(pool.item[position]),
            person=person,
            probability=float(probability),
            random=bool(random),
            reason=describe(reason, labels.units.class_names, labels.units.head_names),
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
    prediction: NDArray[np.floating[Any]] | None = None,
) -> Pool:
    """The candidates: items of the training part on which more answers are wanted, and their units.

    Items with gold are none, and none that the person, if one is named, was asked about before.
    """
    answers = people_on(labels)
    askable = answers_wanted(workspace, labels) > 0
    askable &= ~np.isin(workspace.splits(), HELD_OUT) & ~_by(labels, SourceKind.GOLD)
    askable &= ~workspace.set_aside.mask(len(askable)) & ~seen_by(workspace, person)
    items = np.arange(len(askable))
    if len(items) > POOL_ITEMS:
        items = np.sort(rng.choice(items, POOL_ITEMS, replace=False))
    rows, unit_item = _units_in(labels.units, items)
    return Pool(
        item=items,
        askable=askable[items],
        posterior=labels.votes_posterior.probability[rows],
        covered=labels.votes_posterior.covered[rows],
        disagreement=labels.units.matrix.disagreement[rows],
        prediction=_read_of(labels, trained, prediction, rows),
        embedding=None if coordinates is None else coordinates[items],
        answers=answers[items],
        divided=divided(labels, workspace.settings.task)[items],
        lesson=_lessons(labels, answers > 0)[rows],
        hint=labels.units.matrix.described_only[rows],
        unit_item=unit_item,
    )


def _units_in(
    units: Units, items: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """The units of these rising items, and the place of each one's item among these.

    Units that only gold names are left out: nobody else knows of them. Where the unit is the item,
    there is no need to say whose each is: None.
    """
    if units.single:
        return items, None
    wanted = np.isin(units.item, items)
    if units.guests_only is not None:
        wanted &= ~units.guests_only
    rows = np.flatnonzero(wanted)
    return rows, np.searchsorted(items, units.item[rows])


def _read_of(
    labels: Labels,
    trained: Trained | None,
    prediction: NDArray[np.floating[Any]] | None,
    rows: NDArray[np.int64],
) -> NDArray[np.float64] | None:
    """What an end model says of these units: as it is now, else as it read them last."""
    if prediction is not None:
        return np.asarray(prediction[rows], np.float64)
    if labels.joint is not None:
        # Of a model that did not see the item, so that it does not only repeat the votes.
        return labels.joint.content[rows]
    return None if trained is None else trained.prediction[rows]


def answers_wanted(workspace: Workspace, labels: Labels) -> NDArray[np.int64]:
    """How many more people shall be asked about each item now, shape (items,).

    Where nobody has answered yet, the question is always worth asking, however sure the sources.
    """
    plan = workspace.settings.crowd.redundancy
    answers = people_on(labels)
    probability, unit_item = believed(labels)
    return plan.wanted(probability, answers, unit_item)


def believed(labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
    """What is believed of all units but those that only gold names, and whose each is.

    None where the unit is the item.
    """
    units, probability = labels.units, labels.posterior.probability
    if units.guests_only is None:
        return probability, None if units.single else units.item
    return probability[~units.guests_only], units.item[~units.guests_only]


def people_on(labels: Labels) -> NDArray[np.int64]:
    """How many people were asked about each item, shape (items,)."""
    votes = labels.votes
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    return np.bincount(votes.item[people[votes.source]], minlength=votes.items)


def divided(labels: Labels, task: Task) -> NDArray[np.bool_]:
    """On which items people gave answers that do not agree, shape (items,)."""
    votes = labels.votes
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    said = people[votes.source] & (votes.answer >= 0)
    many = np.int64(len(votes.answers) + 1)
    item, answer = np.divmod(np.unique(votes.item[said] * many + votes.answer[said]), many)
    # Each different answer on an item is held against the first of them.
    first = np.searchsorted(item, item)
    other = np.flatnonzero(first < np.arange(len(item)))
    texts = pa.array([*votes.answers], pa.string())
    one, two = (texts.take(pa.array(answer[rows])) for rows in (first[other], other))
    found = np.zeros(votes.items, bool)
    found[item[other[~agree(one, two, task)]]] = True
    return found


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
    return lessons_of_units(labels.units.matrix, worth_of_checking(labels, verified))


def worth_of_checking(
    labels: Labels, verified: NDArray[np.bool_], *, answers: int = 1
) -> NDArray[np.float64]:
    """What so many answers on its votes are worth for each source, shape (sources,).

    Args:
        labels: what is believed.
        verified: items that people have answered about, shape (items,).
        answers: how many votes are checked at once.
    """
    probability, unit_item = believed(labels)
    return lessons_of_sources(
        labels.units.to_fit(),
        labels.fit.accuracy,
        probability,
        verified if unit_item is None else verified[unit_item],
        answers=answers,
    )


def answered(labels: Labels) -> NDArray[np.bool_]:
    """Which items gold knows or a person was asked about, who may not tell, shape (items,)."""
    return _by(labels, SourceKind.PERSON) | _by(labels, SourceKind.GOLD)


def checked(labels: Labels) -> NDArray[np.bool_]:
    """Which items a person has answered, other than that they cannot tell, shape (items,)."""
    return _by(labels, SourceKind.PERSON, said=True)


def _by(labels: Labels, kind: SourceKind, *, said: bool = False) -> NDArray[np.bool_]:
    """Which items a source of this kind was asked about, or (`said`) voted on, shape (items,)."""
    of_kind = np.array([source.kind is kind for source in labels.votes.sources], bool)
    done = np.zeros(labels.votes.items, bool)
    counts = of_kind[labels.votes.source]
    if said:
        counts &= labels.votes.answer >= 0
    done[labels.votes.item[counts]] = True
    return done
