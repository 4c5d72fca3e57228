"""Copies without a second copy: files that never change are linked, or cloned where that fails."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from labelwright.stores.disk.storage_errors import storage_errors


def link_tree(source: Path, target: Path, *, first: str = "", but: str = "") -> None:
    """Makes `target` hold what `source` does, a file or a folder, taking no room of its own.

    Only for files that are never changed in place. Where the disk has no links, or it is another
    disk, files are copied.

    Args:
        source: the file or folder.
        target: must not exist; the folder that holds it is made.
        first: the sub-folder to link before all others.
        but: the name of files to leave out.

    Raises:
        StorageError: it cannot be written there.
    """
    with storage_errors("write", target, kinds=(OSError,)):
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            _link(source, target)
            return
        target.mkdir()
        for child in sorted(source.iterdir(), key=lambda path: (path.name != first, path.name)):
            if child.name != but:
                link_tree(child, target / child.name, but=but)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
