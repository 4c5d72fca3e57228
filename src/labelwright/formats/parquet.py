"""Parquet: any Arrow type, mapped to the few that items have.

Whole numbers become int64 (unsigned 64-bit ones that are too large: text), floats and decimals
float64 (decimals of more than 15 digits: text), dictionaries what they encode, lists and
structures JSON text, binary base64 text, times of day and durations text.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import DataError, StorageError
from labelwright.formats.casting import typed
from labelwright.formats.chunk import Chunk
from labelwright.formats.find import Found
from labelwright.formats.jsonl import as_json
from labelwright.formats.kinds import ARROW, EXACT, Kind, kind_of_type
from labelwright.formats.layout import FileLayout, forced, schema_of
from labelwright.formats.names import renaming
from labelwright.formats.settings import ImportSettings

_BYTES_PER_ROW = 64
_WIDENED = (Kind.BIG_INT, Kind.FLOAT)


def inspect(found: Found, settings: ImportSettings) -> FileLayout:
    """The columns of the file, by their Arrow types.

    Raises:
        DataError: it is damaged or no Parquet file.
    """
    with _Reading(found.path) as file:
        names, notes = renaming(str(found.path), file.schema_arrow.names)
        kinds = {}
        for position, column in enumerate(file.schema_arrow):
            kind = kind_of_type(_plain(column.type))
            if kind is Kind.BIG_INT:
                kind = _width(file, position, column.type)
            elif pa.types.is_decimal(column.type) and column.type.precision > 15:
                kind = Kind.TEXT
            kinds[names[column.name]] = kind
    return FileLayout(kinds | forced(settings, names, kinds), names, notes)


def chunks(
    files: Sequence[tuple[Found, FileLayout]],
    kinds: Mapping[str, Kind],
    block_bytes: int,
) -> Iterator[Chunk]:
    """The rows of the files; values that do not fit a type asked for set aside."""
    for found, layout in files:
        yield from _file_chunks(found, layout, kinds, block_bytes)


def write(path: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """Writes the rows as they are, lists and structures included."""
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(path, schema, compression="zstd") as out:
        for batch in batches:
            out.write_batch(batch)


def _file_chunks(
    found: Found, layout: FileLayout, kinds: Mapping[str, Kind], block_bytes: int
) -> Iterator[Chunk]:
    name_of_file = str(found.path)
    # One column at least tells how many rows there are.
    columns = [theirs for theirs, ours in layout.names.items() if ours in kinds]
    notes, done = layout.notes, 0
    with _Reading(found.path) as file:
        size = max(1, block_bytes // _BYTES_PER_ROW)
        for raw in file.iter_batches(size, columns=columns or list(layout.names)[:1]):
            line = np.arange(done + 1, done + 1 + raw.num_rows, dtype=np.int64)
            done += raw.num_rows
            rows, keep, rejects = _typed(raw, line, kinds, layout, name_of_file)
            names = dict(layout.names)
            yield Chunk(rows, line[keep], name_of_file, tuple(rejects), notes, names)
            notes = ()


class _Reading:
    """A Parquet file while it is open, with its errors as ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: Any = None

    def __enter__(self) -> Any:
        from pyarrow.parquet import ParquetFile

        try:
            self.file = ParquetFile(self.path, memory_map=False)
        except (pa.ArrowException, OSError) as error:
            raise self._ours(error) from error
        names = self.file.schema_arrow.names
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            self.file.close()
            raise DataError(f"{self.path}: the columns {sorted(twice)} come twice; rename them")
        return self.file

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.file.close()
        if isinstance(error, pa.ArrowException | OSError) and not isinstance(error, StorageError):
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> Exception:
        if isinstance(error, OSError) and error.errno is not None:
            return StorageError(f"{self.path}: cannot be read ({error.strerror})")
        reason = str(error).split("\n", 1)[0].rstrip(".")
        return DataError(
            f"{self.path}: is damaged or no Parquet file ({reason}); copy it anew or say what "
            "it is with the option format"
        )


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type of the values once they are decoded."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    return _plain(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def _width(file: Any, position: int, kind: pa.DataType) -> Kind:
    """Whether whole numbers are exact as floats, need int64, or do not even fit that."""
    if _plain(kind).bit_width < 64:
        return Kind.INT
    name = file.schema_arrow.names[position]
    widest = Kind.INT
    for batch in file.iter_batches(columns=[name]):
        extremes = pc.min_max(_decoded(batch.column(0))).as_py()
        low, high = extremes["min"] or 0, extremes["max"] or 0
        if high >= 2**63:
            return Kind.TEXT
        if low <= -EXACT or high >= EXACT:
            widest = Kind.BIG_INT
    return widest


def _typed(
    raw: pa.RecordBatch,
    line: NDArray[np.int64],
    kinds: Mapping[str, Kind],
    layout: FileLayout,
    file: str,
) -> tuple[pa.RecordBatch, NDArray[np.bool_], list[Any]]:
    originals = {ours: theirs for theirs, ours in layout.names.items()}
    direct: dict[str, pa.Array] = {}
    texts: dict[str, pa.Array] = {"": pa.nulls(raw.num_rows, pa.string())}
    for name, kind in kinds.items():
        theirs = originals.get(name)
        if theirs not in raw.schema.names:
            continue
        values = _decoded(raw.column(theirs))
        found = kind_of_type(values.type)
        if ARROW[found] == ARROW[kind] != pa.string() or (found, kind) == _WIDENED:
            direct[name] = values.cast(ARROW[kind], safe=False)
        else:
            texts[name] = _as_text(values)
    by_text = {name: kind for name, kind in kinds.items() if name not in direct}
    table = pa.RecordBatch.from_pydict(texts)
    read, keep, rejects = typed(table, line, by_text, file)
    keeping = pa.array(keep)
    columns = [
        direct[name].filter(keeping) if name in direct else read.column(name) for name in kinds
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema_of(kinds)), keep, rejects


def _decoded(values: pa.Array) -> pa.Array:
    if isinstance(values.type, pa.BaseExtensionType):
        return _decoded(values.storage)
    return _decoded(values.dictionary_decode()) if pa.types.is_dictionary(values.type) else values


def _as_text(values: pa.Array) -> pa.Array:
    kind, types = values.type, pa.types
    if types.is_nested(kind):
        return _each(values, as_json)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return _each(values, lambda value: base64.b64encode(value).decode())
    try:
        return values.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return _each(values, str)


def _each(values: pa.Array, spelled: Callable[[Any], str]) -> pa.Array:
    texts = [None if value is None else spelled(value) for value in values.to_pylist()]
    return pa.array(texts, pa.string())
