"""Frozen training sets, each with the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labelwright.core.errors import StorageError, UnknownNameError, shown
from labelwright.core.record import Version
from labelwright.stores.atomic import write_atomic
from labelwright.stores.record_files import RecordFiles
from labelwright.stores.trouble import storage_errors


class Versions:
    """The versions of a project, one JSON file each, and which of them is the newest.

    Attributes:
        folder: must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = RecordFiles(folder, Version)

    def record(self, version: Version) -> str:
        """Keeps the version, makes it the head, and gives its id. The first note of two stays.

        Raises:
            UnknownNameError: its parent is none.
            StorageError: the disk is full or read-only.
        """
        if version.parent and self._files.read(version.parent) is None:
            raise UnknownNameError(f"there is no version {version.parent} to be the parent")
        if self._files.read(version.id) is None:
            self._files.write(version)
        write_atomic(self._head_file, f"{version.id}\n".encode())
        return version.id

    def find(self, name: str) -> Version:
        """The version whose id starts with `name`, or the head if that is the name.

        Raises:
            UnknownNameError: none does, or several do.
        """
        if name == "head" and (head := self.head()) is not None:
            return head
        ids = [id_ for id_ in self._files.ids() if name and id_.startswith(name)]
        found = self._files.read(ids[0]) if len(ids) == 1 else None
        if found is None:
            what = f"{len(ids)} versions start" if ids else "no version starts"
            raise UnknownNameError(
                f"{what} with {shown(name)}; `labelwright versions` lists them all"
            )
        return found

    def head(self) -> Version | None:
        """The newest version, None before the first.

        Raises:
            StorageError: it is missing or damaged.
        """
        with storage_errors("read", self._head_file):
            if not self._head_file.exists():
                return None
            id_ = self._head_file.read_text(encoding="utf-8").strip()
        version = self._files.read(id_)
        if version is None:
            raise StorageError(
                f"{self._head_file} names the version {shown(id_)}, which is missing. "
                "Restore the folder from a backup, or write the id of another version into it."
            )
        return version

    def history(self) -> Iterator[Version]:
        """The head, its parent, and so on."""
        version = self.head()
        while version is not None:
            yield version
            version = self._files.read(version.parent) if version.parent else None

    def list(self) -> list[Version]:
        """All versions, the oldest first."""
        return sorted(self._files.all(), key=lambda version: (version.created, version.id))

    @property
    def _head_file(self) -> Path:
        return self.folder / "head"
