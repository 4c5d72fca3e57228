"""Files of a watched folder become items: whole ones only, each once, bad ones with a reason."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labelwright.core.errors import DataError, NothingToDoError, SettingsError
from labelwright.core.identity import DIGEST_BYTES
from labelwright.formats import ImportSettings, read
from labelwright.pipeline.ingest.import_items import import_items
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import Arrivals, ArrivedFile

UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".swp")
"""Endings of files that somebody is still writing."""
TAKEN_OVER = ("id", "text", "gold", "split", "fields", "empty")
"""What the import before the first look said of files, which those that arrive are read by."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a folder found.

    Attributes:
        files: those that were dealt with now.
        waiting: how many may not be whole yet.
    """

    files: tuple[ArrivedFile, ...]
    waiting: int


def look(workspace: Workspace, folder: Path, clock_s: float) -> Look:
    """Imports the files that are whole and were not dealt with before.

    A file whose name, size and time are known is not read again. One that changed is read again;
    what it brought before stays. Killed at any moment, the next look goes on: importing the same
    file twice changes nothing.

    Args:
        workspace: the project, held for writing.
        folder: its files, and those of the folders in it, but hidden ones.
        clock_s: seconds since 1970.

    Raises:
        SettingsError: there is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder; make it, or name another one to watch")
    journal = workspace.arrivals
    rules = workspace.settings.keeping.watch
    known = {(each.file, each.size, each.mtime_ns) for each in journal.files()}
    taken = {each.hash: each.file for each in journal.files() if each.state == "imported"}
    done: list[ArrivedFile] = []
    waiting = 0
    for path in _files(folder, workspace.layout.root):
        name = path.relative_to(folder).as_posix()
        status = path.stat()
        if (name, status.st_size, status.st_mtime_ns) in known:
            continue
        content = "" if clock_s - status.st_mtime < rules.settle_s else _hash(path, status)
        if not content:
            waiting += 1
            continue
        arrived = ArrivedFile(name, status.st_size, status.st_mtime_ns, content, "known")
        if taken.get(content):
            arrived = replace(arrived, reason=f"the same as {taken[content]}")
        else:
            if not done:
                _start(workspace, journal)
            arrived = _imported(workspace, path, arrived, journal)
        if arrived.state == "imported":
            taken[content] = name
        journal.add(arrived, now())
        done.append(arrived)
    return Look(tuple(done), waiting)


def unfinished(workspace: Workspace) -> int | None:
    """The number of the first item of which not all was done that follows its arrival, if any."""
    last = workspace.arrivals.last("started", "finished")
    return int(last["items"]) if last is not None and last["event"] == "started" else None


def _start(workspace: Workspace, journal: Arrivals) -> None:
    """Notes the first item that may be new, unless work that broke off noted it already."""
    if journal.last("as") is None:
        imported = workspace.runs.latest("import")
        told = {} if imported is None else imported.settings
        journal.note("as", **{name: told.get(name) for name in TAKEN_OVER})
    if unfinished(workspace) is None:
        journal.note("started", items=workspace.items.count())


def _imported(
    workspace: Workspace, path: Path, arrived: ArrivedFile, journal: Arrivals
) -> ArrivedFile:
    try:
        settings = _settings(workspace, path, journal.last("as") or {})
        report = import_items(workspace, [str(path)], settings)
    except (DataError, NothingToDoError) as error:
        return replace(arrived, state="refused", reason=str(error))
    state = "imported" if report.added or report.unchanged or report.gold else "refused"
    reason = "" if state == "imported" else "not one of its rows could be read"
    return replace(
        arrived, state=state, added=report.added, rejected=report.set_aside, reason=reason
    )


def _settings(workspace: Workspace, path: Path, before: Mapping[str, Any]) -> ImportSettings:
    """As ``[watch]`` says, else as the import before did, where this file has such columns."""
    watch = workspace.settings.keeping.watch
    chosen: dict[str, Any] = {}
    for name in TAKEN_OVER:
        told, known = getattr(watch, name, None), before.get(name)
        if told is not None:
            chosen[name] = told
        elif known is not None:
            one: dict[str, Any] = {name: tuple(known) if isinstance(known, list) else known}
            try:
                read([str(path)], ImportSettings(**one))
            except DataError:
                continue  # this file has no such column
            chosen |= one
    return ImportSettings(**chosen)


def _files(folder: Path, private: Path) -> Iterator[Path]:
    """The plain files, but hidden and unfinished ones, in order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if Path(place).resolve() == private.resolve():
            folders.clear()
            continue
        for name in sorted(names):
            path = Path(place) / name
            if not name.startswith(".") and not name.endswith(UNFINISHED) and path.is_file():
                yield path


def _hash(path: Path, status: os.stat_result) -> str:
    """The hash of the content; empty if the file changed while it was read."""
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
        after = path.stat()
    except OSError:
        return ""  # taken away meanwhile, or not yet to be read: the next look sees
    same = (after.st_size, after.st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    return hasher.hexdigest() if same else ""
