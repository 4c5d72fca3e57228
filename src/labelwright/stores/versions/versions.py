"""Frozen training sets, each with those that it was made from, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from labelwright.core.errors import StorageError, UnknownNameError, shown
from labelwright.core.record import Version
from labelwright.stores.records.record_files import RecordFiles
from labelwright.stores.versions.refs import Refs, checked_name, read_refs, write_refs


class Versions:
    """The versions of a project, one JSON file each, and which names stand for which of them.

    Attributes:
        folder: must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = RecordFiles(folder, Version)

    def record(self, version: Version) -> str:
        """Keeps the version, makes it the head, and gives its id. The first note of two stays.

        Raises:
            UnknownNameError: one of its parents is none.
            StorageError: the disk is full or read-only.
        """
        self.keep(version)
        self.move_head(version.id)
        return version.id

    def keep(self, version: Version) -> None:
        """Keeps the version and moves no name. The first note of two stays."""
        for parent in version.parents:
            if self._files.read(parent) is None:
                raise UnknownNameError(f"there is no version {parent} to be the parent")
        if self._files.read(version.id) is None:
            self._files.write(version)

    def find(self, name: str) -> Version:
        """The version of this name: ``head``, a branch, a tag, or the first part of an id.

        Raises:
            UnknownNameError: there is none, or several ids start so.
        """
        refs = self.refs()
        if name == "head" and (head := self.head()) is not None:
            return head
        if name in refs.tags or name in refs.branches:
            return self.get(refs.tags.get(name) or refs.branches[name])
        ids = [id_ for id_ in self._files.ids() if name and id_.startswith(name)]
        if len(ids) == 1:
            return self.get(ids[0])
        what = f"{len(ids)} versions start" if ids else "no version starts"
        raise UnknownNameError(
            f"{what} with {shown(name)}; `labelwright version log` lists them all"
        )

    def get(self, id_: str) -> Version:
        """The version with this whole id.

        Raises:
            StorageError: it is missing, though something names it, or damaged.
        """
        version = self._files.read(id_)
        if version is None:
            raise StorageError(
                f"{self.folder} names the version {shown(id_)}, which is missing. Restore the "
                "folder from a backup, or pull the version from where it was pushed to."
            )
        return version

    def __contains__(self, id_: str) -> bool:
        return self.path(id_).exists()

    def path(self, id_: str) -> Path:
        """The file that holds the version with this id."""
        return self.folder / f"{id_}.json"

    def refs(self) -> Refs:
        """Which names stand for which versions."""
        return read_refs(self.folder)

    def change(self, refs: Refs) -> None:
        """Keeps these names in place of those that were there."""
        write_refs(self.folder, refs)

    def head(self) -> Version | None:
        """The newest version of the branch, None before the first.

        Raises:
            StorageError: it is missing or damaged.
        """
        id_ = self.refs().head
        return self.get(id_) if id_ else None

    def move_head(self, id_: str) -> None:
        """Makes a version the newest of the branch; whatever was being merged is merged."""
        refs = self.refs()
        self.change(replace(refs, branches={**refs.branches, refs.branch: id_}, merging=""))

    def name_tag(self, name: str, id_: str, *, move: bool = False) -> None:
        """Gives a version a name that stays with it.

        Raises:
            UnknownNameError: another version has that name, and it is not to `move`.
            DataError: no version can be named so.
        """
        refs = self.refs()
        if not move and refs.tags.get(checked_name(name), id_) != id_:
            raise UnknownNameError(
                f"the tag {shown(name)} stands for the version {refs.tags[name][:12]} already; "
                "choose another name, or move it with --move"
            )
        self.change(replace(refs, tags={**refs.tags, name: id_}))

    def name_branch(self, name: str, id_: str) -> None:
        """Makes a branch that starts at a version, if it is not there, and works on it.

        Raises:
            DataError: no branch can be named so.
        """
        refs = self.refs()
        branches = {checked_name(name): id_, **refs.branches} if id_ else dict(refs.branches)
        self.change(replace(refs, branch=name, branches=branches))

    def drop_name(self, name: str) -> None:
        """Takes a tag or branch away; its versions stay until they are cleaned up.

        Raises:
            UnknownNameError: there is none, or it is the branch that is being worked on.
        """
        refs = self.refs()
        if name == refs.branch or (name not in refs.tags and name not in refs.branches):
            why = "is being worked on" if name == refs.branch else "is no tag or branch"
            raise UnknownNameError(f"{shown(name)} {why}, and so cannot be dropped")
        if name in refs.tags:
            self.change(replace(refs, tags={k: v for k, v in refs.tags.items() if k != name}))
        else:
            left = {k: v for k, v in refs.branches.items() if k != name}
            self.change(replace(refs, branches=left))

    def history(self, start: str | None = None) -> Iterator[Version]:
        """A version, by default the head, and all that it was made from, children first."""
        first = self.refs().head if start is None else start
        found = {version.id: version for version in self.reached([first] if first else [])}
        children = dict.fromkeys(found, 0)
        for version in found.values():
            for parent in version.parents:
                children[parent] += 1
        ready = [first] if first else []
        while ready:
            ready.sort(key=lambda id_: (found[id_].created, id_))
            version = found[ready.pop()]
            yield version
            for parent in version.parents:
                children[parent] -= 1
                if not children[parent]:
                    ready.append(parent)

    def reached(self, ids: Iterable[str]) -> list[Version]:
        """The versions with these ids and all that they were made from, each once."""
        found: dict[str, Version] = {}
        waiting = list(ids)
        while waiting:
            id_ = waiting.pop()
            if id_ not in found:
                found[id_] = self.get(id_)
                waiting += found[id_].parents
        return list(found.values())

    def list(self) -> list[Version]:
        """All versions, the oldest first; of those of one second, what came of another after it."""
        found = [*self._files.all()]
        depth = _depths(found)
        return sorted(found, key=lambda one: (one.created, depth[one.id], one.id))


def _depths(versions: Iterable[Version]) -> dict[str, int]:
    """How many versions each one goes back to, by id."""
    known = {version.id: version for version in versions}
    depth: dict[str, int] = {}
    for version in known.values():
        chain = [version]
        while chain:
            before = [known[one] for one in chain[-1].parents if one in known and one not in depth]
            if before:
                chain += before
            else:
                last = chain.pop()
                depth[last.id] = 1 + max((depth.get(one, 0) for one in last.parents), default=0)
    return depth
