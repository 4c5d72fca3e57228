"""How far a project is, computed from what is there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import numpy as np

from labelwright.core.errors import NothingToDoError
from labelwright.core.identity import digest
from labelwright.core.source import SourceKind
from labelwright.pipeline.label.class_balance import balance_of
from labelwright.pipeline.label.label import label, latest_fit
from labelwright.pipeline.label.random_first import (
    NOTHING_MISSING,
    RandomFirst,
    of_balance,
    unless_all_answered,
)
from labelwright.pipeline.label.votes_that_count import votes_for_labels
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.collect_answers import answers_waiting
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, Cost
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
        answers_waiting: answers of people that stand and that the log does not have yet.
        rounds: how many versions were frozen.
        version: the id of the latest version, empty if there is none.
        labels: those that would be exported now, and how far they can be trusted; None before
            any were made.
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
    """The labels that would be exported now.

    Attributes:
        standing: how many there are, on what basis, and how right.
        calibration: how far their confidences can be trusted, by gold; None without gold.
    """

    standing: Standing
    calibration: Calibration | None

    @property
    def labelled(self) -> int:
        """How many items have a label."""
        return self.standing.labelled


def status(workspace: Workspace) -> Status:
    """The state of the project; reads, never writes, and runs no code of the project."""
    settings = workspace.settings
    names, counts = np.unique(workspace.splits(), return_counts=True)
    sources: dict[str, int] = {}
    votes: dict[str, int] = {}
    for source, tally in zip(workspace.log.sources(), workspace.tallies(), strict=True):
        sources[source.kind.value] = sources.get(source.kind.value, 0) + 1
        votes[source.kind.value] = votes.get(source.kind.value, 0) + tally.voted
    items, head, labels = workspace.items.count(), workspace.versions.head(), _labels(workspace)
    first = _random_first(workspace, votes.get(SourceKind.PERSON.value, 0))
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
        answers_waiting=answers_waiting(workspace),
        rounds=workspace.round - 1,
        version="" if head is None else head.id,
        labels=labels,
        next_step=_next_step(workspace, items, votes, labels, first),
        cost=spending(workspace),
        content=labels is not None and labels.standing.content,
        random_first=first,
    )


def _random_first(workspace: Workspace, answers: int) -> RandomFirst:
    """By the labels that were made last; so many answers of people there are."""
    try:
        known = latest_fit(workspace)
    except NothingToDoError:
        return NOTHING_MISSING
    balance = balance_of(known.fit)
    if balance is None:  # where units are found in votes no grid says which there are
        return NOTHING_MISSING
    units = grid_of(workspace.settings.task, 0)
    found = of_balance(balance, units.class_names if units.single else ())
    # Votes are read only where they can be on every item.
    if not found.missing or answers < workspace.items.count():
        return found
    return unless_all_answered(found, votes_for_labels(workspace, known.active))


def _labels(workspace: Workspace) -> LabelsAtHand | None:
    """None before anything was labelled, and where the task has changed since."""
    run = workspace.runs.latest("label")
    if run is None or run.inputs["task"] != digest(workspace.settings.task):
        return None
    try:
        labels = label(workspace, parts.label_model(workspace), write=False)
    except NothingToDoError:
        return None  # what voted is gone
    labels = with_content(workspace, labels)
    return LabelsAtHand(standing(workspace, labels), labels.calibration)


def _next_step(
    workspace: Workspace,
    items: int,
    votes: dict[str, int],
    labels: LabelsAtHand | None,
    first: RandomFirst,
) -> str:
    folder = shlex.quote(str(workspace.folder))
    cast = sum(votes.get(kind, 0) for kind in SourceKind if kind is not SourceKind.GOLD)
    if items == 0:
        return f"import data: labelwright import {folder} FILE"
    if cast == 0 and workspace.runs.latest("vote") is None:
        return "write functions in sources.py or rules in labelwright.toml, then: labelwright vote"
    if workspace.runs.latest("label") is None:
        return "turn votes into labels: labelwright label"
    if labels is not None and labels.standing.contradicted:
        return "mend the labels, as the warning says, then: labelwright round"
    untrained = workspace.runs.latest("train") is None and learnable(workspace.settings.task)
    # A model would learn the classes that have voters, and no other.
    if untrained and not (first.missing and first.without):
        return "train an end model: labelwright train"
    return "answer the questions worth most: labelwright next, then: labelwright round"
