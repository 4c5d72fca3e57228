"""The engine's side of its workers: starts them, asks them, stops those that hang."""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from labelwright.core.errors import SourceError
from labelwright.core.ports import Ballot, Voter
from labelwright.engines.ballots import failed, first_rows, joined, unasked
from labelwright.engines.frames import SilenceError, packed, receive, send

GRACE_S = 5.0
"""How long after the time limit a worker may still answer by itself."""

# The worker sees the modules that this process sees, and nothing of the script that runs here:
# so a script needs no `if __name__ == "__main__"` guard.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from labelwright.engines.worker import main; main()"
)


class Crew:
    """The workers of one run. Threads may ask it at the same time, each gets its own worker.

    Args:
        voters: what the workers run.
        timeout_s: how long a slice of a batch may take.
        max_strikes: after so many time-outs or deaths a voter is stopped for this run.
    """

    def __init__(self, voters: Sequence[Voter], timeout_s: float, max_strikes: int) -> None:
        self._names = [voter.source.name for voter in voters]
        self._pickled = [pickle.dumps(voter, protocol=pickle.HIGHEST_PROTOCOL) for voter in voters]
        self._timeout_s = timeout_s
        self._max_strikes = max_strikes
        self._strikes = [0] * len(voters)
        self._stopped = [""] * len(voters)
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all: list[_Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    def vote(self, batch: pa.RecordBatch) -> list[Ballot]:
        """One ballot per voter.

        Raises:
            SourceError: a voter cannot run at all.
        """
        content = packed(batch)
        worker = self._worker()
        ballots = []
        for number in range(len(self._names)):
            worker, ballot = self._vote(worker, number, content, batch.num_rows)
            ballots.append(ballot)
        self._idle.put(worker)
        return ballots

    def close(self) -> None:
        """Ends all workers at once."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.end()

    def _vote(
        self, worker: _Worker, number: int, content: bytes, rows: int
    ) -> tuple[_Worker, Ballot]:
        """One voter's votes on the batch, and the worker, which may be a new one by now."""
        pieces: list[Ballot] = []
        start = 0
        while start < rows and not self._stopped[number]:
            try:
                worker.hold(content)
                for stop, ballot in worker.votes(number, start):
                    pieces.append(ballot)
                    start = stop
                    if ballot.failures and worker.overtime:
                        self._strike(number, next(iter(reversed(ballot.failures.values()))))
            except _LostError as lost:
                if self._closed:
                    raise
                self._retire(worker)
                if lost.place is not None:
                    first, start = lost.place
                    pieces.append(failed(start - first, lost.reason))
                self._strike(number, lost.reason)
                worker = self._worker()
        if start < rows:
            pieces.append(unasked(rows - start, self._stopped[number]))
        return worker, joined(pieces)

    def _strike(self, number: int, reason: str) -> None:
        with self._lock:
            self._strikes[number] += 1
            if self._strikes[number] >= self._max_strikes:
                self._stopped[number] = (
                    f"stopped for this run after {self._strikes[number]} time-outs or crashes; "
                    f"the last: {reason}"
                )

    def _worker(self) -> _Worker:
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if self._closed:
                raise _LostError("the run was ended")
            worker = _Worker(self._timeout_s)
            self._all.append(worker)
        worker.load(self._pickled)
        return worker

    def _retire(self, worker: _Worker) -> None:
        worker.end()
        with self._lock:
            self._all.remove(worker)


class _LostError(Exception):
    """A worker died or does not answer; `place` is the slice that it was at, if it was at one."""

    def __init__(self, reason: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


class _Worker:
    """One worker process."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._held: bytes | None = None
        self._ending = threading.Lock()
        self.overtime = False
        # A session of its own: Ctrl-C reaches the engine only, and what the owner's code started
        # ends with the worker.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own code
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()

    def load(self, pickled: Sequence[bytes]) -> None:
        """Hands it the voters.

        Raises:
            SourceError: it cannot load them.
        """
        try:
            send(self._to, ("voters", list(pickled), self._timeout_s))
            (problem,) = receive(self._from)
        except (OSError, EOFError):
            raise SourceError(f"a worker process did not start: {self._end_reason()}") from None
        if problem is not None:
            raise SourceError(problem)

    def hold(self, content: bytes) -> None:
        """Hands it the batch, unless it has it."""
        if self._held is not content:
            self._send(("batch", content))
            self._held = content

    def votes(self, number: int, start: int) -> Any:
        """The ballots of a voter from row `start` on, each with the row after its last."""
        self._send(("vote", number, start))
        place = None
        while True:
            match self._next(place):
                case ("slice", first, stop):
                    place = (first, stop)
                case ("ballot", first, stop, ballot, overtime):
                    self.overtime = overtime
                    # From here to the next slice no item is to blame if the worker dies.
                    place = None
                    yield stop, first_rows(ballot, stop - first)
                case ("broken", reason):
                    raise SourceError(reason)
                case ("end",):
                    return

    def end(self) -> None:
        """Ends it and all that it started, now. Harmless if it has ended."""
        with self._ending:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _send(self, frame: Any) -> None:
        try:
            send(self._to, frame)
        except OSError:
            raise _LostError(self._end_reason()) from None

    def _next(self, place: tuple[int, int] | None) -> Any:
        try:
            return receive(self._from, self._timeout_s + GRACE_S)
        except SilenceError:
            reason = f"it did not answer for {self._timeout_s:g} s and its worker was ended"
            raise _LostError(reason, place) from None
        except (EOFError, OSError):
            raise _LostError(self._end_reason(), place) from None

    def _end_reason(self) -> str:
        """How the process ended."""
        try:
            code = self._process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            return "its worker process closed its pipes"
        if code < 0:
            return f"its worker process was killed by {signal.Signals(-code).name}"
        return f"its worker process ended with exit code {code}"
