"""What changed from one version to another, and why each label did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.items import HASH, ID
from labelwright.core.record import Version
from labelwright.pipeline.versions.checkout import check_saved, opened_at
from labelwright.pipeline.versions.label_change_causes import ChangeCause, movers
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import AnswerColumn, get_column

WHY_ITEMS = 20_000
"""Of so many changed labels it is looked into why they changed; of more, by a sample."""
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A label that is another one now.

    Attributes:
        item: its id.
        before: the answer, None if there was none.
        after: likewise.
    """

    item: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What moved labels.

    Attributes:
        what: ``votes of``, ``new source``, ``source gone``, ``edited``, ``label model``,
            ``content``, ``set aside``, ``taken back`` or ``other task``.
        who: the source; empty where it was none.
        kind: what the source is, such as ``person`` or ``rule``; empty where it was none.
        labels: how many labels it moved: more than anything else did.
        examples: some of them.
    """

    what: str
    who: str
    kind: str
    labels: int
    examples: tuple[LabelChange, ...]


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """From one version to another.

    Attributes:
        before: the id of the first.
        after: the id of the second.
        items_added: how many items only the second has.
        items_removed: how many items only the first has.
        items_changed: how many have other content under the same id.
        labels_changed: how many items of both have another label.
        labels_new: how many items that only the second has, have a label.
        counts: how many items have each answer, before and after.
        sources: each source that is new, gone or edited, with which of these it is.
        settings: the settings that changed, such as ``label`` or ``vouched``.
        causes: what changed labels, that which moved most first.
        looked_into: of how many changed labels it was found out why; a sample if fewer than all.
        cost: what the second cost more than the first, by what it was spent on.
    """

    before: str
    after: str
    items_added: int
    items_removed: int
    items_changed: int
    labels_changed: int
    labels_new: int
    counts: Mapping[str, tuple[int, int]]
    sources: Mapping[str, str]
    settings: tuple[str, ...]
    causes: tuple[Cause, ...]
    looked_into: int
    cost: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Items:
    """The items that both versions have, by their number in each, and how many they have not."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    added: NDArray[np.int64]
    removed: int = 0
    changed: int = 0


def difference(workspace: Workspace, before: Version, after: Version) -> VersionDifference:
    """What changed between two versions, and what moved each label.

    A label is the sum of what its sources said and of how the label model weighs that. Whatever
    pushed an item's sum furthest towards its new label moved it.

    Raises:
        ProjectError: one was saved by a release that kept too little.
    """
    check_saved(before)
    check_saved(after)
    with ExitStack() as stack:
        at: list[Workspace] = []

        def opened() -> list[Workspace]:
            if not at:
                at.extend(stack.enter_context(opened_at(workspace, v)) for v in (before, after))
            return at

        items = _items(before, after) or _items_by_id(*opened())
        old, new = (get_column(workspace.objects, v.labels["column"]) for v in (before, after))
        rows = np.flatnonzero(old.among(new.names)[items.before] != new.code[items.after])
        chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), WHY_ITEMS)).astype(np.int64)]
        causes: tuple[Cause, ...] = ()
        if len(chosen):
            changes = items.before[chosen], items.after[chosen]
            moved = movers(opened()[0], opened()[1], *changes, old, new)
            causes = _causes(opened()[0], moved, changes, old, new)
    return VersionDifference(
        before=before.id,
        after=after.id,
        items_added=len(items.added),
        items_removed=items.removed,
        items_changed=items.changed,
        labels_changed=len(rows),
        labels_new=int((new.code[items.added] >= 0).sum()),
        counts=_counts(before, after),
        sources=source_changes(before, after),
        settings=tuple(
            name
            for name in sorted({*before.settings, *after.settings} - {"toml", "follows"})
            if before.settings.get(name) != after.settings.get(name)
        ),
        causes=causes,
        looked_into=len(chosen),
        cost=_more(before.cost, after.cost),
    )


def source_changes(before: Version, after: Version) -> dict[str, str]:
    """Which sources are ``new``, ``gone`` or ``edited``, by name."""
    old, new = ({one["name"]: one["version"] for one in v.sources} for v in (before, after))
    found = {name: "new" for name in new if name not in old}
    found |= {name: "gone" for name in old if name not in new}
    found |= {name: "edited" for name in new if name in old and old[name] != new[name]}
    return dict(sorted(found.items()))


def _items(before: Version, after: Version) -> _Items | None:
    """The items of both where one version goes on where the other was; None where not."""
    a, b = before.items["segments"], after.items["segments"]
    shared = min(len(a), len(b))
    if a[:shared] != b[:shared]:
        return None
    both = min(before.items["count"], after.items["count"])
    number = np.arange(both)
    added = np.arange(both, after.items["count"])
    return _Items(number, number, added, removed=before.items["count"] - both)


def _items_by_id(before: Workspace, after: Workspace) -> _Items:
    place: dict[str, int] = {}
    hashes: list[str] = []
    for batch in before.items.scan([ID, HASH]):
        for id_ in batch.column(ID).to_pylist():
            place[id_] = len(place)
        hashes += batch.column(HASH).to_pylist()
    pairs, added, changed, number = [], [], 0, 0
    for batch in after.items.scan([ID, HASH]):
        for id_, hash_ in zip(*(batch.column(c).to_pylist() for c in (ID, HASH)), strict=True):
            if id_ in place:
                pairs.append((place[id_], number))
                changed += hashes[place[id_]] != hash_
            else:
                added.append(number)
            number += 1
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return _Items(
        both[:, 0], both[:, 1], np.array(added, np.int64), len(place) - len(both), changed
    )


def _causes(
    before: Workspace,
    moved: list[ChangeCause],
    changes: tuple[NDArray[np.int64], NDArray[np.int64]],
    old: AnswerColumn,
    new: AnswerColumn,
) -> tuple[Cause, ...]:
    found = []
    few: dict[ChangeCause, list[int]] = {}
    for row, one in enumerate(moved):
        if len(rows := few.setdefault(one, [])) < EXAMPLES:
            rows.append(row)
    for mover, labels in Counter(moved).most_common():
        rows = few[mover]
        ids = before.items.take(changes[0][rows], [ID])[ID].to_pylist()
        examples = tuple(
            LabelChange(id_, _said(old, int(changes[0][row])), _said(new, int(changes[1][row])))
            for id_, row in zip(ids, rows, strict=True)
        )
        found.append(Cause(mover.what, mover.who, mover.kind, labels, examples))
    return tuple(found)


def _said(column: AnswerColumn, number: int) -> str | None:
    code = int(column.code[number])
    return None if code < 0 else column.names[code]


def _counts(before: Version, after: Version) -> dict[str, tuple[int, int]]:
    old, new = before.labels["counts"], after.labels["counts"]
    return {name: (old.get(name, 0), new.get(name, 0)) for name in dict.fromkeys([*old, *new])}


def _more(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    names = dict.fromkeys([*before, *after])
    more = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
    return {name: value for name, value in more.items() if value}
