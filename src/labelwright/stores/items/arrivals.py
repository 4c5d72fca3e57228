"""What a watched folder brought, so that each file is taken once, whenever the power fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labelwright.stores.disk.json_lines import JsonLines


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file and what became of it.

    Attributes:
        file: its path inside the watched folder, with slashes.
        size: bytes.
        mtime_ns: when it was changed last.
        hash: of its content.
        state: ``imported``, ``known`` (the same content came before) or ``refused``.
        added: how many new items it brought.
        rejected: how many of its rows were set aside.
        reason: why it was refused, or what it equals.
    """

    file: str
    size: int
    mtime_ns: int
    hash: str
    state: str
    added: int = 0
    rejected: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A log of files and of the work that followed them.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, arrived: ArrivedFile, when: str) -> None:
        """Keeps what became of a file.

        Raises:
            StorageError: the disk is full or read-only.
        """
        self._add({"arrived": asdict(arrived), "when": when})

    def note(self, event: str, **told: Any) -> None:
        """Keeps an event, such as the end of the work that followed some files."""
        self._add({"event": event, **told})

    def files(self) -> list[ArrivedFile]:
        """Every file that was looked at, in the order of arrival."""
        return [ArrivedFile(**record["arrived"]) for record in self._records() if _is_file(record)]

    def last(self, *events: str) -> Mapping[str, Any] | None:
        """The last of these events; None if there was none."""
        found = [record for record in self._records() if record.get("event") in events]
        return found[-1] if found else None

    def _add(self, record: dict[str, Any]) -> None:
        JsonLines(self.path).extend(lambda: [record])

    def _records(self) -> list[dict[str, Any]]:
        return JsonLines(self.path).read()[0]


def _is_file(record: Mapping[str, Any]) -> bool:
    return "arrived" in record
