"""Two lines of versions become one: votes are united, labels made anew, files merged as text."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import ContradictedError, ProjectError
from labelwright.core.items import ID
from labelwright.core.record import Run, Version
from labelwright.pipeline.label.label import label
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.train import latest_trained
from labelwright.pipeline.versions.checkout import (
    bring_classes,
    bring_drawn,
    check_saved,
    opened_at,
    runs_of,
    set_aside_of,
    stands_first,
    write_code,
)
from labelwright.pipeline.versions.freeze import CODE, freeze
from labelwright.pipeline.versions.remotes import Place
from labelwright.pipeline.versions.restore import check_code_saved, set_aside_as, stand_at
from labelwright.pipeline.versions.three_way_text import merge_texts
from labelwright.pipeline.versions.transfer import add_items, add_votes
from labelwright.pipeline.versions.vote_state import (
    AnswerCodes,
    Standpoint,
    nothing,
    rows_to,
    standpoint,
)
from labelwright.pipeline.workspace import clock, parts
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import ITEMS, VOTES, base_of, write_atomic

NOTHING_NEW, AS_THEY_ARE, MERGED = "nothing new", "taken as they are", "merged"


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge did.

    Attributes:
        base: the id of the version that both went on from; empty if there is none.
        theirs: the id of the version that was taken in.
        votes: how many answers of theirs count now that did not.
        disputed: how many items the same source answered otherwise on both sides; the later counts.
        conflicts: the files in which both changed the same lines; they show both, to be solved.
        version: the id of the merged version; empty until conflicts are solved and it is saved.
        contradicted: why it is not saved where known truth contradicts its labels.
    """

    base: str
    theirs: str
    votes: int
    disputed: int
    conflicts: tuple[str, ...]
    version: str
    contradicted: str = ""


def bring(workspace: Workspace, place: Place, tip: str) -> int:
    """Copies a version and all that it was made from, as far as it lacks here; gives how many.

    A version is kept once all that it names is here: objects, items, votes.

    Raises:
        ProjectError: something here is in no version yet.
        DataError: items have other content there than here under the same id.
        StorageError: something is damaged there, or missing.
    """
    waiting, new = [tip], {}
    while waiting:
        id_ = waiting.pop()
        if id_ not in workspace.versions and id_ not in new:
            new[id_] = place.version(id_)
            waiting += new[id_].parents
    if not new:
        return 0
    head = workspace.versions.head()
    if head is not None:
        check_all_saved(workspace, head)
    for version in new.values():
        if version.format > 1:
            _fetch_column(workspace, place, version.labels["column"])
            for digest in (*version.objects.values(), *version.code.values()):
                if digest not in workspace.objects:
                    place.fetch(digest, workspace.objects)
    _bring_rows(workspace, place, new[tip])
    for version in _parents_first(new):
        workspace.versions.keep(version)
    workspace.layout.mark_format()
    return len(new)


def _bring_rows(workspace: Workspace, place: Place, version: Version) -> None:
    """Adds the items and votes of a version to the project's tables, as far as they lack."""
    for name in version.items["segments"]:
        if name not in workspace.segments.all(ITEMS):
            add_items(workspace, name, place.items(name))
    for name in version.votes["segments"]:
        if name not in workspace.segments.all(VOTES):
            add_votes(workspace, name, place.votes(name))


def join_versions(workspace: Workspace, theirs: Version) -> tuple[str, MergeReport | None]:
    """Makes the project have a version too: as it is where nothing was saved here since, or merged.

    Raises:
        ProjectError: something here is in no version yet.
    """
    head = workspace.versions.head()
    beyond = {version.id for version in workspace.versions.reached([theirs.id])}
    if head is not None:
        if theirs.id in {version.id for version in workspace.versions.reached([head.id])}:
            return NOTHING_NEW, None
        check_all_saved(workspace, head)
    if head is None or head.id in beyond:
        _take(workspace, theirs)
        return AS_THEY_ARE, None
    return MERGED, _merge(workspace, head, theirs)


