"""Every source votes on every item that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.items import NUMBER
from labelwright.core.ports import Ballot, Engine, Voter
from labelwright.core.record import Run
from labelwright.core.votes import VoteState
from labelwright.pipeline.vote.class_descriptions import why_silent
from labelwright.pipeline.workspace import clock
from labelwright.pipeline.workspace.inside_items import bounding, inside
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import ballot_rows

COMMIT_ROWS = 2_000_000
"""Rows held back until they are written in one commit: what a kill can cost to do again."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """What one source did in this run.

    Attributes:
        name: of the source.
        items: how many items it was asked about.
        votes: on how many it voted.
        failures: on how many it failed.
        reason: why it failed first, if it did.
        stopped: why it was stopped before the end, if it was.
        printed: the first lines of what it printed, if it did.
    """

    name: str
    items: int = 0
    votes: int = 0
    failures: int = 0
    reason: str = ""
    stopped: str = ""
    printed: str = ""


@dataclass(frozen=True, slots=True)
class VoteReport:
    """What `vote` did.

    Attributes:
        sources: a tally of each source that ran.
        cached: the sources that had nothing to do.
        notes: what the owner wanted to vote and cannot, and why.
    """

    sources: tuple[SourceRun, ...]
    cached: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def votes(self) -> int:
        """How many votes were cast."""
        return sum(tally.votes for tally in self.sources)


def cast_votes(
    workspace: Workspace,
    voters: Sequence[Voter],
    engine: Engine,
    progress: Progress = silent,
) -> VoteReport:
    """Runs every voter on the items that this version of it has not been asked about.

    What was voted is safe commit by commit: killed and started again, it goes on where it was.
    """
    numbers = workspace.log.register([voter.source for voter in voters])
    tallies: dict[int, SourceRun] = {}
    for group, todo in _groups(workspace, numbers):
        team = [voters[place] for place in group]
        done = _run(workspace, team, numbers[group], todo, engine, progress)
        tallies.update(zip(group, done, strict=True))
    workspace.runs.record(_record(workspace, voters))
    cached = [voter.source.name for place, voter in enumerate(voters) if place not in tallies]
    ran = tuple(tallies[place] for place in sorted(tallies))
    return VoteReport(ran, tuple(cached), tuple(filter(None, [why_silent(workspace)])))


def _record(workspace: Workspace, voters: Sequence[Voter]) -> Run:
    """The run that says which versions of functions, rules and descriptions stand now."""
    return Run(
        step="vote",
        inputs={
            "sources": [[voter.source.name, voter.source.version] for voter in voters],
            "items": workspace.items.count(),
        },
        settings={},
        started=clock.started(),
    )


def _groups(
    workspace: Workspace, numbers: NDArray[np.int32]
) -> Iterator[tuple[list[int], NDArray[np.bool_]]]:
    """The voters that miss the same items, with those items as a mask over all items."""
    groups: dict[bytes, tuple[list[int], NDArray[np.bool_]]] = {}
    for place, asked in enumerate(workspace.asked(numbers)):
        if not asked.all():
            key = np.packbits(asked).tobytes()
            groups.setdefault(key, ([], ~asked))[0].append(place)
    yield from groups.values()


def _run(
    workspace: Workspace,
    voters: Sequence[Voter],
    numbers: NDArray[np.int32],
    todo: NDArray[np.bool_],
    engine: Engine,
    progress: Progress,
) -> list[SourceRun]:
    """Runs voters on the items in the mask and appends their votes to the log."""
    what = "voting" if len(voters) > 1 else f"voting: {voters[0].source.name}"
    total, done = int(todo.sum()), 0
    tallies = [SourceRun(voter.source.name) for voter in voters]
    held: list[pa.Table] = []
    now = datetime.now(UTC)
    for batch, ballots in engine.run(voters, _missing(workspace, voters, todo)):
        item = batch.column(NUMBER).to_numpy()
        for place, cast in enumerate(ballots):
            ballot = inside(workspace, cast, batch)
            rows = ballot_rows(ballot, item, int(numbers[place]), round_=workspace.round, time=now)
            held.append(rows)
            tallies[place] = _counted(tallies[place], ballot, rows)
        done += batch.num_rows
        progress(what, done, total)
        if sum(rows.num_rows for rows in held) >= COMMIT_ROWS:
            workspace.log.append(pa.concat_tables(held))
            held.clear()
    if held:
        workspace.log.append(pa.concat_tables(held))
    return tallies


def _missing(
    workspace: Workspace, voters: Sequence[Voter], todo: NDArray[np.bool_]
) -> Iterator[pa.RecordBatch]:
    """The batches of items in the mask, with the fields that these voters read."""
    bounds = bounding(workspace.settings.task)
    fields = workspace.fields_for([*(voter.fields for voter in voters), bounds])
    first = int(todo.argmax())
    for batch in workspace.items.scan(fields, start=first):
        keep = todo[batch.column(NUMBER).to_numpy()]
        if keep.all():
            yield batch
        elif keep.any():
            yield batch.filter(pa.array(keep))


def _counted(tally: SourceRun, ballot: Ballot, rows: pa.Table) -> SourceRun:
    state = rows["state"]
    failures = pc.sum(pc.equal(state, int(VoteState.FAILED))).as_py() or 0
    return SourceRun(
        name=tally.name,
        items=tally.items + rows.num_rows,
        votes=tally.votes + (pc.sum(pc.equal(state, int(VoteState.VOTED))).as_py() or 0),
        failures=tally.failures + failures,
        reason=tally.reason or next(iter(ballot.failures.values()), ""),
        stopped=tally.stopped or ballot.stopped,
        printed=tally.printed or ballot.printed,
    )
