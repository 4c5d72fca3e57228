"""Answers of people and gold that everything else contradicts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.items import HASH
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.endmodels import cross_fit
from labelwright.pipeline.label.reduce_votes import extent_of, units_of
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Finding, Remedy, Severity, label_errors, share

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
    units = units_of(votes, workspace.settings.task, extent=extent_of(workspace))
    given = units.said_by(people)
    if not np.any(given >= 0):
        return
    if np.any(votes.answer[~people[votes.source]] >= 0):
        yield from _against_sources(workspace, units.without(people), given)
    for head in range(units.heads):
        told = given[head :: units.heads]
        answered = np.flatnonzero(told >= 0)
        if len(answered) >= LEAST_ANSWERS and len(np.unique(told[answered])) > 1:
            progress("looking for wrong answers", head, units.heads)
            yield from _against_contents(workspace, answered, told[answered])


def _against_sources(
    workspace: Workspace, units: Units, given: NDArray[np.int64]
) -> Iterator[Finding]:
    model = parts.label_model(workspace)
    posterior = model.posterior(model.fit(units.matrix), units.matrix)
    sure = posterior.covered & (posterior.confidence >= STRONG) & (given >= 0)
    against = np.flatnonzero(sure & (posterior.label != given))
    if len(against):
        order = np.argsort(-posterior.confidence[against], kind="stable")
        message = (
            f"{share(len(against), int(sure.sum()))} answers of people and gold stand against the "
            "strong evidence of the other sources"
        )
        items = units.item[against[order]]
        _, first = np.unique(items, return_index=True)
        worst = items[np.sort(first)]
        yield Finding("answers_against_sources", Severity.WARNING, message, worst, "", Remedy.LOOK)


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
