"""How far a project is, computed from what is there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import numpy as np

from labelwright.core.errors import NothingToDoError
from labelwright.core.source import SourceKind
from labelwright.pipeline.analysis.machine_labels import (
    StatedQuality,
    machine_labels,
    stated_quality,
)
from labelwright.pipeline.label.class_balance import balance_of
from labelwright.pipeline.label.fit_record import labelled_items
from labelwright.pipeline.label.honest_tests import honest_tests
from labelwright.pipeline.label.judge_labels import judge_labels, judged_as_sets, without_gold
from labelwright.pipeline.label.label import latest_fit
from labelwright.pipeline.label.random_first import NOTHING_MISSING, RandomFirst, of_balance
from labelwright.pipeline.label.reduce_votes import reduced
from labelwright.pipeline.label.votes_that_count import votes_for_labels
from labelwright.pipeline.train.joint_labels import latest_content
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.vote.open_desks import desks
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, Cost, LabelQuality, SetQuality
from labelwright.tasks import grid_of, learnable


@dataclass(frozen=True, slots=True)
class Status:
    """A project at a glance.

    Attributes:
        name: of the project.
        kind: of the task.
        classes: of the task.
        items: how many there are.
        splits: items by split; those in none under the empty name.
        set_aside: how many bad rows were set aside on import.
        items_set_aside: how many items have no part in labels, questions and training.
        sources: how many source versions are known, by kind.
        votes: how many votes are in the log, by kind of source.
        answers_waiting: answers of people that the log does not have yet.
        rounds: how many versions were frozen.
        version: the id of the latest version, empty if there is none.
        labels: how far the labels that were made last can be trusted; None before there are any.
        next_step: what to do now, in words.
        cost: what it took so far.
        content: whether labels are of votes and content; False while of votes alone.
        random_first: how many of the next questions are drawn at random, and why.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    items: int
    splits: dict[str, int]
    set_aside: int
    items_set_aside: int
    sources: dict[str, int]
    votes: dict[str, int]
    answers_waiting: int
    rounds: int
    version: str
    labels: LabelsAtHand | None
    next_step: str
    cost: Cost
    content: bool = False
    random_first: RandomFirst = NOTHING_MISSING


@dataclass(frozen=True, slots=True)
class LabelsAtHand:
    """The labels that the label model made last.

    Attributes:
        units: how many items there were.
        labelled: how many of them got a vote, and so a label.
        quality: how right they are where the truth is known; None if it is nowhere known.
        calibration: how far their confidences can be trusted, judged on the same items.
        stated: how right those are that machines decide alone, by honest tests, as the board and
            the audit state it; None without such tests.
        sets: how good they are as sets of classes; None where answers are no sets.
    """

    units: int
    labelled: int
    quality: LabelQuality | None
    calibration: Calibration | None
    stated: StatedQuality | None = None
    sets: SetQuality | None = None


def status(workspace: Workspace) -> Status:
    """The state of the project; reads, never writes, and runs no code of the project."""
    settings = workspace.settings
    names, counts = np.unique(workspace.splits(), return_counts=True)
    sources: dict[str, int] = {}
    votes: dict[str, int] = {}
    for source, tally in zip(workspace.log.sources(), workspace.tallies(), strict=True):
        sources[source.kind.value] = sources.get(source.kind.value, 0) + 1
        votes[source.kind.value] = votes.get(source.kind.value, 0) + tally.voted
    items, head = workspace.items.count(), workspace.versions.head()
    return Status(
        name=settings.name,
        kind=settings.task.kind,
        classes=settings.task.classes,
        items=items,
        splits=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        set_aside=workspace.rejects.count(),
        items_set_aside=int(workspace.set_aside.mask(items).sum()),
        sources=sources,
        votes=votes,
        answers_waiting=_waiting(workspace),
        rounds=workspace.round - 1,
        version="" if head is None else head.id,
        labels=_labels(workspace, votes.get(SourceKind.GOLD, 0) > 0),
        next_step=_next_step(workspace, items, votes),
        cost=spending(workspace),
        content=latest_content(workspace, items) is not None,
        random_first=_random_first(workspace),
    )


def _random_first(workspace: Workspace) -> RandomFirst:
    """By the labels that were made last."""
    try:
        balance = balance_of(latest_fit(workspace).fit)
    except NothingToDoError:
        return NOTHING_MISSING
    if balance is None:
        return NOTHING_MISSING
    units = grid_of(workspace.settings.task, 0)
    return of_balance(balance, units.class_names if units.single else ())


def _waiting(workspace: Workspace) -> int:
    with desks(workspace) as found:
        return sum(1 for desk in found for _ in desk.drain())


def _labels(workspace: Workspace, verified: bool) -> LabelsAtHand | None:
    run = workspace.runs.latest("label")
    if run is None:
        return None
    items, labelled = labelled_items(workspace, run)
    tests = honest_tests(workspace)
    if not (verified or len(tests)):
        return LabelsAtHand(items, labelled, None, None)
    try:
        known = latest_fit(workspace)
    except NothingToDoError:
        return None  # the task has changed since
    votes = votes_for_labels(workspace, known.active)
    reduction = reduced(workspace, votes)
    ungilded = without_gold(reduction, votes, known.model, known.fit)
    quality, trust = judge_labels(ungilded)
    sets = judged_as_sets(workspace, ungilded, known.fit)
    stated = None
    if len(tests):
        stated = stated_quality(machine_labels(workspace, known, reduction, votes), tests)
    return LabelsAtHand(items, labelled, quality, trust, stated, sets)


def _next_step(workspace: Workspace, items: int, votes: dict[str, int]) -> str:
    folder = shlex.quote(str(workspace.folder))
    cast = sum(votes.get(kind, 0) for kind in SourceKind if kind is not SourceKind.GOLD)
    if items == 0:
        return f"import data: labelwright import {folder} FILE"
    if cast == 0 and workspace.runs.latest("vote") is None:
        return "write functions in sources.py or rules in labelwright.toml, then: labelwright vote"
    if workspace.runs.latest("label") is None:
        return "turn votes into labels: labelwright label"
    if workspace.runs.latest("train") is None and learnable(workspace.settings.task):
        return "train an end model: labelwright train"
    return "answer the questions worth most: labelwright next, then: labelwright round"
