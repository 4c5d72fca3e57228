"""What the server knows while it runs: the project, its desk, who listens, what runs."""

from __future__ import annotations

import asyncio
import getpass
import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import LabelwrightError
from labelwright.core.pool import Assignment
from labelwright.pipeline.analysis.machine_labels import (
    MachineLabels,
    StatedQuality,
    stated_quality,
)
from labelwright.pipeline.ask.hidden_tests import Exam, exam_of
from labelwright.pipeline.ask.pick_questions import ask
from labelwright.pipeline.label.honest_tests import (
    HonestTests,
    LoggedTests,
    honest_tests,
    logged_tests,
)
from labelwright.pipeline.live.audit import accepted_items, machine_labels
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.snapshot import Snapshot, take_snapshot
from labelwright.pipeline.train.item_coordinates import MAX_ITEMS
from labelwright.pipeline.vote.open_desks import open_team_desk, team_url
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.server.events import Events
from labelwright.server.identity import Identity
from labelwright.server.jobs import HEAD, Done, Job
from labelwright.server.kept_contents import KeptContents
from labelwright.server.stopped_rounds import StoppedRounds
from labelwright.server.wire.rounds import Event, HeadMoved, RoundState
from labelwright.server.worker import Worker
from labelwright.stores import Account, Accounts, DeskExams, Layout, Role

Result = TypeVar("Result")
QUESTIONS = 100
"""How many questions are picked at a time."""
FEW = 25
"""With fewer open questions, more are picked."""
AHEAD = 400
"""So many questions ahead are read before anybody asks for them."""
MADE = 64
"""At most so many things made of one snapshot are kept."""
MOVE_S = 5.0
"""The head follows the answers at most so often, however many people answer."""
WATCH_S = 1.0
THREADS = 4
_log = logging.getLogger("labelwright.server")


