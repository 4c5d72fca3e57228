"""What happened since the last version: items, votes, sources, labels, quality, cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.errors import UnknownNameError
from labelwright.core.record import Version
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Cost
from labelwright.stores import AnswerColumn, get_column

MOST_MOVES = 6
_MADE = ("label", "join", "train")


@dataclass(frozen=True, slots=True)
class Move:
    """How many items had one label and have another now; None for no label."""

    before: str | None
    now: str | None
    units: int


@dataclass(frozen=True, slots=True)
class Story:
    """What is different now.

    Attributes:
        since: the id of the version that this is held against.
        note: why that was made.
        when: when.
        items: how many more items there are.
        votes: how many more votes are in force.
        new: names of the sources that it did not have.
        gone: names of those that only it had.
        edited: names of those whose version differs.
        labels: how many items have another label; None if that cannot be told.
        moves: which labels became which, the most frequent first.
        accuracy_before: of its end model on the test items; NaN if unknown.
        accuracy_now: of the present one.
        person_seconds: how much more time of people it took.
        usd: how much more money.
    """

    since: str
    note: str
    when: str
    items: int
    votes: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    edited: tuple[str, ...]
    labels: int | None
    moves: tuple[Move, ...]
    accuracy_before: float
    accuracy_now: float
    person_seconds: float
    usd: float


def story(
    workspace: Workspace, labels: Labels, trained: Trained | None, cost: Cost
) -> Story | None:
    """What changed since the version before what stands now; None if there is none."""
    base = _base(workspace, labels, trained)
    if base is None:
        return None
    before = {source["name"]: source.get("version", "") for source in base.sources}
    now = {source.name: source.version for source in labels.active.sources}
    changed, moves = _moves(workspace, base, labels)
    quality = None if trained is None else trained.quality
    return Story(
        since=base.id,
        note=base.note,
        when=base.created,
        items=workspace.items.count() - int(base.items["count"]),
        votes=len(labels.votes.item) - int(base.votes["count"]),
        new=tuple(sorted(now.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - now.keys())),
        edited=tuple(sorted(n for n in now.keys() & before.keys() if now[n] != before[n])),
        labels=changed,
        moves=moves,
        accuracy_before=base.metrics.get("test_accuracy", float("nan")),
        accuracy_now=float("nan") if quality is None else quality.accuracy,
        person_seconds=cost.person_seconds - base.cost.get("person_seconds", 0.0),
        usd=cost.usd - base.cost.get("usd", 0.0),
    )


def _base(workspace: Workspace, labels: Labels, trained: Trained | None) -> Version | None:
    """The newest version, or the one before it if that is what stands now."""
    head = workspace.versions.head()
    if head is None:
        return None
    made = {"label": labels.run.id}
    if labels.joint is not None:
        made["join"] = labels.joint.run.id
    if trained is not None:
        made["train"] = trained.run.id
    if {step: id_ for step, id_ in head.runs.items() if step in _MADE} != made:
        return head
    known = {version.id: version for version in workspace.versions.list()}
    return known.get(head.parent)


def _moves(
    workspace: Workspace, base: Version, labels: Labels
) -> tuple[int | None, tuple[Move, ...]]:
    """How many items have another label, and the commonest changes.

    None for versions of early releases and for other classes.
    """
    same = list(base.task["classes"]) == list(workspace.settings.task.classes)
    if "column" not in base.labels or not same:
        return None, ()
    try:
        column = get_column(workspace.objects, base.labels["column"])
    except UnknownNameError:
        return None, ()
    now = AnswerColumn.of(labels.answers.answer)
    names = [*dict.fromkeys([*labels.units.class_names, *now.names, *column.names])]
    is_, was = now.among(names), np.full(len(now.code), -1)
    if len(column.code) > len(was):
        return None, ()
    was[: len(column.code)] = column.among(names)
    moved = np.flatnonzero(is_ != was)
    # No label comes last: of equally frequent moves those between classes are told first.
    last = len(names)
    pair, count = np.unique(
        np.where(was < 0, last, was)[moved] * np.int64(last + 1)
        + np.where(is_ < 0, last, is_)[moved],
        return_counts=True,
    )
    told = [*names, None]
    moves = [
        Move(told[pair[at] // (last + 1)], told[pair[at] % (last + 1)], int(count[at]))
        for at in np.argsort(-count, kind="stable")[:MOST_MOVES]
    ]
    return len(moved), tuple(moves)
