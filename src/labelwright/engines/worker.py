"""A worker: the process in which the owner's code runs.

It is asked for one voter's votes on a batch and answers slice by slice, so that the engine knows
which items were at stake when a worker dies, and that an hour of honest work is not mistaken for
a hang: the time limit holds for a slice, and slices are cut to take a fraction of a second.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import time
from types import FrameType
from typing import Any

import pyarrow as pa

from labelwright.core.errors import SourceError
from labelwright.core.ports import Ballot, OvertimeError, Voter
from labelwright.engines.ballots import failed
from labelwright.engines.frames import receive, send, unpacked

FIRST_ROWS = 16
SLICE_S = 0.25
GROWTH = 16


def main() -> None:
    """Serves the engine at the other end of standard input and output until it hangs up."""
    incoming, outgoing = os.dup(0), os.dup(1)
    # What the owner's code, or a C library under it, prints or asks must not reach the pipes.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.stdin = io.StringIO()
    signal.signal(signal.SIGALRM, _overtime)
    try:
        _Desk(incoming, outgoing).serve()
    except (EOFError, BrokenPipeError):
        # The engine is gone. Skip the interpreter's shutdown, which the owner's threads may block.
        os._exit(0)


class _Desk:
    """Takes the engine's orders one after the other."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._timeout_s = 0.0
        self._voters: list[Voter] = []
        self._rows: dict[int, int] = {}
        self._batch: pa.RecordBatch | None = None

    def serve(self) -> None:
        while True:
            match receive(self._incoming):
                case ("voters", pickled, timeout_s):
                    self._timeout_s = timeout_s
                    self._answer(self._load(pickled))
                case ("batch", content):
                    self._batch = unpacked(content)
                case ("vote", number, start):
                    self._vote(number, start)

    def _answer(self, *frame: Any) -> None:
        send(self._outgoing, frame)

    def _load(self, pickled: list[bytes]) -> str | None:
        """Reads the voters; why that failed, if it did."""
        try:
            self._voters = [pickle.loads(voter) for voter in pickled]  # noqa: S301 - see the top
        except Exception as error:  # noqa: BLE001 - whatever it is, the engine must hear of it
            text = str(error) if isinstance(error, SourceError) else repr(error)
            return f"a worker could not load its sources: {text}"
        return None

    def _vote(self, number: int, start: int) -> None:
        """Sends the ballots of the batch from row `start` on, up to the end or an overtime."""
        batch = self._batch
        assert batch is not None  # noqa: S101 - the engine sends the batch first
        rows = self._rows.get(number, FIRST_ROWS)
        while start < batch.num_rows:
            stop = min(start + rows, batch.num_rows)
            self._answer("slice", start, stop)
            began = time.monotonic()
            try:
                # The very batch if it is one slice: voters may remember what they made of it.
                whole = stop - start == batch.num_rows
                part = batch if whole else batch.slice(start, stop - start)
                ballot, overtime = self._timed(self._voters[number], part)
            except SourceError as error:
                self._answer("broken", str(error))
                return
            if overtime and ballot.asked is not None:
                stop = start + int(ballot.asked.sum())
            self._answer("ballot", start, stop, ballot, overtime)
            if overtime:
                self._rows[number] = FIRST_ROWS
                break
            took = max(time.monotonic() - began, 1e-6)
            rows = max(1, int(rows * min(GROWTH, SLICE_S / took)))
            self._rows[number] = rows
            start = stop
        self._answer("end")

    def _timed(self, voter: Voter, batch: pa.RecordBatch) -> tuple[Ballot, bool]:
        """The votes, and whether the time limit struck."""
        _fired.clear()
        try:
            signal.setitimer(signal.ITIMER_REAL, self._timeout_s)
            try:
                ballot = voter.vote(batch)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except SourceError:
            raise
        except OvertimeError as error:
            return failed(batch.num_rows, str(error)), True
        except Exception as error:  # noqa: BLE001 - a voter's fault costs its votes, not the run
            return failed(batch.num_rows, f"{type(error).__name__}: {error}"), bool(_fired)
        return ballot, bool(_fired) and ballot.asked is not None


_fired: list[bool] = []


def _overtime(_signal: int, _frame: FrameType | None) -> None:
    _fired.append(True)
    raise OvertimeError("it took too long and was stopped by the time limit")
