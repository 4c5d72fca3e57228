"""What moved a label: the push towards it that grew most between two versions."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.core.votes import VOTE_SCHEMA, Votes
from labelwright.endmodels import Evidence
from labelwright.labelmodels import all_contributions
from labelwright.pipeline.label.class_balance import believed
from labelwright.pipeline.label.label import KnownFit, latest_fit
from labelwright.pipeline.label.reduce_votes import classes_of, extent_of, units_of
from labelwright.pipeline.label.votes_that_count import HELD_OUT, votes_on_record, without
from labelwright.pipeline.label.worker_trust import trusted
from labelwright.pipeline.train.joint_labels import latest_content, read_content
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import AnswerColumn, LanceVotes, in_force

Array = NDArray[np.float64]
Numbers = NDArray[np.integer]
_COLUMNS = ["item", "source", "state", "answer", "confidence", "round", "id", "supersedes"]
_SCHEMA = pa.schema([VOTE_SCHEMA.field(name) for name in _COLUMNS])


@dataclass(frozen=True, slots=True)
class ChangeCause:
    """What moved one label; see `Cause`."""

    what: str
    who: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The chosen items in one of two versions.

    Attributes:
        classes: the classes of the units.
        heads: the names of the units that every item has; empty where they vary.
        sources: by name.
        said: what each source said of each item, as text, shape (items, sources).
        before: the log scores before any vote, shape (units, classes).
        effect: what each source added, shape (units, sources, classes).
        content: what content added, shape (units, classes).
        accuracy: how often each source is right, shape (sources,).
        aside: which items are set aside.
    """

    classes: tuple[str, ...]
    heads: tuple[str, ...]
    sources: dict[str, tuple[int, Source]]
    said: NDArray[np.object_]
    before: Array
    effect: Array
    content: Array
    accuracy: Array
    aside: NDArray[np.bool_]


def movers(
    before: Workspace,
    after: Workspace,
    old_rows: NDArray[np.int64],
    new_rows: NDArray[np.int64],
    old: AnswerColumn,
    new: AnswerColumn,
) -> list[ChangeCause]:
    """What moved the label of each of these items, which the two versions label differently.

    Args:
        before: the project at the first version.
        after: the project at the second.
        old_rows: the items' numbers in the first.
        new_rows: the items' numbers in the second.
        old: all labels of the first.
        new: all labels of the second.
    """
    a, b = _side(before, old_rows), _side(after, new_rows)
    if (a.classes, a.heads) != (b.classes, b.heads):
        other = before.settings.task != after.settings.task
        return [ChangeCause("other task" if other else "label model")] * len(old_rows)
    names = [*dict.fromkeys([*a.sources, *b.sources])]
    differs = _said(a, names) != _said(b, names)
    if a.heads:
        task = after.settings.task
        was, is_ = _classes(old, old_rows, a, task), _classes(new, new_rows, b, task)
        grew = _pushes(b, names, was, is_) - _pushes(a, names, was, is_)
        grew = grew.reshape(len(old_rows), len(a.heads), -1).sum(axis=1)
    else:
        grew = _trusted_most(b, names, len(old_rows))
    # Weights that moved under votes that did not are the label model's doing.
    by_source = grew[:, : len(names)]
    model = np.where(differs, 0.0, by_source if a.heads else 0.0).sum(axis=1) + grew[:, -2]
    all_of = np.column_stack([np.where(differs, by_source, -np.inf), model, grew[:, -1]])
    kinds = [
        *(_source(a, b, name) for name in names),
        ChangeCause("label model"),
        ChangeCause("content"),
    ]
    aside = np.flatnonzero(a.aside != b.aside)
    found = [kinds[best] for best in all_of.argmax(axis=1).tolist()]
    for item in aside.tolist():
        found[item] = ChangeCause("set aside" if b.aside[item] else "taken back")
    return found


def _classes(column: AnswerColumn, rows: NDArray[np.int64], side: _Side, task: Task) -> Numbers:
    """The class of each unit of these items, -1 where it has none. Shape (units,)."""
    if len(side.heads) == 1:
        return column.among(side.classes)[rows]
    return classes_of(column.arrow().take(pa.array(rows)).cast(pa.string()), task)


def _trusted_most(side: _Side, names: list[str], items: int) -> Array:
    """Where units are found in the votes, none is the same before and after to be weighed.

    What moved the label is then the best of the sources that say something else now. Shape
    (items, sources + 2).
    """
    known = [side.accuracy[side.sources[n][0]] if n in side.sources else 0.5 for n in names]
    return np.tile(np.nan_to_num([*known, 0.0, 0.0], nan=0.5), (items, 1))


