"""The one process in the background, and what it is doing."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from labelwright.server.jobs import Done, Failed, Job, work
from labelwright.server.wire.rounds import RoundState

IDLE = RoundState(state="idle", job="", what="", done=0, total=0, started=None, detail="")
Finished = Callable[[Job, Done], None]
Changed = Callable[[RoundState], None]


class Worker:
    """Runs one job at a time in a process of its own, which is started when it is first needed.

    Attributes:
        folder: of the project.
        url: of the desk.
        state: what it is doing, or how the last job ended.
    """

    def __init__(self, folder: Path, url: str, finished: Finished, changed: Changed) -> None:
        self.folder, self.url = folder, url
        self.state = IDLE
        self._finished, self._changed = finished, changed
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def start(self, job: Job) -> bool:
        """Begins the job; False if another one is running."""
        with self._lock:
            if self.state.state == "running":
                return False
            self.state = _state(state="running", job=job.name, started=time.time())
        self._changed(self.state)
        threading.Thread(target=self._follow, args=(job,), name="desk job", daemon=True).start()
        return True

    def close(self) -> None:
        """Ends the process, whatever it is doing: what it has written is whole."""
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()
            process.join(10)

    def _follow(self, job: Job) -> None:
        """Waits for the job in a thread of this process."""
        try:
            answer = self._ask(job)
        except (EOFError, OSError):
            self._process = None
            answer = Failed("the process in the background ended; its memory may have run out")
        if isinstance(answer, Failed):
            self._now(_state(state="failed", job=job.name, detail=answer.reason))
            return
        try:
            self._finished(job, answer)
        finally:
            self._now(IDLE)

    def _ask(self, job: Job) -> Done | Failed:
        if self._process is None or not self._process.is_alive():
            self._spawn()
        assert self._pipe is not None  # noqa: S101 - made with the process
        self._pipe.send(job)
        while True:
            said = self._pipe.recv()
            if isinstance(said, Done | Failed):
                return said
            what, done, total = said
            now = {"what": what, "done": done, "total": total}
            self._now(self.state.model_copy(update=now))

    def _spawn(self) -> None:
        # Not forked: threads and the locks of libraries do not survive that.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, self.folder, self.url), name="labelwright job", daemon=True
        )
        self._process.start()
        theirs.close()

    def _now(self, state: RoundState) -> None:
        self.state = state
        self._changed(state)


def _state(**values: Any) -> RoundState:
    return IDLE.model_copy(update=values)
