"""What a format finds out about a file before it reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from labelwright.formats.chunk import Chunk, Note
from labelwright.formats.find import Found
from labelwright.formats.kinds import ARROW, Kind
from labelwright.formats.names import resolved
from labelwright.formats.settings import ImportSettings


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The columns of a file.

    Attributes:
        kinds: column -> what all of its values are.
        names: the file's name of a column -> ours.
        notes: decisions taken about the file.
        key: the column that is the id where the settings name none; None if the format has none.
        detail: what the format's own reader wants to remember.
    """

    kinds: Mapping[str, Kind]
    names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    key: str | None = None
    detail: Any = None


class Format(Protocol):
    """A module of this package that reads one file format."""

    def inspect(self, found: Found, settings: ImportSettings) -> FileLayout:
        """The columns of the file."""
        ...

    def chunks(
        self,
        files: Sequence[tuple[Found, FileLayout]],
        kinds: Mapping[str, Kind],
        block_bytes: int,
    ) -> Iterator[Chunk]:
        """The rows of these files, with exactly the columns of `kinds`, a block at a time."""
        ...


class Writer(Protocol):
    """A module of this package that writes one file format."""

    def write(self, path: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Writes the rows to a new file."""
        ...


def forced(
    settings: ImportSettings, names: Mapping[str, str], columns: Iterable[str]
) -> dict[str, Kind]:
    """The kinds that the settings decide, by our names of the columns."""
    known = set(columns)
    found = {resolved(name, known, names): kind for name, kind in settings.kinds().items()}
    return {name: kind for name, kind in found.items() if name is not None}


def schema_of(kinds: Mapping[str, Kind]) -> pa.Schema:
    """The Arrow schema of columns of these kinds."""
    return pa.schema([(name, ARROW[kind]) for name, kind in kinds.items()])