def _source(a: _Side, b: _Side, name: str) -> ChangeCause:
    """In what way a source that says something else now has changed."""
    if name not in a.sources or name not in b.sources:
        there = (a.sources | b.sources)[name][1]
        return ChangeCause(
            "new source" if name in b.sources else "source gone", name, there.kind.value
        )
    old, new = a.sources[name][1], b.sources[name][1]
    return ChangeCause("votes of" if old.version == new.version else "edited", name, new.kind.value)


def _said(side: _Side, names: list[str]) -> NDArray[np.object_]:
    """What the sources of these names say of each item, None where there is none of the name."""
    said = np.full((len(side.said), len(names)), None, object)
    for place, name in enumerate(names):
        if name in side.sources:
            said[:, place] = side.said[:, side.sources[name][0]]
    return said


def _pushes(side: _Side, names: list[str], was: Numbers, is_: Numbers) -> Array:
    """How far each source, then the class balance, then content, pushes each unit to its new label.

    The log odds of the label after against the one before, or against the mean of all where there
    was none. Shape (units, sources + 2).
    """
    units = np.arange(len(was))

    def towards(score: Array) -> Array:
        mean = score.mean(axis=1)
        to = np.where(is_ >= 0, score[units, is_], mean)
        of = np.where(was >= 0, score[units, was], mean)
        return to - of

    nothing = np.zeros(len(was))
    parts = [
        towards(side.effect[:, side.sources[name][0]]) if name in side.sources else nothing
        for name in names
    ]
    return np.stack([*parts, towards(side.before), towards(side.content)], axis=1)


def _side(workspace: Workspace, rows: NDArray[np.int64]) -> _Side:
    """The items in one version."""
    known = latest_fit(workspace)
    votes = _votes_on(workspace, known, rows)
    units = units_of(votes, workspace.settings.task, extent=extent_of(workspace, rows))
    before, effect = all_contributions(known.fit, units.matrix)
    silent = ~units.matrix.covered
    if silent.any():
        before[silent] = np.log(believed(known.model, known.fit, units).probability[silent])
    said = np.full((len(rows), len(votes.sources)), None, object)
    said[:, votes.complete] = "abstains"
    answers = np.array([*votes.answers, "abstains"], object)
    said[votes.item, votes.source] = answers[votes.answer]
    return _Side(
        classes=units.class_names,
        heads=units.head_names,
        sources={source.name: (place, source) for place, source in enumerate(votes.sources)},
        said=said,
        before=before,
        effect=effect,
        content=_content(workspace, known, units, rows),
        accuracy=known.fit.accuracy,
        aside=workspace.set_aside.mask(workspace.items.count())[rows],
    )


def _content(workspace: Workspace, known: KnownFit, units: Units, rows: NDArray[np.int64]) -> Array:
    """What content added to the log scores of the items, zero where it had no say."""
    run = latest_content(workspace, workspace.items.count())
    if run is None or not units.heads:
        return np.zeros((len(units.item), len(units.class_names)))
    posterior = believed(known.model, known.fit, units)
    evidence = Evidence.of(units.matrix, known.fit, posterior)
    at = (rows[:, None] * units.heads + np.arange(units.heads)).ravel()
    # Where nobody voted, content takes the place of the class balance.
    instead = np.where(evidence.covered[:, None], evidence.prior, evidence.votes)
    gain = np.log(read_content(workspace, run, units, at)) - np.log(instead)
    return np.where(evidence.settled[:, None], 0.0, gain)


def _votes_on(workspace: Workspace, known: KnownFit, rows: NDArray[np.int64]) -> Votes:
    """The votes in force on these items alone, numbered from 0 in their order."""
    place = np.full(workspace.items.count(), -1, np.int64)
    place[rows] = np.arange(len(rows))
    with tempfile.TemporaryDirectory() as folder:
        log = LanceVotes(Path(folder))
        log.register(workspace.log.sources())
        parts = []
        for batch in workspace.log.batches(_COLUMNS, as_texts=True):
            number = place[batch.column("item").to_numpy()]
            hit = number >= 0
            if hit.any():
                table = pa.Table.from_batches([batch.filter(pa.array(hit))])
                parts.append(table.set_column(0, "item", pa.array(number[hit])).cast(_SCHEMA))
        if parts:
            log.append(pa.concat_tables(parts))
        votes = in_force(log, known.active.numbers.tolist(), len(rows))
    votes = replace(votes, sources=known.active.sources)
    gold = np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)
    hidden = np.isin(workspace.splits()[rows], HELD_OUT)
    aside = workspace.set_aside.mask(workspace.items.count())[rows]
    drop = (gold[votes.source] & hidden[votes.item]) | aside[votes.item]
    if workspace.settings.crowd.tests.used:
        drop |= trusted(workspace, votes_on_record(workspace, known.active)).held_back[votes.source]
    return without(votes, drop) if drop.any() else votes
