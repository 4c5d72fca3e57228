"""Answers of people and gold that everything else contradicts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.items import HASH
from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes
from labelwright.endmodels import cross_fit
from labelwright.pipeline.label.votes_that_count import without
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Finding, Remedy, Severity, label_errors, share
from labelwright.tasks import kind_of

LEAST_ANSWERS = 50
"""From fewer no model learns what is usual."""
STRONG = 0.95
"""Other sources this sure of another class are strong evidence."""
ANSWERERS = (SourceKind.PERSON, SourceKind.GOLD)


def label_error_findings(workspace: Workspace, progress: Progress) -> Iterator[Finding]:
    """Answers that a model of the contents or the other sources' votes contradict, worst first."""
    sources = active(workspace)
    votes = workspace.in_force(sources.numbers, sources.sources)
    people = np.array([source.kind in ANSWERERS for source in votes.sources], bool)
    given = _given(workspace, without(votes, ~people[votes.source]))
    answered = np.flatnonzero(given >= 0)
    if not len(answered):
        return
    yield from _against_sources(workspace, without(votes, people[votes.source]), given)
    if len(answered) >= LEAST_ANSWERS and len(np.unique(given[answered])) > 1:
        progress("looking for wrong answers", 0, 0)
        yield from _against_contents(workspace, answered, given[answered])


def _given(workspace: Workspace, answers: Votes) -> NDArray[np.int64]:
    """The class that people gave each item, -1 where there is none or they differ."""
    task = workspace.settings.task
    matrix = kind_of(task.kind).decompose(answers, task).matrix
    given = np.full(matrix.units, -1, np.int64)
    if matrix.units != answers.items:
        return given  # the units are no items: there is no one class of an item
    unit, label = matrix.unit[matrix.voted], matrix.label[matrix.voted].astype(np.int64)
    given[unit] = label
    differ = np.zeros(matrix.units, bool)
    differ[unit[label != given[unit]]] = True
    return np.where(differ, -1, given)


def _against_sources(
    workspace: Workspace, others: Votes, given: NDArray[np.int64]
) -> Iterator[Finding]:
    if not np.any(others.answer >= 0):
        return
    task = workspace.settings.task
    matrix = kind_of(task.kind).decompose(others, task).matrix
    model = parts.label_model(workspace)
    posterior = model.posterior(model.fit(matrix), matrix)
    sure = posterior.covered & (posterior.confidence >= STRONG) & (given >= 0)
    against = np.flatnonzero(sure & (posterior.label != given))
    if len(against):
        order = np.argsort(-posterior.confidence[against], kind="stable")
        message = (
            f"{share(len(against), int(sure.sum()))} answers of people and gold stand against the "
            "strong evidence of the other sources"
        )
        yield Finding(
            "answers_against_sources", Severity.WARNING, message, against[order], "", Remedy.LOOK
        )


def _against_contents(
    workspace: Workspace, answered: NDArray[np.int64], given: NDArray[np.int64]
) -> Iterator[Finding]:
    model = parts.end_model(workspace)
    classes, label = np.unique(given, return_inverse=True)
    items = workspace.items.take(answered, [*model.fields, HASH])
    try:
        probability = cross_fit(model, items, np.eye(len(classes))[label], np.ones(len(label)))
    except DataError:
        return  # contents that the end model cannot learn from tell nothing of answers
    suspects = label_errors(probability, label)
    if len(suspects.item):
        message = (
            f"{share(len(suspects.item), len(label))} answers of people and gold are unlike the "
            "answers to similar items"
        )
        worst = answered[suspects.item]
        yield Finding("unlikely_answers", Severity.WARNING, message, worst, "", Remedy.LOOK)