def check_all_saved(workspace: Workspace, head: Version) -> None:
    """Returns if the head has all that is in the project.

    Raises:
        ProjectError: it has not.
    """
    check_saved(head)
    check_code_saved(workspace)
    segments = workspace.segments
    if workspace.items.count() == segments.end(ITEMS) and workspace.log.count() == segments.end(
        VOTES
    ):
        return
    with opened_at(workspace, head) as at:
        answers = AnswerCodes()
        then = standpoint(at, workspace, answers)
        differs = standpoint(workspace, workspace, answers).differs(then).any()
    later = np.setdiff1d(np.arange(workspace.items.count()), then.items)
    if differs or not workspace.set_aside.mask(workspace.items.count())[later].all():
        raise ProjectError(
            "there are items or votes that no version has yet; keep them first with: "
            "labelwright version save"
        )


def _take(workspace: Workspace, theirs: Version) -> None:
    """Makes the project what the version is; nothing that it lacks was only here."""
    exact = workspace.log.count() == theirs.votes["rows"]
    if not (exact and stands_first(workspace, theirs)):
        with opened_at(workspace, theirs) as at:
            stand_at(workspace, at)
    set_aside_as(workspace, set_aside_of(workspace, theirs))
    for run in runs_of(workspace, theirs):
        workspace.runs.record(run)
    bring_classes(workspace.objects, theirs, workspace.layout, workspace.settings.schema)
    bring_drawn(workspace.objects, theirs, workspace)
    write_code(workspace.objects, theirs, workspace.folder)
    workspace.seal()
    workspace.versions.move_head(theirs.id)


def _merge(workspace: Workspace, head: Version, theirs: Version) -> MergeReport:
    base = _base(workspace, head, theirs)
    votes, disputed = _unite(workspace, base, head, theirs)
    aside = [{} if v is None else set_aside_of(workspace, v) for v in (base, head, theirs)]
    set_aside_as(workspace, _united_aside(*aside))
    workspace.runs.record(_vote_run(workspace, base, head, theirs))
    bring_classes(workspace.objects, theirs, workspace.layout, workspace.settings.schema)
    bring_drawn(workspace.objects, theirs, workspace)
    conflicts = _merge_code(workspace, base, theirs)
    versions = workspace.versions
    versions.change(replace(versions.refs(), merging=theirs.id))
    made = contradicted = ""
    if not conflicts:
        again = open_workspace(workspace.folder, workspace.desk_url)
        labels = with_content(again, label(again, parts.label_model(again)))
        trained = latest_trained(again, len(labels.answers.answer))
        note = f"merge of {theirs.note or theirs.id[:12]}"
        try:
            made = freeze(again, labels, trained, note=note).id
        except ContradictedError as error:
            contradicted = str(error)
    base_id = "" if base is None else base.id
    return MergeReport(base_id, theirs.id, votes, disputed, tuple(conflicts), made, contradicted)


def _base(workspace: Workspace, head: Version, theirs: Version) -> Version | None:
    """The latest version that both were made from."""
    mine = {version.id for version in workspace.versions.reached([head.id])}
    shared = [v for v in workspace.versions.history(theirs.id) if v.id in mine]
    return next((version for version in shared if version.format > 1), None)


def _unite(
    workspace: Workspace, base: Version | None, head: Version, theirs: Version
) -> tuple[int, int]:
    """Adds the rows that make every source say what it said last on either side.

    Returns:
        How many answers of theirs count now, and how many were disputed.
    """
    answers = AnswerCodes()
    with ExitStack() as stack:
        at = [stack.enter_context(opened_at(workspace, v)) for v in (head, theirs)]
        mine, other = (standpoint(one, workspace, answers) for one in at)
        if base is None:
            old = nothing(workspace)
        else:
            old = standpoint(stack.enter_context(opened_at(workspace, base)), workspace, answers)
        new_there, new_here = other.differs(old), mine.differs(old)
        disputed = new_there & new_here & other.differs(mine)
        take = new_there & ~new_here
        cells = np.argwhere(disputed)
        if len(cells):
            times = [_times(one, workspace, disputed) for one in at]
            names = [*answers.names, "", ""]
            for item, source in cells.tolist():
                ranks = [
                    (when.get((item, source), datetime.min.replace(tzinfo=UTC)),
                     names[side.said[item, source]])
                    for when, side in zip(times, (mine, other), strict=True)
                ]  # fmt: skip
                take[item, source] = ranks[1] > ranks[0]
    wanted = Standpoint(
        np.where(take, other.said, mine.said),
        np.where(take, other.sure, mine.sure),
        np.union1d(mine.items, other.items),
    )
    rows = rows_to(workspace, standpoint(workspace, workspace, answers), wanted, answers)
    if rows.num_rows:
        workspace.log.append(rows)
    return int((take & ~disputed).sum()), len(cells)


