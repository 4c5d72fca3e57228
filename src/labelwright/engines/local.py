"""Voters on this machine: rules in this process, the owner's functions in workers."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pyarrow as pa

from labelwright.core.errors import SettingsError
from labelwright.core.items import RESERVED
from labelwright.core.ports import Ballot, JointVoter, Voter
from labelwright.engines.crew import Crew

LOOK_UP_S = 0.1


@dataclass(frozen=True)
class LocalEngine:
    """Runs voters on this machine, holding a few batches at a time.

    Voters that are `isolated` run in worker processes under a time limit; the others run in this
    process, those that vote quicker together as a team.

    Attributes:
        processes: how many workers; None means one per core that this process may use.
        batch_timeout_s: how long a slice of a batch may take before it counts as hanging.
            Slices are cut to take a fraction of a second.
        max_timeouts: after so many time-outs or crashes a source is stopped for this run.

    Raises:
        SettingsError: a setting that is not positive.
    """

    processes: int | None = None
    batch_timeout_s: float = 30.0
    max_timeouts: int = 3

    def __post_init__(self) -> None:
        for name in ("processes", "batch_timeout_s", "max_timeouts"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise SettingsError(f"engine: {name} must be positive, got {value}")

    def run(
        self, voters: Sequence[Voter], batches: Iterable[pa.RecordBatch]
    ) -> Iterator[tuple[pa.RecordBatch, Sequence[Ballot]]]:
        """Every batch with one ballot per voter, in order.

        Raises:
            SourceError: a voter cannot run at all.
        """
        away = [place for place, voter in enumerate(voters) if voter.isolated]
        if not away:
            for batch in batches:
                yield batch, _here(voters, batch)
            return
        here = [place for place, voter in enumerate(voters) if not voter.isolated]
        for batch, near, far in self._spread(
            [voters[place] for place in here], [voters[place] for place in away], batches
        ):
            ballots = dict(zip([*here, *away], [*near, *far], strict=True))
            yield batch, [ballots[place] for place in range(len(voters))]

    def _spread(
        self, near: Sequence[Voter], far: Sequence[Voter], batches: Iterable[pa.RecordBatch]
    ) -> Iterator[tuple[pa.RecordBatch, Sequence[Ballot], Sequence[Ballot]]]:
        """Every batch with the ballots of the voters here and of those in workers."""
        processes = self.processes or len(os.sched_getaffinity(0))
        crew = Crew(far, self.batch_timeout_s, self.max_timeouts)
        threads = ThreadPoolExecutor(processes, thread_name_prefix="labelwright-worker")
        pending: deque[tuple[pa.RecordBatch, Sequence[Ballot], Future[list[Ballot]]]] = deque()
        try:
            for batch in batches:
                future = threads.submit(crew.vote, _narrowed(batch, far))
                pending.append((batch, _here(near, batch), future))
                if len(pending) > processes:
                    done, ballots, future = pending.popleft()
                    yield done, ballots, _result(future)
            while pending:
                done, ballots, future = pending.popleft()
                yield done, ballots, _result(future)
        finally:
            # Also on Ctrl-C and when the caller stops early: no process outlives the run.
            crew.close()
            threads.shutdown(wait=True, cancel_futures=True)


def _result(future: Future[list[Ballot]]) -> list[Ballot]:
    """What the future holds; waits in short steps, for a wait without end sleeps through Ctrl-C.

    It does so once Lance has started threads of its own.
    """
    while not wait([future], LOOK_UP_S).done:
        pass
    return future.result()


def _here(voters: Sequence[Voter], batch: pa.RecordBatch) -> list[Ballot]:
    """The ballots of voters that run in this process."""
    ballots: dict[int, Ballot] = {}
    teams: dict[type, list[int]] = {}
    for place, voter in enumerate(voters):
        if isinstance(voter, JointVoter):
            teams.setdefault(type(voter), []).append(place)
        else:
            ballots[place] = voter.vote(batch)
    for places in teams.values():
        team = [voters[place] for place in places]
        captain = team[0]
        assert isinstance(captain, JointVoter)  # noqa: S101 - only such are in teams
        ballots.update(zip(places, captain.vote_together(team, batch), strict=True))
    return [ballots[place] for place in range(len(voters))]


def _narrowed(batch: pa.RecordBatch, voters: Sequence[Voter]) -> pa.RecordBatch:
    """The columns that these voters read."""
    wanted = set(RESERVED)
    for voter in voters:
        if voter.fields is None:
            return batch
        wanted.update(voter.fields)
    return batch.select([name for name in batch.schema.names if name in wanted])
