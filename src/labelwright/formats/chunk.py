"""What flows through this package: chunks of files, batches of items, rows of votes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

EXCERPT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was set aside.

    Attributes:
        file: where it stands.
        line: its line (CSV, JSONL) or row (Parquet), from 1; 0 where the file is the row.
        reason: why it was set aside, in words.
        excerpt: how it begins, at most 200 characters.
    """

    file: str
    line: int
    reason: str
    excerpt: str = ""

    @classmethod
    def of(cls, file: str, line: int, reason: str, raw: bytes | str = b"") -> RejectedRow:
        """The reject of this raw row, cut to an excerpt."""
        # A character takes at most four bytes; cutting first spares decoding 100 MB.
        if isinstance(raw, bytes):
            raw = raw[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace")
        return cls(file, line, reason, raw[:EXCERPT_CHARACTERS].rstrip("\r\n"))

    def __str__(self) -> str:
        """Where it stands and what is wrong with it, on one line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}" + (f": {self.excerpt[:80]!r}" if self.excerpt else "")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was decided about the data and that its owner should know.

    Attributes:
        file: what it is about.
        text: what it is, in words; notes with the same file and text may be added up.
        count: how often.
    """

    file: str
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A piece of a file.

    Attributes:
        rows: the user's columns, and `_media` and `_media_uri` of an image; the same schema in
            every chunk of one reading.
        line: the line (or row, from 1) that each row starts on, shape (rows,).
        file: where the rows stand.
        rejects: rows that were set aside.
        notes: decisions taken about the file, in its first chunk.
        names: the column names as the file has them -> as they are here.
        key: the column that is the id where the settings name none.
        places: columns that say where the content was, not what it is; no part of its hash.
        blank: columns that can say only by an empty cell that a value is missing.
    """

    rows: pa.RecordBatch
    line: NDArray[np.int64]
    file: str
    rejects: tuple[RejectedRow, ...] = ()
    notes: tuple[Note, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    places: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()

    def spelled(self, column: str) -> pa.StringArray:
        """The texts of a column: null where the file says so, blank for an empty cell."""
        texts = self.rows.column(column).cast(pa.string())
        return texts.fill_null("") if column in self.blank else texts


@dataclass(frozen=True, slots=True, eq=False)
class ItemBatch:
    """Items that can go to a store.

    Attributes:
        items: the reserved columns other than `_number`, then the user's fields.
        gold: the true answer as the file spells it, null where the file says that there is none,
            blank for an empty cell, shape (items,).
        line: the line (or row) that each item comes from, shape (items,).
        file: where the items come from.
        rejects: rows that were set aside, by the reader or for their id or split.
        notes: decisions taken about these rows.
    """

    items: pa.RecordBatch
    gold: pa.StringArray
    line: NDArray[np.int64]
    file: str
    rejects: tuple[RejectedRow, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class VoteRows:
    """Votes of people as a file tells them. All arrays have the shape (votes,).

    Attributes:
        item: the item's id.
        source: the source's name.
        label: the answer as the file spells it; null or blank where the source abstained.
        confidence: 0..1, NaN where none was given.
        time: UTC, null where none was given.
        line: the line (or row) of each vote.
        file: where the votes stand.
        rejects: rows that were set aside.
    """

    item: pa.StringArray
    source: pa.StringArray
    label: pa.StringArray
    confidence: NDArray[np.float32]
    time: pa.TimestampArray
    line: NDArray[np.int64]
    file: str
    rejects: tuple[RejectedRow, ...] = ()
