"""Votes on items become votes on units: once for a state of the votes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answer_book import TextBook
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.experts import vouched
from labelwright.pipeline.label.votes_that_count import without
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import kind_of


def reduced(workspace: Workspace, votes: Votes) -> Units:
    """The votes on units, those of people whom the owner vouches for as gold.

    What gold says, of held-out items too, joins the units as a guest: only for measuring, never
    an input of the label model or of training.
    """
    task = workspace.settings.task
    return units_of(votes, task, guests=gold_votes(workspace), extent=extent_of(workspace))


def units_of(
    votes: Votes, task: Task, *, guests: Votes | None = None, extent: pa.Table | None = None
) -> Units:
    """The votes on units where they are not all that the project has; else see `reduced`."""
    units = kind_of(task).decompose(votes, guests, extent, task)
    taken = vouched(votes)
    kinds = tuple(
        SourceKind.GOLD if trusted else kind
        for kind, trusted in zip(units.matrix.kinds, taken, strict=True)
    )
    matrix = replace(units.matrix, kinds=kinds)
    return replace(units, matrix=matrix, vouched=taken) if taken.any() else units


def gold_votes(workspace: Workspace) -> Votes:
    """What gold says of every item, held out or not, but for those set aside."""
    votes = workspace.gold()
    return without(votes, workspace.set_aside.mask(votes.items)[votes.item])


def extent_of(workspace: Workspace, items: NDArray[np.int64] | None = None) -> pa.Table | None:
    """The columns that bound the units of the items, or of these; None where there are none."""
    wanted = kind_of(workspace.settings.task).reads
    if not wanted or not set(wanted) <= set(workspace.items.schema().names):
        return None
    if items is not None:
        return workspace.items.take(items, wanted).select(list(wanted))
    batches = [batch.select(list(wanted)) for batch in workspace.items.scan(wanted)]
    return pa.Table.from_batches(batches) if batches else None


def classes_of(answers: pa.StringArray, task: Task) -> NDArray[np.int64]:
    """The class of every unit in answers given, -1 where they say nothing of it.

    Of kinds whose items all have the same units. Shape (answers * heads,).
    """
    coded = answers.dictionary_encode()
    given = coded.is_valid().to_numpy(zero_copy_only=False)
    item = np.flatnonzero(given)
    votes = Votes(
        item=item,
        source=np.zeros(len(item), np.int32),
        answer=coded.indices.filter(coded.is_valid()).to_numpy().astype(np.int32),
        answers=TextBook(tuple(coded.dictionary.to_pylist())),
        sources=(Source("labels", SourceKind.PERSON),),
        items=len(answers),
        complete=np.zeros(1, bool),
    )
    return units_of(votes, task).said_by(np.ones(1, bool))


def last_answers(votes: Votes, rows: NDArray[np.bool_]) -> Answers:
    """What the marked votes say of each item, null where they say nothing; of several the last.

    Args:
        votes: in force.
        rows: which of them are looked at, shape (votes,).
    """
    said = np.full(votes.items, -1, np.int64)
    chosen = rows & (votes.answer >= 0)
    said[votes.item[chosen]] = votes.answer[chosen]
    known = said >= 0
    distinct, which = np.unique(said[known], return_inverse=True)
    place = np.zeros(votes.items, np.int64)
    place[known] = which
    answer = votes.answers.texts(distinct).take(pa.array(place, mask=~known))
    return Answers(answer, known.astype(np.float64))


def answers_of(units: Units, posterior: Posterior, fit: LabelModelFit, task: Task) -> Answers:
    """The answer of every item, from the posterior of its units."""
    # What is the truth by definition stands where it was put; people who are taken at their word
    # are so for what they see, and draw as people do.
    trust = np.where(units.gold, np.inf, fit.accuracy)
    beliefs = units.beliefs(posterior.probability, posterior.covered, trust)
    return kind_of(task).recompose(beliefs, task)
