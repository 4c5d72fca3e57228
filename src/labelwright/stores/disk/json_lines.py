"""A file of JSON lines that only grows, safe after a kill and with several processes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.core.errors import StorageError
from labelwright.stores.disk.atomic import sync
from labelwright.stores.disk.storage_errors import storage_errors

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One record a line. A record is there once :meth:`extend` has returned.

    A line torn by a kill or a full disk was never acknowledged: readers ignore it, and the next
    writer moves it to the file ``<name>.torn``.

    Attributes:
        path: the file; it need not exist yet.
    """

    path: Path

    def read(self, start: int = 0) -> tuple[list[Record], int]:
        """The records from byte `start` on, and the byte after the last of them.

        Raises:
            StorageError: a line is no JSON object, or the file cannot be read.
        """
        if not self.path.exists():
            return [], 0
        with storage_errors("read", self.path), self.path.open("rb") as file:
            file.seek(start)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        records = [self._parsed(line, place) for place, line in enumerate(lines, 1)]
        return records, start + len(whole)

    def extend(self, choose: Callable[[], Sequence[Record]]) -> None:
        """Adds the records that `choose` returns and waits until they are on disk.

        Args:
            choose: called when no other process can add; may read the file to decide.

        Raises:
            StorageError: they could not be written; then none of them is there.
        """
        with self._alone() as handle:
            records = choose()
            if not records:
                return
            lines = [json.dumps(record, ensure_ascii=True) for record in records]
            self._write(handle, "".join(f"{line}\n" for line in lines).encode())

    @contextmanager
    def _alone(self) -> Iterator[int]:
        with storage_errors("write", self.path):
            new = not self.path.exists()
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if new:
                    sync(self.path.parent)
                self._set_torn_aside(handle)
                yield handle
            finally:
                os.close(handle)

    def _write(self, handle: int, content: bytes) -> None:
        end = os.fstat(handle).st_size
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, end)
            raise

    def _set_torn_aside(self, handle: int) -> None:
        """Moves what follows the last line break, if anything, to the file beside."""
        size = os.fstat(handle).st_size
        if not size or os.pread(handle, 1, size - 1) == b"\n":
            return
        content = self.path.read_bytes()
        keep = content.rfind(b"\n") + 1
        with self.path.with_name(f"{self.path.name}.torn").open("ab") as aside:
            aside.write(content[keep:] + b"\n")
        os.ftruncate(handle, keep)

    def _parsed(self, line: bytes, place: int) -> Record:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise StorageError(
                f"{self.path}: line {place} of those read is damaged (no JSON object). "
                "Restore the file from a backup, or delete that line."
            )
        return record
