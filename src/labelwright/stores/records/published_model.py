"""Which model is the published one, and what became of the others that asked to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.stores.disk.json_lines import JsonLines


@dataclass(frozen=True, slots=True)
class Published:
    """A log of decisions; the last that published is the pointer. Nothing in it changes.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def record(self, run: str, *, published: bool, reason: str, **told: Any) -> None:
        """Keeps the decision about the model of this run.

        Args:
            run: the id of the run that trained it.
            published: whether it becomes the published one.
            reason: why, in words.
            told: what else shall be on record, as JSON holds it.

        Raises:
            StorageError: the disk is full or read-only; then nothing changed.
        """
        record = {"run": run, "published": published, "reason": reason, **told}
        JsonLines(self.path).extend(lambda: [record])

    def current(self) -> str | None:
        """The id of the run that trained the published model; None if none is."""
        runs = [record["run"] for record in self.list() if record["published"]]
        return runs[-1] if runs else None

    def list(self) -> list[Mapping[str, Any]]:
        """All decisions, the oldest first."""
        return [*JsonLines(self.path).read()[0]]
