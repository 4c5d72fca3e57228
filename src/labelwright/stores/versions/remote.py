"""A place to push projects to: a folder, or a bucket that speaks S3's language."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from labelwright.core.errors import ProjectError, ProjectVersionError, StorageError
from labelwright.core.identity import DIGEST_BYTES
from labelwright.stores.disk.storage_errors import storage_errors

FORMAT = 1
_MARK = "labelwright-depot.json"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Remote:
    """Files by name under one address; a file is there in full or not at all.

    Attributes:
        address: as it was given.
        files: the file system, of pyarrow.
        root: the path in it.
    """

    address: str
    files: Any
    root: str

    @classmethod
    def at(cls, address: str) -> Remote:
        """The depot at this address: a path, or such as ``s3://bucket/folder``.

        Raises:
            StorageError: there is no way to reach it.
        """
        from pyarrow import fs

        with storage_errors("reach", Path(address)):
            if "://" in address:
                files, root = fs.FileSystem.from_uri(address)
            else:
                files, root = fs.LocalFileSystem(), str(Path(address).resolve())
        return cls(address, files, root)

    def is_made(self) -> bool:
        """Whether something was pushed there.

        Raises:
            ProjectVersionError: by a newer release.
        """
        if not self.has(_MARK):
            return False
        format_ = json.loads(self.read(_MARK)).get("format", 0)
        if format_ > FORMAT:
            raise ProjectVersionError(
                f"{self.address} has the format {format_} of a newer release; this one reads up to "
                f"{FORMAT}. Update with: pip install --upgrade labelwright"
            )
        return True

    def make(self) -> None:
        """Begins the depot, unless it is there.

        Raises:
            ProjectError: something else is in the folder.
        """
        if self.is_made():
            return
        if self.list(""):
            raise ProjectError(
                f"{self.address} holds other things; push to a folder that is empty or not there"
            )
        self.write(_MARK, json.dumps({"format": FORMAT}).encode())

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        from pyarrow import fs

        with storage_errors("reach", Path(self.address)):
            return self.files.get_file_info(self._path(name)).type == fs.FileType.File

    def list(self, folder: str) -> set[str]:
        """The names of all files in a folder and its sub-folders, from the folder on."""
        from pyarrow import fs

        root = self._path(folder) if folder else self.root
        selector = fs.FileSelector(root, allow_not_found=True, recursive=True)
        with storage_errors("list", Path(self.address)):
            found = self.files.get_file_info(selector)
        begun = "/.new-"
        return {
            info.path[len(root) :].lstrip("/")
            for info in found
            if info.type == fs.FileType.File and begun not in info.path
        }

    def read(self, name: str) -> bytes:
        """What a file holds.

        Raises:
            StorageError: it is missing, or the place cannot be reached.
        """
        with (
            storage_errors("read", Path(self.address) / name),
            self.files.open_input_stream(self._path(name)) as file,
        ):
            content: bytes = file.read()
            return content

    def write(self, name: str, content: bytes) -> None:
        """Puts a file there, replacing one of the same name."""
        with self._writing(name) as file:
            file.write(content)

    def put_file(self, name: str, source: Path) -> None:
        """Puts a copy of a file there."""
        with source.open("rb") as opened, self._writing(name) as file:
            shutil.copyfileobj(opened, file, _BLOCK)

    def get_file(self, name: str, target: Path) -> None:
        """Puts a copy of the file of this name into `target`."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            storage_errors("read", Path(self.address) / name),
            self.files.open_input_stream(self._path(name)) as file,
            target.open("wb") as opened,
        ):
            shutil.copyfileobj(file, opened, _BLOCK)

    def put_rows(self, name: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Puts rows there, with the hash of their bytes beside."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.arrow"
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            out = None
            try:
                for batch in batches:
                    if out is None:
                        out = pa.ipc.new_stream(str(path), batch.schema, options=options)
                    out.write_batch(batch)
            finally:
                if out is not None:
                    out.close()
            if out is None:
                return
            self.put_file(f"{name}.arrow", path)
            # Last: the hash says that the rows are there.
            self.write(f"{name}.sum", _hash(path).encode())

    def rows(self, name: str) -> Iterator[pa.RecordBatch]:
        """The rows that were put there.

        Raises:
            StorageError: they are missing or damaged.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.arrow"
            self.get_file(f"{name}.arrow", path)
            if _hash(path) != self.read(f"{name}.sum").decode():
                raise StorageError(
                    f"{self.address}/{name}.arrow is damaged: it does not hold what was pushed. "
                    "Delete it, and push it again from a project that has it whole."
                )
            with storage_errors("read", path), pa.OSFile(str(path)) as file:
                yield from pa.ipc.open_stream(file)

    @contextmanager
    def _writing(self, name: str) -> Iterator[Any]:
        """A file under another name that takes its own once it is whole."""
        from pyarrow import fs

        path = self._path(name)
        local = isinstance(self.files, fs.LocalFileSystem)
        folder, _, last = path.rpartition("/")
        draft = f"{folder}/.new-{uuid.uuid4().hex}-{last}" if local else path
        with storage_errors("write", Path(self.address) / name):
            if local:
                self.files.create_dir(folder, recursive=True)
            try:
                # A bucket shows a file only when all of it has come.
                with self.files.open_output_stream(draft) as file:
                    yield file
                if local:
                    Path(draft).replace(path)
            except BaseException:
                if local:
                    Path(draft).unlink(missing_ok=True)
                raise

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
        while block := file.read(_BLOCK):
            hasher.update(block)
    return hasher.hexdigest()
