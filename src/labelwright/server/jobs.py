"""Work in a process of its own, so that answering never waits for it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from labelwright.core.errors import ContradictedError, LabelwrightError
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.pipeline.api.project import Project
from labelwright.pipeline.live.online_head import HeadKeeper, HeadRefit

PROGRESS_S = 0.1
HEAD = "head"
NICENESS = 10


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do: a ``round``, to pick ``questions``, or to move the ``head``.

    Attributes:
        name: which of them.
        seed: of every random number.
        note: for the version of a round.
        anyway: whether a round goes on though known truth contradicts the labels.
        count: how many questions to pick.
        taken: numbers of items that shall not be picked.
        waiting: answers that the vote log may not have yet.
    """

    name: str
    seed: int = 0
    note: str = ""
    anyway: bool = False
    count: int = 0
    taken: tuple[int, ...] = ()
    waiting: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What a job made.

    Attributes:
        questions: to be asked now.
        ids: of their items.
        moved: what the head says, if it moved.
        told: what else there is to say of it, such as that a round went on without a model.
    """

    questions: tuple[Assignment, ...]
    ids: tuple[str, ...]
    moved: HeadRefit | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a job made nothing.

    Attributes:
        reason: in words.
        contradicted: whether it stopped because known truth contradicts the labels.
    """

    reason: str
    contradicted: bool = False


Progressed = tuple[str, int, int]


def work(pipe: Connection, folder: Path, url: str) -> None:
    """Does jobs from the pipe until it closes.

    Answers each with any number of `Progressed`, then `Done` or `Failed`.
    """
    # People's questions and answers come first wherever processors are scarce.
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    keeper = HeadKeeper()
    while True:
        try:
            job = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            pipe.send(_done(job, folder, url, _Reporter(pipe), keeper))
        except LabelwrightError as error:
            pipe.send(Failed(str(error), isinstance(error, ContradictedError)))
        except (EOFError, KeyboardInterrupt, BrokenPipeError):
            return
        except Exception as error:  # noqa: BLE001 - the parent must hear of every end
            pipe.send(Failed(f"{type(error).__name__}: {error}"))


class _Reporter:
    """Passes progress on, a few times a second."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.last = pipe, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last >= PROGRESS_S:
            self.last = now
            self.pipe.send((what, done, total))


def _done(job: Job, folder: Path, url: str, progress: _Reporter, keeper: HeadKeeper) -> Done:
    project = Project.open(folder, desk=url)
    if job.name == HEAD:
        moved = keeper.move(
            project.workspace, job.waiting, job.taken, count=job.count, seed=job.seed
        )
        picked = () if moved is None else moved.questions
        return Done(picked, _ids(project, picked), moved)
    told = ""
    if job.name == "round":
        made = project.round(seed=job.seed, note=job.note, anyway=job.anyway, progress=progress)
        questions: Sequence[Assignment] = made.questions
        questions = [one for one in questions if one.item not in set(job.taken)]
        told = made.untrained
    else:
        progress("picking questions", 0, 0)
        questions = project.pick(job.count, seed=job.seed, taken=job.taken)
    return Done(tuple(questions), _ids(project, questions), told=told)


def _ids(project: Project, questions: Sequence[Assignment]) -> tuple[Any, ...]:
    from labelwright.core.items import ID

    rows = project.workspace.items.take([one.item for one in questions], [ID])  # type: ignore[arg-type]
    return tuple(rows[ID].to_pylist())
