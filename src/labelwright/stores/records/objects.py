"""Finished values, named by their content: posteriors, fits, predictors, manifests."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, StorageError, UnknownNameError, shown
from labelwright.core.identity import DIGEST_BYTES
from labelwright.stores.disk.atomic import publish, sync
from labelwright.stores.disk.links import link_tree
from labelwright.stores.disk.storage_errors import storage_errors


@dataclass(frozen=True, slots=True)
class Objects:
    """Values under ``root/ab/cdef...``; the same content is kept once.

    A value is there in full or not at all. Reading compares the content with its name.

    Every method that puts raises StorageError when the disk is full or read-only; every method
    that gets raises UnknownNameError if there is no such object, and StorageError if it is
    damaged.

    Attributes:
        root: the folder; it must exist.
    """

    root: Path

    def put_bytes(self, content: bytes) -> str:
        """The digest under which the bytes are kept."""
        return self._put(lambda path: _write(path, content))

    def get_bytes(self, digest: str) -> bytes:
        """The bytes."""
        path = self._verified(digest)
        with storage_errors("read", path):
            return path.read_bytes()

    def put_arrays(self, arrays: Mapping[str, NDArray[np.generic]]) -> str:
        """The digest under which the arrays are kept, as an uncompressed npz without pickle.

        Raises:
            DataError: an array holds Python objects.
        """
        for name, array in arrays.items():
            if np.asarray(array).dtype.hasobject:
                raise DataError(f"array {shown(name)} holds Python objects, which are not kept")

        def write(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)

        return self._put(write)

    def get_arrays(self, digest: str) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        path = self._verified(digest)
        with storage_errors("read", path), np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def put_table(self, table: pa.Table) -> str:
        """The digest under which the table is kept, as an Arrow file."""

        def write(path: Path) -> None:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
                out.write_table(table.combine_chunks())

        return self._put(write)

    def get_table(self, digest: str, *, verify: bool = True) -> pa.Table:
        """The table, mapped into memory: only what is looked at is read from disk.

        Args:
            digest: its name.
            verify: whether to compare the content with the name, which reads all of it (about
                1 s per GB). Without, a file cut short is noticed still.
        """
        path = self._verified(digest) if verify else self._path(digest)
        with storage_errors("read", path):
            return pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    def put_folder(self, write: Callable[[Path], None]) -> str:
        """The digest of the folder that `write` filled.

        Args:
            write: is given an empty folder and puts plain files and folders into it.

        Raises:
            DataError: it left a link or a device.
        """

        def fill(path: Path) -> None:
            path.mkdir()
            write(path)

        return self._put(fill)

    def folder(self, digest: str) -> Path:
        """Where that folder is. Its files must not be changed."""
        path = self._verified(digest)
        if not path.is_dir():
            raise UnknownNameError(f"the object {digest} is a file, not a folder")
        return path

    def put_path(self, path: Path) -> str:
        """The digest under which a copy of the file or folder is kept."""
        return self._put(lambda draft: _copy(path, draft))

    def path(self, digest: str) -> Path:
        """Where the object is, as a file or folder. It must not be changed."""
        return self._path(digest)

    def share(self, digest: str, other: Objects) -> None:
        """Puts the object into another store, taking no room of its own where that can be.

        Raises:
            UnknownNameError: there is none.
        """
        if digest not in other:
            with other._draft() as draft:
                link_tree(self._path(digest), draft)
                place = other._place(digest)
                place.parent.mkdir(exist_ok=True)
                # What is linked is on disk already; whoever names it waits for the disk.
                draft.replace(place)

    def names(self) -> list[str]:
        """The names of all objects, sorted."""
        folders = (folder for folder in self.root.iterdir() if len(folder.name) == 2)
        return sorted(folder.name + file.name for folder in folders for file in folder.iterdir())

    def size(self, digest: str) -> int:
        """How many bytes the object has."""
        return _size(self._path(digest))

    def drop(self, digest: str) -> int:
        """Takes the object away; gives how many bytes it had."""
        path = self._path(digest)
        with storage_errors("delete", path):
            size = _size(path)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return size

    def check(self, digest: str) -> None:
        """Returns if the object has the content that its name says.

        Raises:
            UnknownNameError: there is none.
            StorageError: it is damaged.
        """
        self._verified(digest)

    def __contains__(self, digest: str) -> bool:
        return self._place(digest).exists()

    def _put(self, write: Callable[[Path], None]) -> str:
        # Only OSError: whatever else `write` raises is its own.
        guard = storage_errors("write an object in", self.root, kinds=(OSError,))
        with guard, self._draft() as draft:
            write(draft)
            digest = _digest_of(draft, flush=True)
            path = self._place(digest)
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                try:
                    publish(draft, path)
                except OSError:
                    # Another process may have put the same folder a moment ago.
                    if not path.exists():
                        raise
        return digest

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        """A place on the same disk that is gone afterwards."""
        folder = Path(tempfile.mkdtemp(dir=self.root, prefix=".new-"))
        try:
            yield folder / "draft"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _place(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:]

    def _path(self, digest: str) -> Path:
        path = self._place(digest)
        if not path.exists():
            raise UnknownNameError(f"there is no object {shown(digest)} in {self.root}")
        return path

    def _verified(self, digest: str) -> Path:
        path = self._path(digest)
        with storage_errors("read", path):
            content = _digest_of(path)
        if content != digest:
            raise StorageError(
                f"the object {digest} is damaged: {path} does not have the content that its name "
                "says. Restore it from a backup, or delete it and repeat the step that made it."
            )
        return path


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _digest_of(path: Path, *, flush: bool = False) -> str:
    """The name of a file by its bytes, of a folder by the names and bytes inside.

    Args:
        path: the file or folder.
        flush: whether to wait until all of it is on disk.
    """
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    if path.is_dir():
        for child in sorted(path.iterdir()):
            if child.is_symlink() or not (child.is_file() or child.is_dir()):
                raise DataError(f"{child.name} is no plain file; only those can be kept")
            kind = "d" if child.is_dir() else "f"
            hasher.update(f"{kind}{_digest_of(child, flush=flush)}{child.name}\0".encode())
    else:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
    if flush:
        sync(path)
    return hasher.hexdigest()
