"""Where versions come from and go to: another project's folder, or a depot of files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from labelwright.core.errors import ProjectError, StorageError
from labelwright.core.record import Version
from labelwright.pipeline.versions.transfer import items_of, votes_of
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import Objects, Refs, Remote, Versions

_REFS = "names.json"


class Place(Protocol):
    """What can be asked of a place to pull from."""

    def refs(self) -> Refs:
        """The branches and tags there."""
        ...

    def version(self, id_: str) -> Version:
        """A version that is there."""
        ...

    def fetch(self, digest: str, objects: Objects) -> None:
        """Puts an object that is there into the store."""
        ...

    def items(self, segment: str) -> Iterator[pa.RecordBatch]:
        """The items of a segment."""
        ...

    def votes(self, segment: str) -> pa.Table:
        """The rows of a segment of the vote log."""
        ...


@dataclass(frozen=True, slots=True)
class ProjectPlace:
    """A project in another folder, or this one."""

    workspace: Workspace

    def refs(self) -> Refs:
        """The branches and tags of the project."""
        return self.workspace.versions.refs()

    def version(self, id_: str) -> Version:
        """A version of the project."""
        return self.workspace.versions.get(id_)

    def fetch(self, digest: str, objects: Objects) -> None:
        """Puts an object of the project into the store, taking no room where disks have links."""
        self.workspace.objects.check(digest)
        self.workspace.objects.share(digest, objects)

    def items(self, segment: str) -> Iterator[pa.RecordBatch]:
        """The items of a segment."""
        return items_of(self.workspace, segment)

    def votes(self, segment: str) -> pa.Table:
        """The rows of a segment of the vote log."""
        return votes_of(self.workspace, segment)


@dataclass(frozen=True, slots=True)
class DepotPlace:
    """A depot that projects were pushed to."""

    depot: Remote

    def refs(self) -> Refs:
        """The branches and tags that were pushed."""
        if not self.depot.has(_REFS):
            return Refs()
        try:
            return Refs(**json.loads(self.depot.read(_REFS)))
        except (TypeError, ValueError) as error:
            raise StorageError(f"{self.depot.address}/{_REFS} is damaged ({error})") from error

    def change(self, refs: Refs) -> None:
        """Keeps these branches and tags there."""
        self.depot.write(_REFS, json.dumps(asdict(refs), indent=1, sort_keys=True).encode())

    def version(self, id_: str) -> Version:
        """A version that was pushed, as it was saved."""
        with tempfile.TemporaryDirectory() as folder:
            self.depot.get_file(f"versions/{id_}.json", Path(folder) / f"{id_}.json")
            return Versions(Path(folder)).get(id_)

    def fetch(self, digest: str, objects: Objects) -> None:
        """Puts an object that was pushed into the store, if it is whole.

        Raises:
            StorageError: it is missing or damaged.
        """
        base = f"objects/{digest}"
        inside = [None] if self.depot.has(base) else sorted(self.depot.list(base))
        if not inside:
            raise StorageError(f"{self.depot.address}/{base} is missing; push it again")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "object"
            for name in inside:
                if name is None:
                    self.depot.get_file(base, path)
                elif ".." in Path(name).parts:
                    raise StorageError(f"{self.depot.address}/{base} names a file outside of it")
                else:
                    self.depot.get_file(f"{base}/{name}", path / name)
            if objects.put_path(path) != digest:
                raise StorageError(
                    f"{self.depot.address}/{base} is damaged: it does not hold what its name says. "
                    "Delete it, and push it again from a project that has it whole."
                )

    def give(self, digest: str, objects: Objects) -> None:
        """Copies an object there."""
        path = objects.path(digest)
        files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file())
        for file in files:
            name = "" if file == path else f"/{file.relative_to(path)}"
            self.depot.put_file(f"objects/{digest}{name}", file)

    def items(self, segment: str) -> Iterator[pa.RecordBatch]:
        """The items of a segment."""
        return self.depot.rows(f"items/{segment}")

    def votes(self, segment: str) -> pa.Table:
        """The rows of a segment of the vote log."""
        return pa.Table.from_batches(list(self.depot.rows(f"votes/{segment}")))


def place_at(address: str) -> Place:
    """The project or depot at an address.

    Raises:
        ProjectError: there is neither.
    """
    if "://" not in address and (Path(address) / FILE_NAME).is_file():
        return ProjectPlace(open_workspace(Path(address)))
    depot = Remote.at(address)
    if not depot.is_made():
        raise ProjectError(
            f"{address} is no project, and nothing was pushed there; push to it with: "
            f"labelwright version push {address}"
        )
    return DepotPlace(depot)
