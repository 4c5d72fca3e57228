"""A database that several threads write to: SQLite with one writer and group commit, PostgreSQL."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from labelwright.core.errors import MissingExtraError, ProjectError, SettingsError, StorageError
from labelwright.stores.desk.tables import ABOUT, FORMAT, METADATA

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

GROUP = 256
"""At most so many writes share one commit."""
THREADS = 8
SYNCERS = 4
"""So many threads wait for the disk at once, so that a write need not sit out the wait of the one
before it: disks take several flushes together."""
TRIES = 5
BUSY_MS = 20_000
_PREPARING = 7_219_450_316
"""The number of PostgreSQL's advisory lock under which the tables are made."""


class Database:
    """Runs pieces of work, each in a transaction; what a write returned from is on disk.

    With SQLite, one thread writes: it takes what is waiting, up to 256 pieces, and commits once;
    others wait for the disk meanwhile. If a piece fails, the group is rolled back and each
    piece gets a transaction of its own. A piece may therefore run twice, and must do nothing but
    read and write through its connection.

    Attributes:
        url: of SQLAlchemy, such as ``sqlite:////path/desk.sqlite`` or ``postgresql://...``.
    """

    def __init__(self, url: str, project: str) -> None:
        self.url = url
        self._engine = _engine(url)
        self.dialect = self._engine.dialect
        # What the driver raises when a statement ran on its own cursor.
        self._driver_errors = (SQLAlchemyError, self.dialect.loaded_dbapi.Error)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self._threads = ThreadPoolExecutor(THREADS, "desk")
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._unsynced: queue.SimpleQueue[list[_Piece] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_groups, name="desk writer", daemon=True)
        self._syncers = [
            threading.Thread(target=self._sync_groups, name=f"desk syncer {n}", daemon=True)
            for n in range(SYNCERS)
        ]
        self._lock = threading.Lock()
        self._started = self._closed = False
        self._prepare(project)

    def write(self, work: Work[Result], *, durable: bool = True) -> Result:
        """What the piece of work returns, once it is committed. Arguments as `submit`."""
        return self.submit(work, durable=durable).result()

    def submit(self, work: Work[Result], *, durable: bool = True) -> Future[Result]:
        """What the piece of work returns, once it is committed, to be waited for.

        Args:
            work: what to do.
            durable: whether to wait until the disk has it, so that it outlives a power cut. A
                committed write outlives a kill of the process in any case.

        Raises:
            StorageError: (from the future) the database cannot be reached or written.
        """
        if not self.is_sqlite:
            return self._threads.submit(self._alone, work)
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                raise StorageError("the desk is closed")
            if not self._started:
                self._started = True
                self._writer.start()
                for syncer in self._syncers:
                    syncer.start()
            self._waiting.put(_Piece(work, future, durable))
        return future

    def read(self, work: Work[Result]) -> Result:
        """What the piece of work returns; it only reads, and never waits for writers."""
        try:
            with self._engine.connect().execution_options(reading=True) as connection:
                return work(connection)
        except self._driver_errors as error:
            raise _storage_error(error) from error

    def submit_read(self, work: Work[Result]) -> Future[Result]:
        """The same, to be waited for."""
        return self._threads.submit(self.read, work)

    def close(self) -> None:
        """Ends what is waiting and lets go of the database."""
        with self._lock:
            self._closed = True
            self._waiting.put(None)
        if self._started:
            self._writer.join()
            for syncer in self._syncers:
                syncer.join()
        self._threads.shutdown()
        self._engine.dispose()

    def _prepare(self, project: str) -> None:
        """Makes the tables, and checks that the desk is this project's and of this format."""

        def prepared(connection: Connection) -> dict[str, str]:
            if not self.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_PREPARING})"))
            METADATA.create_all(connection)
            known = {row.name: row.value for row in connection.execute(select(ABOUT))}
            if not known:
                known = {"format": str(FORMAT), "project": project}
                rows = [{"name": name, "value": value} for name, value in known.items()]
                connection.execute(insert(ABOUT), rows)
            return known

        known = self._alone(prepared)
        if int(known["format"]) > FORMAT:
            raise ProjectError(
                f"the desk has format {known['format']}, this release reads up to {FORMAT}; "
                "upgrade with: pip install --upgrade labelwright"
            )
        if known["project"] != project:
            raise ProjectError(
                f"this database is the desk of the project {known['project']!r}, not of "
                f"{project!r}; give each project a database of its own"
            )

    def _alone(self, work: Work[Result]) -> Result:
        """Runs one piece in its own transaction, again if another transaction was in its way."""
        for left in reversed(range(TRIES)):
            try:
                with self._engine.begin() as connection:
                    result = work(connection)
                self._sync()
            except self._driver_errors as error:
                if not left or not self._may_pass(error):
                    raise _storage_error(error) from error
            else:
                return result
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _may_pass(self, error: Exception) -> bool:
        """Whether trying again may help: a key that another took, a lock, a deadlock."""
        cause = getattr(error, "orig", None) or error
        dbapi = self.dialect.loaded_dbapi
        return isinstance(cause, dbapi.IntegrityError | dbapi.OperationalError)

    def _write_groups(self) -> None:
        while (first := self._waiting.get()) is not None:
            group: list[_Piece] = [first]
            last = False
            while len(group) < GROUP and not last:
                try:
                    piece = self._waiting.get_nowait()
                except queue.Empty:
                    break
                last = piece is None
                group += [] if piece is None else [piece]
            # Who went away before it was begun needs it no more.
            self._commit([one for one in group if one.future.set_running_or_notify_cancel()])
            if last:
                break
        for _ in self._syncers:
            self._unsynced.put(None)

    def _commit(self, group: list[_Piece]) -> None:
        try:
            with self._engine.begin() as connection:
                for piece in group:
                    piece.result = piece.work(connection)
        except Exception:  # noqa: BLE001 - whatever it is, it is told to whom it concerns below
            for piece in group:
                try:
                    piece.future.set_result(self._alone(piece.work))
                except Exception as error:  # noqa: BLE001 - the one who waits gets it
                    piece.future.set_exception(error)
            return
        for piece in group:
            if not piece.durable:
                piece.future.set_result(piece.result)
        if durable := [piece for piece in group if piece.durable]:
            self._unsynced.put(durable)

    def _sync_groups(self) -> None:
        """Tells who waited that their write is on disk. One call serves all that came meanwhile."""
        while (pieces := self._unsynced.get()) is not None:
            while not self._unsynced.empty():
                try:
                    more = self._unsynced.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self._unsynced.put(None)
                    break
                pieces += more
            try:
                self._sync()
            except OSError as error:
                for piece in pieces:
                    piece.future.set_exception(_storage_error(error))
                continue
            for piece in pieces:
                piece.future.set_result(piece.result)

    def _sync(self) -> None:
        """Waits until the disk has the log of SQLite, which itself waits only now and then.

        SQLite holds its locks on two other files, so closing this one does not lose them.
        """
        if not self.is_sqlite:
            return
        log = f"{self._engine.url.database}-wal"
        try:
            handle = os.open(log, os.O_RDONLY)
        except FileNotFoundError:
            # The last process that closed the database moved the log into it.
            return
        try:
            os.fdatasync(handle)
        finally:
            os.close(handle)