def _times(
    at: Workspace, workspace: Workspace, wanted: NDArray[np.bool_]
) -> dict[tuple[int, int], datetime]:
    """When the last row on each of these cells was cast, in this project's numbers."""
    register = workspace.log.register(at.log.sources())
    ids = [id_ for batch in at.items.scan([ID]) for id_ in batch.column(ID).to_pylist()]
    numbers = workspace.items.find(ids)
    found = {}
    for batch in at.log.batches(["item", "source", "time"]):
        item = numbers[batch.column("item").to_numpy()]
        source = register[batch.column("source").to_numpy()]
        for row in np.flatnonzero(wanted[item, source]).tolist():
            when = batch.column("time")[row].as_py()
            if when is not None:
                found[int(item[row]), int(source[row])] = when
    return found


def _united_aside(
    base: Mapping[str, list[str]], mine: Mapping[str, list[str]], theirs: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """What is set aside: what either side did since the base, and what both left as it was."""
    united = {}
    for reason in sorted({*mine, *theirs}):
        old, one, two = (set(side.get(reason, ())) for side in (base, mine, theirs))
        standing = (one & two) | (one - old) | (two - old)
        if standing:
            united[reason] = sorted(standing)
    return united


def _vote_run(workspace: Workspace, base: Version | None, head: Version, theirs: Version) -> Run:
    """The run that says which versions of functions and rules stand, of both sides together."""
    old, mine, other = (
        {}
        if version is None
        else {
            name: told
            for run in runs_of(workspace, version)
            if run.step == "vote"
            for name, told in run.inputs["sources"]
        }
        for version in (base, head, theirs)
    )
    standing = {}
    for name in dict.fromkeys([*mine, *other]):
        of = other if mine.get(name) == old.get(name) else mine
        if name in of:
            standing[name] = of[name]
    return Run(
        step="vote",
        inputs={"sources": [list(pair) for pair in standing.items()],
                "items": workspace.items.count()},
        settings={},
        started=clock.started(),
    )  # fmt: skip


def _merge_code(workspace: Workspace, base: Version | None, theirs: Version) -> list[str]:
    """Merges the files that people edit; gives those in which both changed the same lines."""
    conflicts = []
    for name in CODE:
        path = workspace.folder / name
        ours = path.read_text(encoding="utf-8") if path.is_file() else ""
        old = "" if base is None else _text(workspace, base, name)
        merged = merge_texts(
            old, ours, _text(workspace, theirs, name), ("ours", f"theirs ({theirs.id[:12]})")
        )
        if merged.conflicts:
            conflicts.append(name)
        if merged.text != ours:
            write_atomic(path, merged.text.encode())
    return conflicts


def _text(workspace: Workspace, version: Version, name: str) -> str:
    if name not in version.code:
        return ""
    return workspace.objects.get_bytes(version.code[name]).decode()


def _fetch_column(workspace: Workspace, place: Place, digest: str) -> None:
    """Fetches the labels of a version, with all that they build on."""
    while digest:
        if digest not in workspace.objects:
            place.fetch(digest, workspace.objects)
        digest = base_of(workspace.objects, digest)


def _parents_first(versions: Mapping[str, Version]) -> list[Version]:
    """The versions in an order in which no one comes before what it was made from."""
    done: dict[str, Version] = {}
    waiting = list(versions.values())
    while waiting:
        ready = [v for v in waiting if all(p in done or p not in versions for p in v.parents)]
        done.update((version.id, version) for version in ready)
        waiting = [version for version in waiting if version.id not in done]
    return list(done.values())
