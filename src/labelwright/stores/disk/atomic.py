"""Files that are either there in full or not at all, whenever the power fails."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from labelwright.stores.disk.storage_errors import storage_errors


def write_atomic(path: Path, content: bytes) -> None:
    """Puts `content` into the file, replacing it in one step, and waits until it is on disk.

    Raises:
        StorageError: the disk is full or the folder cannot be written to.
    """
    with storage_errors("write", path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            publish(Path(name), path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def publish(finished: Path, path: Path) -> None:
    """Gives a finished file (or folder, whose files are on disk) of the same disk its name."""
    sync(finished)
    finished.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Waits until the file, or the list of names in the folder, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
