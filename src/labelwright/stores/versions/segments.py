"""Which rows of items and votes came when: a version is a list of segments, each by its content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import UnknownNameError
from labelwright.stores.disk.json_lines import JsonLines

ITEMS, VOTES = "items", "votes"


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the rows of each segment are in this project's tables.

    A segment is named by its content, so that the same rows have the same name in every project;
    their places may differ from one project to the next.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, table: str, digest: str, runs: Sequence[Sequence[int]]) -> None:
        """Says where a segment's rows are: from the first number of each run to before the last."""
        record = {"table": table, "digest": digest, "runs": [list(run) for run in runs]}
        JsonLines(self.path).extend(lambda: [] if digest in self.all(table) else [record])

    def all(self, table: str) -> Mapping[str, list[list[int]]]:
        """The runs of every segment of a table, in the order in which they came."""
        records = JsonLines(self.path).read()[0]
        return {r["digest"]: r["runs"] for r in records if r["table"] == table}

    def end(self, table: str) -> int:
        """The first row of a table that belongs to no segment yet."""
        runs = [run for of in self.all(table).values() for run in of]
        return max((end for _, end in runs), default=0)

    def places(self, table: str, digests: Iterable[str], *, sort: bool = True) -> NDArray[np.int64]:
        """The rows of these segments, each once in the table's order, or as they came.

        Raises:
            UnknownNameError: a segment is not here.
        """
        known = self.all(table)
        found = [np.zeros(0, np.int64)]
        for digest in digests:
            if digest not in known:
                raise UnknownNameError(
                    f"the segment {digest} of {table} is not in this project; pull the version "
                    "from where it was pushed to"
                )
            found += [np.arange(start, end) for start, end in known[digest]]
        places = np.concatenate(found)
        rising = not sort or bool(np.all(np.diff(places) > 0))
        return places if rising else np.unique(places)
