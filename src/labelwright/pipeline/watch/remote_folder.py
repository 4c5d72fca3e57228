"""A watched place that is no folder here: what is new there is fetched, and dealt with as here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from labelwright.core.errors import SettingsError, StorageError
from labelwright.pipeline.watch.arrivals import UNFINISHED
from labelwright.pipeline.workspace.workspace import Workspace

SPOOL = "arriving"
"""The folder in the project's cache that fetched files wait in until they are items."""
BLOCK = 1 << 20


@contextmanager
def at_hand(workspace: Workspace, place: str) -> Iterator[Path]:
    """The folder itself; for an address such as ``s3://bucket/folder`` one with what is new there.

    Fetched files keep their times, so that each is known again and not fetched twice; they are
    gone afterwards.

    Raises:
        SettingsError: the address is none that Arrow can open.
        StorageError: the place cannot be read now.
    """
    if "://" not in place:
        yield Path(place)
        return
    spool = workspace.layout.cache / SPOOL
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    try:
        try:
            _fetch(workspace, place, spool)
        except OSError as error:
            raise StorageError(f"{place}: cannot be read now ({error})") from error
        yield spool
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def _fetch(workspace: Workspace, place: str, spool: Path) -> None:
    """Puts what is new at the address into the folder."""
    from pyarrow import fs

    try:
        source, root = fs.FileSystem.from_uri(place)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SettingsError(
            f"{place} is no address that can be watched ({error}); it looks like s3://bucket/folder"
        ) from error
    known = {(each.file, each.size, each.mtime_ns) for each in workspace.arrivals.files()}
    for found in source.get_file_info(fs.FileSelector(root, recursive=True)):
        name = found.path[len(root) :].lstrip("/")
        parts = name.split("/")
        if not found.is_file or any(part.startswith(".") for part in parts):
            continue
        if name.endswith(UNFINISHED) or (name, found.size, found.mtime_ns) in known:
            continue
        target = spool.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open_input_stream(found.path) as stream, target.open("wb") as file:
            while block := stream.read(BLOCK):
                file.write(block)
        os.utime(target, ns=(found.mtime_ns, found.mtime_ns))
