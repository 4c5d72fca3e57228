"""The names of versions: the head, branches and tags, changed all at once or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from labelwright.core.errors import DataError, StorageError, shown
from labelwright.core.identity import digest
from labelwright.stores.disk.atomic import write_atomic
from labelwright.stores.disk.storage_errors import storage_errors

MAIN = "main"
_NAME = re.compile(r"[\w][\w.\-/]{0,99}")
_LIKE_AN_ID = re.compile(r"[0-9a-f]{7,32}")


@dataclass(frozen=True, slots=True)
class Refs:
    """Which names stand for which versions.

    Attributes:
        branch: the branch that the next version goes to.
        branches: the newest version of every branch.
        tags: versions that somebody named; they do not move.
        merging: the version that is being merged, while people solve its conflicts.
        places: the folders and addresses to which the project is pushed, by name.
    """

    branch: str = MAIN
    branches: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    merging: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The id of the newest version of the branch; empty before the first."""
        return self.branches.get(self.branch, "")


def read_refs(folder: Path) -> Refs:
    """The names as they stand; of a project of the first releases, its head.

    Raises:
        StorageError: the file is damaged.
    """
    path, old = folder / "refs", folder / "head"
    with storage_errors("read", path):
        if not path.exists():
            head = old.read_text(encoding="utf-8").strip() if old.exists() else ""
            return Refs(branches={MAIN: head} if head else {})
        text = path.read_bytes()
    with suppress(KeyError, TypeError, ValueError):
        content = dict(json.loads(text))
        if content.pop("seal") == digest(content):
            return Refs(**content)
    raise StorageError(
        f"{path} is damaged: it does not hold the names of versions. Restore it from a backup."
    )


def write_refs(folder: Path, refs: Refs) -> None:
    """Keeps the names.

    Raises:
        StorageError: the disk is full or read-only; then the names are as they were.
    """
    content = asdict(refs)
    text = json.dumps({**content, "seal": digest(content)}, indent=1, sort_keys=True)
    write_atomic(folder / "refs", f"{text}\n".encode())


def checked_name(name: str) -> str:
    """The name, if a branch or tag may have it.

    Raises:
        DataError: it may not.
    """
    if not _NAME.fullmatch(name) or name == "head" or _LIKE_AN_ID.fullmatch(name):
        raise DataError(
            f"{shown(name)} cannot name a version: use letters, digits and . - _ / (at most 100), "
            "not the word head, and nothing that looks like the id of a version"
        )
    return name
