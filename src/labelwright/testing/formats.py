"""The laws of formats: what is written reads back, however it is cut into blocks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from labelwright.core.items import content_hash
from labelwright.formats import ImportSettings, ItemBatch, items, read, write

__all__ = [
    "blocks_change_nothing",
    "hashes_name_the_content",
    "reading_gives_back_what_was_written",
    "the_same_file_gives_the_same_items",
]

_TYPES = {
    "string": "text",
    "int64": "int",
    "double": "float",
    "bool": "bool",
    "date32[day]": "date",
}
_TYPES |= {"timestamp[us]": "timestamp", "timestamp[us, tz=UTC]": "instant"}


def reading_gives_back_what_was_written(path: Path, table: pa.Table) -> None:
    """``read(write(x)) == x``, nulls, NaN, quotes and line ends included.

    Args:
        path: a file to write; its ending chooses the format.
        table: columns of the types that items have, with names that need no change.
    """
    write(path, table.to_batches(), table.schema)
    types = {field.name: _TYPES[str(field.type)] for field in table.schema}
    found = _rows(path, ImportSettings(types=types))
    assert found.schema.equals(table.schema), (found.schema, table.schema)
    assert _comparable(found) == _comparable(table)


def blocks_change_nothing(
    path: Path, options: ImportSettings, sizes: Sequence[int] = (1, 7, 100)
) -> None:
    """Rows, their lines and what is set aside do not depend on how much is read at a time."""
    whole = _told(path, options, 1 << 30)
    for size in sizes:
        assert _told(path, options, size) == whole, f"blocks of {size} bytes give other rows"


def the_same_file_gives_the_same_items(path: Path, options: ImportSettings) -> None:
    """Reading a file a second time gives identical batches."""
    first, second = (list(items(read(path, options), options)) for _ in range(2))
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert repr(one.items.to_pylist()) == repr(other.items.to_pylist())
        assert one.gold.equals(other.gold)
        assert (one.rejects, one.notes, one.file) == (other.rejects, other.notes, other.file)


def hashes_name_the_content(batch: ItemBatch) -> None:
    """The hashes of a batch are those of its items one by one."""
    fields = [name for name in batch.items.schema.names if not name.startswith("_")]
    for row in batch.items.to_pylist():
        content = {name: row[name] for name in fields}
        assert row["_hash"] == content_hash(content, row["_media"])


def _rows(path: Path, options: ImportSettings) -> pa.Table:
    return pa.Table.from_batches([chunk.rows for chunk in read(path, options)])


def _told(path: Path, options: ImportSettings, block_bytes: int) -> Any:
    chunks = list(read(path, options, block_bytes=block_bytes))
    rows = pa.Table.from_batches([chunk.rows for chunk in chunks])
    lines = [int(line) for chunk in chunks for line in chunk.line]
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    return rows.schema, _comparable(rows), lines, rejects


def _comparable(table: pa.Table) -> list[str]:
    # As text, NaN equals NaN and 1 differs from 1.0.
    return [repr(row) for row in table.to_pylist()]
