"""Which items were drawn at random for people, and with which probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Assignment
from labelwright.stores.disk.json_lines import JsonLines


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """The random shares of all batches, in order.

    Attributes:
        item: the item's number, shape (draws,).
        probability: with which it was drawn, shape (draws,).
        when: in UTC, ISO 8601, shape (draws,).
        items: how many items there were to draw from or to leave out, 0 if that is not on record,
            shape (draws,).
    """

    item: NDArray[np.int64]
    probability: NDArray[np.float64]
    when: NDArray[np.str_]
    items: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RandomDraws:
    """A log of the random share of every batch of questions.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, assignments: Sequence[Assignment], when: str, items: int = 0) -> None:
        """Logs those of the questions that were drawn at random.

        Args:
            assignments: the questions.
            when: in UTC, ISO 8601.
            items: how many items there were.
        """
        records = [
            {"item": one.item, "probability": one.probability, "person": one.person, "when": when,
             "items": items}
            for one in assignments
            if one.random
        ]  # fmt: skip
        if records:
            JsonLines(self.path).extend(lambda: records)

    def put(self, draws: Draws) -> None:
        """Logs draws that were made elsewhere."""
        told = zip(draws.item, draws.probability, draws.when, draws.items, strict=True)
        records = [
            {"item": int(item), "probability": float(chance), "person": "", "when": str(when),
             "items": int(items)}
            for item, chance, when, items in told
        ]  # fmt: skip
        if records:
            JsonLines(self.path).extend(lambda: records)

    def all(self) -> Draws:
        """Everything that was drawn."""
        records, _ = JsonLines(self.path).read()
        return Draws(
            item=np.array([record["item"] for record in records], np.int64),
            probability=np.array([record["probability"] for record in records], np.float64),
            when=np.array([record["when"] for record in records], np.str_),
            items=np.array([record.get("items", 0) for record in records], np.int64),
        )
