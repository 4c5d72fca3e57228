"""Answers to test questions that were contested and forgiven."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labelwright.stores.disk.json_lines import JsonLines, Record


@dataclass(frozen=True, slots=True)
class Forgiven:
    """A log of who is forgiven what; it only grows.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, item: str, person: str | None, note: str, *, who: str, when: str) -> bool:
        """Forgives an answer, or with no person everybody's; gives whether that is new."""
        added: list[Record] = []

        def new() -> list[Record]:
            if (item, person) not in self.pairs():
                record = {"item": item, "person": person, "note": note}
                added.append({**record, "who": who, "when": when})
            return added

        JsonLines(self.path).extend(new)
        return bool(added)

    def pairs(self) -> frozenset[tuple[str, str | None]]:
        """Ids of items with the person who is forgiven, None for everybody."""
        records, _ = JsonLines(self.path).read()
        return frozenset((record["item"], record["person"]) for record in records)