class Office:
    """The running server's state, handed to every route.

    Attributes:
        folder: of the project.
        desk: where answers come in.
        exams: the test questions there.
        accounts: people.
        identity: who asks.
        events: who listens.
        worker: the process in the background.
        snapshot: what stands now; replaced as a whole, never changed.
        moved: what the end model says of every item since it follows the latest answers; None if
            it does not yet.
    """

    def __init__(self, folder: Path, *, database: str | None = None, sign_in: bool = True) -> None:
        self.folder = folder.resolve()
        self._database = database
        workspace = self._opened()
        workspace.layout.check_changeable()
        self.desk = open_team_desk(workspace)
        self.exams = DeskExams(self.desk.database, self.desk.lease_s)
        self.accounts = Accounts(self.desk.database)
        local = None if sign_in else _local_owner(self.accounts)
        self.identity = Identity(self.accounts, str(self.folder), local)
        self.events = Events()
        self.worker = Worker(self.folder, team_url(workspace), self._finished, self._working)
        self.snapshot: Snapshot = take_snapshot(workspace)
        self.problem: str | None = None
        self._stamp = self._stamped()
        self._contents = KeptContents()
        self._threads = ThreadPoolExecutor(THREADS, "office")
        self._refreshing = threading.Lock()
        self.editing = threading.Lock()
        self._making = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._made: tuple[Snapshot, dict[Hashable, Any]] = (self.snapshot, {})
        self._claimed = 0
        self._answers = 0
        self._moving: str | None = None
        self._moved_at = -MOVE_S
        self.moved: NDArray[np.float32] | None = None
        self._closed = False
        self._nothing_since: tuple[Any, ...] | None = None
        self._stopped = StoppedRounds()

    @property
    def workspace(self) -> Workspace:
        """The project, with its settings as last read."""
        return self.snapshot.workspace

    @property
    def schema(self) -> int:
        """How many changes of classes there were."""
        return self.workspace.settings.schema

    @property
    def sign_in_needed(self) -> bool:
        """Whether nobody is let in unasked."""
        return self.identity.local is None

    def close(self) -> None:
        """Ends what runs in the background."""
        self._closed = True
        self.worker.close()
        self._threads.shutdown(cancel_futures=True)
        self.desk.database.close()

    async def run(self, function: Callable[..., Result], *args: Any, **named: Any) -> Result:
        """What the function returns, computed in a thread."""

        def returned() -> Result:
            try:
                return function(*args, **named)
            except StopIteration as error:
                # No future can hold one: whoever awaits it would wait for ever.
                raise RuntimeError("an iterator ended early") from error

        return await asyncio.get_running_loop().run_in_executor(self._threads, returned)

    async def contents(self, numbers: Sequence[int]) -> list[bytes]:
        """What these items hold, as JSON; read once and kept while there is room."""
        snapshot = self.snapshot
        found = self._contents.of(snapshot, numbers)
        missing = [number for number in dict.fromkeys(numbers) if number not in found]
        if missing:
            read = await self.run(snapshot.contents, missing)
            for content in read:
                found[content.number] = self._contents.keep(snapshot, content)
        return [found[number] for number in numbers]

    def once(self, name: Hashable, make: Callable[[Snapshot], Result]) -> Result:
        """What the function makes of the snapshot, made once for each snapshot."""
        snapshot = self.snapshot
        with self._making:
            held, made = self._made
            if held is not snapshot:
                made = {}
                self._made = (snapshot, made)
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in made:
                if len(made) >= MADE:
                    made.clear()
                made[name] = make(snapshot)
            found: Result = made[name]
            return found

    def catalogue(self) -> Catalogue:
        """The items of the snapshot as columns."""
        return self.once("catalogue", Catalogue)

    def claimed(self, wanted: int, got: int) -> bool:
        """Notes that questions were claimed; gives whether more are being picked."""
        self._claimed += got
        if got < wanted or self._claimed >= FEW // 2:
            self._claimed = 0
            if not self._closed:
                self._threads.submit(self._pick_if_few)
            return self._nothing_since != self._stamp
        return True

    def taken(self, *, fresh: bool = False) -> tuple[int, ...]:
        """The numbers of items that nobody needs to be asked about (again).

        Args:
            fresh: whether labels that know every answer will tell which need a second opinion.
        """
        accepted = accepted_items(self.workspace).tolist()
        return tuple({*self.desk.busy(done=not (fresh and self._adaptive)), *accepted})

    def heard(self, count: int) -> None:
        """Notes that answers came: labels may leave other items in doubt, and the head follows."""
        if count and self._adaptive:
            self._nothing_since = None
        self._answers += count
        every = self.workspace.settings.desk.refit_every
        due = time.monotonic() >= self._moved_at + MOVE_S
        if every and self._answers >= every and due and not self._closed:
            self._moved_at = time.monotonic()
            self._threads.submit(self._follow_answers)

    def exam(self) -> Exam:
        """The hidden test questions, with what the log knows of people's answers to them."""
        return self.once("exam", lambda snapshot: exam_of(snapshot.workspace))

    def honest_tests(self) -> HonestTests:
        """What labels and models are held against now."""
        return honest_tests(self.workspace, self.desk, self.logged_tests())

    def logged_tests(self) -> LoggedTests:
        """What the vote log knows of them, and whose answers do not count."""
        return self.once("logged tests", lambda snapshot: logged_tests(snapshot.workspace))

    def stopped_by_truth(self) -> str | None:
        """Why the last round stopped, if known truth would stop another one, too."""
        return self._stopped.again(self._opened(), self.desk)

    def answered_lately(self) -> list[int]:
        """The numbers of the items with answers that no label knows yet."""
        found = self.workspace.items.find(self.desk.answered_lately())
        return [number for number in found.tolist() if number >= 0]

    def machine_labels(self) -> MachineLabels:
        """What the labels of the snapshot would be if nobody had answered."""
        return self.once("machine labels", machine_labels)

    def stated_quality(self) -> StatedQuality:
        """How right the labels are that machines decide alone."""
        return stated_quality(self.machine_labels(), self.honest_tests())

    def refresh(self) -> None:
        """Takes a new snapshot if the project has changed on disk, and tells who listens."""
        with self._refreshing:
            stamp = self._stamped()
            if stamp == self._stamp:
                return
            try:
                workspace = self._opened()
                snapshot = take_snapshot(workspace)
            except (LabelwrightError, OSError) as error:
                # A file in the middle of being edited; the server goes on with what it has.
                self.problem, self._stamp = str(error), stamp
                self.events.tell(Event(kind="rules"))
                return
            before, self.snapshot, self.problem = self.snapshot, snapshot, None
            if _basis(before) != _basis(snapshot):
                self.moved = None
            settings_changed = self._stamp[0] != stamp[0]
            self._stamp = stamp
        if settings_changed:
            self.events.tell(Event(kind="rules"))
        if snapshot.schema_version != before.schema_version or snapshot.items != before.items:
            self.events.tell(Event(kind="project"))
        self.events.tell(Event(kind="labels"))

    async def watch(self) -> None:
        """Looks every second whether the project has changed on disk."""
        await self.run(self._pick_if_few)
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self.run(self.refresh)
            except Exception:  # noqa: BLE001 - it must go on, whatever came up
                _log.exception("looking after the project failed")

    @property
    def _adaptive(self) -> bool:
        """Whether an item may be asked about again."""
        return self.workspace.settings.crowd.redundancy.most > 1

    def _opened(self) -> Workspace:
        return open_workspace(self.folder, self._database)

    def _stamped(self) -> tuple[Any, ...]:
        """Changes when the settings, the items or the labels on disk do."""
        layout = Layout(self.folder)
        places = (
            self.folder / FILE_NAME, layout.runs, layout.items / "_versions", layout.forgiven
        )  # fmt: skip
        return tuple(_touched(place) for place in places)

    def _pick_if_few(self) -> None:
        if self.snapshot.items == 0 or self._nothing_since == self._stamp or self._closed:
            return
        self._read_ahead()
        few = self.desk.open()
        if few >= FEW or self.worker.state.state == "running":
            return
        seed = time.time_ns() % 2**31
        if few == 0:
            self._pick_at_once(seed, self.taken())
        taken = self.taken(fresh=True)
        self.worker.start(Job("questions", seed=seed, count=QUESTIONS, taken=taken))

    def _read_ahead(self) -> None:
        """Reads the items of the next questions, so that nobody waits for it."""
        snapshot, ahead = self.snapshot, self.desk.ahead(AHEAD)
        known = self._contents.of(snapshot, ahead)
        missing = [number for number in ahead if number not in known]
        for content in snapshot.contents(missing) if missing else ():
            self._contents.keep(snapshot, content)

    def _pick_at_once(self, seed: int, taken: tuple[int, ...]) -> None:
        """Puts questions on the desk that need no coordinates of items, until better ones come."""
        snapshot = self.snapshot
        if snapshot.labels is None:
            return
        strategy = parts.strategy(snapshot.workspace)
        labels, trained = snapshot.labels, snapshot.trained
        picked = ask(
            snapshot.workspace, labels, trained, None, strategy, count=FEW, seed=seed, taken=taken
        )
        self._offer(picked, [snapshot.id_of(one.item) for one in picked])

    def _offer(self, questions: Sequence[Assignment], ids: Sequence[str]) -> int:
        # Asked again is only what the labels leave in doubt: each question says how often.
        offered = self.desk.offer(questions, ids, copies=None if self._adaptive else 1)
        self._read_ahead()
        if offered:  # pages ask again at this: news of nothing would go round for ever
            self.events.tell(Event(kind="queue"))
        return offered

    def _follow_answers(self) -> None:
        """Has the head fitted to the answers; now and then the label model takes them in too."""
        if self.worker.state.state == "running" or self._closed:
            return
        if self.snapshot.items > MAX_ITEMS:
            return
        waiting, seed = tuple(self.desk.drain()), time.time_ns() % 2**31
        name = HEAD if len(waiting) < QUESTIONS - FEW else "questions"
        taken = self.taken(fresh=name != HEAD)
        self._moving = self.snapshot.schema_version
        job = Job(name, seed=seed, count=QUESTIONS, taken=taken, waiting=waiting)
        if self.worker.start(job):
            self._answers = 0

    def _finished(self, job: Job, done: Done) -> None:
        """Puts what was picked on the desk; runs in the thread that follows the job."""
        self.refresh()
        if job.name == HEAD:
            if done.moved is not None and self._moving == self.snapshot.schema_version:
                self.moved = done.moved.prediction
                self._offer(done.questions, done.ids)
                told = HeadMoved(answers=done.moved.answers, seconds=done.moved.seconds)
                self.events.tell(Event(kind="head", head=told))
        elif not self._offer(done.questions, done.ids) and (
            self.desk.open() == 0 or not self._adaptive
        ):
            self._nothing_since = self._stamp

    def _working(self, state: RoundState) -> None:
        if state.contradicted:
            self._stopped.note(self._opened(), state.detail)
        self.events.tell(Event(kind="round", round=state))


def _basis(snapshot: Snapshot) -> tuple[Any, ...]:
    """What predictions of a head that moved belong to."""
    run = None if snapshot.trained is None else snapshot.trained.run.id
    return run, snapshot.schema_version, snapshot.items


def _touched(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _local_owner(accounts: Accounts) -> Account:
    """The account of whoever runs the server on their own machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "me"
    account = accounts.by_name(name) or accounts.add(name, Role.OWNER, time.time())
    return replace(account, role=Role.OWNER)
