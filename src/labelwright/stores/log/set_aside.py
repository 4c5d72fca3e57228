"""Which items their owner has set aside, and why: a log of decisions that can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labelwright.stores.disk.json_lines import JsonLines, Record


@dataclass(frozen=True, slots=True)
class SetAside:
    """Items that stay in the project but have no part in labels, questions and training.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, reason: str, items: Sequence[int], *, who: str, when: str) -> int:
        """Sets items aside for a reason; gives how many were not set aside for it before."""
        added: list[int] = []

        def new() -> list[Record]:
            there = set(self.reasons().get(reason, np.zeros(0, np.int64)).tolist())
            added.extend(sorted(set(items) - there))
            action = {"action": "set aside", "reason": reason, "items": added}
            return [{**action, "who": who, "when": when}] if added else []

        JsonLines(self.path).extend(new)
        return len(added)

    def take_back(self, reason: str, *, who: str, when: str) -> int:
        """Takes back what was set aside for a reason; gives how many items that were."""
        back: list[int] = []

        def new() -> list[Record]:
            back.extend(self.reasons().get(reason, np.zeros(0, np.int64)).tolist())
            action = {"action": "take back", "reason": reason, "items": back}
            return [{**action, "who": who, "when": when}] if back else []

        JsonLines(self.path).extend(new)
        return len(back)

    def reasons(self) -> Mapping[str, NDArray[np.int64]]:
        """The items that are set aside, sorted, by reason."""
        standing: dict[str, set[int]] = {}
        for record in JsonLines(self.path).read()[0]:
            items = standing.setdefault(record["reason"], set())
            if record["action"] == "set aside":
                items.update(record["items"])
            else:
                items.difference_update(record["items"])
        return {
            reason: np.array(sorted(items), np.int64) for reason, items in standing.items() if items
        }

    def mask(self, items: int) -> NDArray[np.bool_]:
        """Which of so many items are set aside, shape (items,)."""
        aside = np.zeros(items, np.bool_)
        for numbers in self.reasons().values():
            aside[numbers] = True
        return aside
