"""The hash of every stored file that does not say by its name what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labelwright.core.errors import StorageError
from labelwright.core.identity import DIGEST_BYTES
from labelwright.stores.disk.json_lines import JsonLines
from labelwright.stores.disk.storage_errors import storage_errors

_UNSTABLE = ("latest_version_hint.json", "closed")


@dataclass(frozen=True, slots=True)
class FileChecksums:
    """What files held when a version was saved.

    A file may grow after that, as logs do, or go, as those that were joined to others; what it
    held at first must stay as it was.

    Attributes:
        root: the folder whose files they are.
        path: a file of JSON lines; it need not exist yet.
    """

    root: Path
    path: Path

    def seal(self, parts: Iterable[Path]) -> None:
        """Takes down the hash of each of these files, or files in these folders, that is new."""
        known = {record["path"]: record["bytes"] for record in JsonLines(self.path).read()[0]}
        new = []
        for file in _files(parts):
            name, size = str(file.relative_to(self.root)), file.stat().st_size
            if known.get(name) != size:
                new.append({"path": name, "bytes": size, "digest": _digest(file, size)})
        if new:
            JsonLines(self.path).extend(lambda: new)

    def broken(self) -> Iterator[tuple[Path, str]]:
        """Every file that does not hold what it held, and what is wrong with it."""
        latest = {record["path"]: record for record in JsonLines(self.path).read()[0]}
        for name, record in sorted(latest.items()):
            file = self.root / name
            if not file.exists():
                # Tables join small files to large ones; their rows are checked by themselves.
                if ".lance/" not in name:
                    yield file, "is missing"
                continue
            try:
                found = _digest(file, record["bytes"])
            except StorageError as error:
                yield file, str(error)
                continue
            if found != record["digest"]:
                yield file, "does not hold what it held when a version was saved"

    def count(self) -> tuple[int, int]:
        """How many files there are that are known, and how many bytes they have."""
        latest = {record["path"]: record["bytes"] for record in JsonLines(self.path).read()[0]}
        there = [size for name, size in latest.items() if (self.root / name).exists()]
        return len(there), sum(there)


def _files(parts: Iterable[Path]) -> Iterator[Path]:
    for part in parts:
        if part.is_dir():
            yield from sorted(
                file for file in part.rglob("*") if file.is_file() and file.name not in _UNSTABLE
            )
        elif part.exists():
            yield part


def _digest(file: Path, size: int) -> str:
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with storage_errors("read", file), file.open("rb") as opened:
        while size > 0 and (block := opened.read(min(size, 1 << 20))):
            hasher.update(block)
            size -= len(block)
    return hasher.hexdigest()
