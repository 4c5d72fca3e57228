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

from labelwright.core.errors import LabelwrightError
from labelwright.server.jobs import HEAD, Done, Failed, Job, work
from labelwright.server.wire.rounds import RoundState

IDLE = RoundState(state="idle", job="", what="", done=0, total=0, started=None, detail="")
ROUND = "round"
GRACE_S = 10.0
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
        self._closing = False
        self._next: Job | None = None
        self._thread: threading.Thread | None = None
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def start(self, job: Job) -> bool:
        """Begins the job; False if one is running that it cannot wait for.

        A round waits for questions to be picked, which takes seconds.
        """
        with self._lock:
            if self._closing:
                return False
            if self.state.state == "running":
                waits = job.name == ROUND and self.state.job != ROUND and self._next is None
                self._next = job if waits else self._next
                return waits
            self.state = _state(state="running", job=job.name, started=time.time())
            self._thread = threading.Thread(
                target=self._follow, args=(job,), name="desk job", daemon=True
            )
            self._thread.start()
        self._tell(job)
        return True

    def close(self) -> None:
        """Ends the process, whatever it is doing: what it has written is whole."""
        with self._lock:
            self._closing = True
        process, thread = self._process, self._thread
        if process is not None and process.is_alive():
            process.terminate()
            process.join(GRACE_S)
        if thread is not None:
            thread.join(GRACE_S)

    def _follow(self, first: Job) -> None:
        """Sees to the job, and the one that waits for it, in a thread of this process."""
        job: Job | None = first
        while job is not None:
            state = self._done(job)
            if self._closing:
                return
            with self._lock:
                job, self._next = self._next, None
                if job is not None:
                    state = _state(state="running", job=job.name, started=time.time())
                self.state = state
            self._tell(job or first)

    def _tell(self, job: Job) -> None:
        # The head moves every few answers, in the background of the background.
        if job.name != HEAD or self.state.state == "failed":
            self._changed(self.state)

    def _done(self, job: Job) -> RoundState:
        """How the job ended."""
        try:
            answer = self._ask(job)
            if isinstance(answer, Done) and not self._closing:
                self._finished(job, answer)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process = None
            answer = Failed("the process in the background ended; its memory may have run out")
        except (LabelwrightError, OSError) as error:
            answer = Failed(str(error))
        if isinstance(answer, Failed):
            return _state(
                state="failed",
                job=job.name,
                detail=answer.reason,
                contradicted=answer.contradicted,
            )
        return _state(detail=answer.told)

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
            self.state = self.state.model_copy(update=now)
            self._changed(self.state)

    def _spawn(self) -> None:
        self._check_open()
        # Not forked: threads and the locks of libraries do not survive that.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, self.folder, self.url), name="labelwright job", daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            self._check_open()
        except EOFError:
            # `close` came while it was being started, and saw no process to end.
            self._process.terminate()
            raise

    def _check_open(self) -> None:
        if self._closing:
            raise EOFError


def _state(**values: Any) -> RoundState:
    return IDLE.model_copy(update=values)
