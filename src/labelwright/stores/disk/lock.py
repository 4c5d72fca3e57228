"""One writer at a time; readers never wait."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from labelwright.core.errors import ProjectBusyError
from labelwright.stores.disk.atomic import write_atomic
from labelwright.stores.disk.storage_errors import storage_errors


@contextmanager
def writing(folder: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Holds the folder for writing inside the block.

    The system frees the lock of a process that died, however it died.

    Args:
        folder: the project's ``.labelwright`` folder.
        wait_s: how long to wait for another process to finish.

    Raises:
        ProjectBusyError: another process holds it still; says which.
        StorageError: the folder cannot be written to.
    """
    lock = FileLock(folder / "lock", timeout=wait_s, thread_local=False)
    with storage_errors("lock", folder):
        try:
            lock.acquire()
        except Timeout:
            raise ProjectBusyError(_who_holds(folder)) from None
    holder = folder / "lock.json"
    try:
        write_atomic(holder, json.dumps(_me()).encode())
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _me() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(sys.argv)[:200],
    }


def _who_holds(folder: Path) -> str:
    """The message for who comes second; the holder may be too new to have left its name."""
    try:
        who = json.loads((folder / "lock.json").read_bytes())
        holder = f"process {who['pid']} on {who['host']} since {who['since']} ({who['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        holder = "another process"
    return (
        f"{folder} is being written to by {holder}. Wait until it is done, or stop it, "
        "and try again. Reading is possible meanwhile."
    )