@dataclass(slots=True)
class _Piece:
    """A piece of work, and who waits for it."""

    work: Work[Any]
    future: Future[Any]
    durable: bool
    result: Any = None


def _engine(url: str) -> Engine:
    try:
        if url.startswith("sqlite:"):
            engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_immediate)
            return engine
        for name in ("postgresql:", "postgres:"):
            if url.startswith(name):
                url = "postgresql+psycopg:" + url.removeprefix(name)
        if not url.startswith("postgresql+psycopg:"):
            raise SettingsError(
                "a desk is kept in SQLite or PostgreSQL: give a URL that starts with "
                "sqlite:/// or postgresql://"
            )
        return create_engine(url, pool_size=THREADS, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MissingExtraError("psycopg", "postgres", "a desk on PostgreSQL") from error
    except SQLAlchemyError:
        # Its message may hold the password of the URL.
        raise SettingsError("this is no URL of a database") from None


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    settings = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
    for pragma in (f"busy_timeout={BUSY_MS}", *settings):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A transaction that starts by reading and then writes would fail where another wrote.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _storage_error(error: Exception) -> StorageError:
    cause = getattr(error, "orig", None)
    lines = str(cause or type(error).__name__).strip().splitlines()
    return StorageError(f"the desk's database refused: {lines[0] if lines else 'unknown'}")
