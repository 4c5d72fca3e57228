"""The paths inside a project's ``.labelwright`` folder, and whether it can be used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.core.errors import ProjectError, ProjectVersionError
from labelwright.stores.disk.atomic import write_atomic
from labelwright.stores.disk.storage_errors import storage_errors

FOLDER = ".labelwright"
FORMAT = 2
"""Raised by one whenever an older release could not read what a newer one writes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each kind of value rests.

    Attributes:
        project: the folder that holds ``labelwright.toml`` and ``.labelwright``.
    """

    project: Path

    @property
    def root(self) -> Path:
        """The folder that people do not edit."""
        return self.project / FOLDER

    @property
    def items(self) -> Path:
        """The items, a Lance table."""
        return self.root / "items.lance"

    @property
    def votes(self) -> Path:
        """The vote log: a Lance table and the list of its sources."""
        return self.root / "votes"

    @property
    def objects(self) -> Path:
        """Posteriors, fits, predictors: named by their content."""
        return self.root / "objects"

    @property
    def runs(self) -> Path:
        """One JSON file a run."""
        return self.root / "runs"

    @property
    def versions(self) -> Path:
        """One JSON file a version, and which is the newest."""
        return self.root / "versions"

    @property
    def segments(self) -> Path:
        """Which rows of items and votes came when."""
        return self.versions / "segments.jsonl"

    @property
    def desk(self) -> Path:
        """People's answers on their way to the log."""
        return self.root / "desk"

    @property
    def desk_file(self) -> Path:
        """The team's desk, where it is not on a server of its own."""
        return self.desk / "desk.sqlite"

    @property
    def rejects(self) -> Path:
        """The rows that an import set aside."""
        return self.root / "rejects.jsonl"

    @property
    def cache(self) -> Path:
        """What can be computed again; may be deleted at any time."""
        return self.root / "cache"

    @property
    def set_aside(self) -> Path:
        """Which items their owner set aside, and why."""
        return self.root / "set_aside.jsonl"

    @property
    def published(self) -> Path:
        """Which model is published, and which were refused."""
        return self.root / "published.jsonl"

    @property
    def arrivals(self) -> Path:
        """Which files were taken from a watched folder."""
        return self.root / "arrivals.jsonl"

    @property
    def classes(self) -> Path:
        """What became of classes, change by change."""
        return self.root / "classes.jsonl"

    @property
    def drawn(self) -> Path:
        """Which items were drawn at random for people."""
        return self.root / "drawn.jsonl"

    @property
    def forgiven(self) -> Path:
        """Which answers to test questions were forgiven."""
        return self.root / "forgiven.jsonl"

    @property
    def checkout_file(self) -> Path:
        """In the checkout of a version: of which version, of which project."""
        return self.root / "checkout.json"

    @property
    def format_file(self) -> Path:
        """Which release made the folder."""
        return self.root / "format.json"

    def create(self, release: str) -> None:
        """Makes the folder; one that is there already stays as it is.

        Args:
            release: of Labelwright, for the message of an older one.

        Raises:
            StorageError: it cannot be made there.
        """
        if self.format_file.exists():
            self.check()
            return
        with storage_errors("create", self.root):
            for folder in self._folders():
                folder.mkdir(parents=True, exist_ok=True)
        # Data does not belong into the repository that keeps labelwright.toml and sources.py.
        write_atomic(self.root / ".gitignore", b"*\n")
        # Last: the file says that everything else is there.
        content = {"format": FORMAT, "release": release}
        write_atomic(self.format_file, json.dumps(content).encode() + b"\n")

    def check_changeable(self) -> None:
        """Returns unless the folder is the checkout of a version.

        Raises:
            ProjectError: it is.
        """
        if self.checkout_file.exists():
            raise ProjectError(
                f"{self.project} is the checkout of a version, to look at only. Work in the "
                "project itself, or in a copy of it: labelwright clone"
            )

    def mark_format(self) -> None:
        """Says that an older release cannot read the project any more.

        Raises:
            StorageError: it cannot be written.
        """
        content = self._format()
        if content["format"] < FORMAT:
            content = {**content, "format": FORMAT}
            write_atomic(self.format_file, json.dumps(content).encode() + b"\n")

    def check(self) -> None:
        """Returns if the folder can be used.

        Raises:
            ProjectError: there is no project, or its folder is damaged.
            ProjectVersionError: a newer release made it.
        """
        if not self.root.is_dir():
            raise ProjectError(
                f"{self.project} is no Labelwright project: it has no folder {FOLDER}. "
                "Make one with `labelwright init`, or name the folder of an existing one."
            )
        content = self._format()
        if content["format"] > FORMAT:
            raise ProjectVersionError(
                f"{self.project} was made by Labelwright {content.get('release', '(unknown)')} in "
                f"format {content['format']}; this release reads up to {FORMAT}. Update with: "
                "pip install --upgrade labelwright"
            )
        missing = [folder.name for folder in self._folders() if not folder.is_dir()]
        if missing:
            raise ProjectError(
                f"{self.root} is damaged: the folder {missing[0]!r} is missing. "
                "Restore it from a backup."
            )

    def _folders(self) -> tuple[Path, ...]:
        return (self.root, self.votes, self.objects, self.runs, self.versions, self.desk)

    def _format(self) -> dict[str, Any]:
        with storage_errors("read", self.format_file):
            try:
                content = json.loads(self.format_file.read_bytes())
            except (FileNotFoundError, ValueError):
                content = None
        if not isinstance(content, dict) or not isinstance(content.get("format"), int):
            raise ProjectError(
                f"{self.root} is damaged: {self.format_file.name} is missing or unreadable. "
                "Restore it from a backup; if the project was just being made, delete "
                f"{self.root} and make it again."
            )
        return content
