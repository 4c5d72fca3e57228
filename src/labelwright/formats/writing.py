"""Rows -> a file, all of it or nothing."""

from __future__ import annotations

import gzip
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from labelwright.core.errors import DataError, SettingsError, StorageError, shown
from labelwright.formats.find import COMPRESSED, PathLike
from labelwright.formats.jsonl import as_json
from labelwright.formats.layout import Writer
from labelwright.formats.reading import SUFFIXES, part_of

_COPY_BYTES = 1 << 20


def write(
    path: PathLike,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema | None = None,
    *,
    guard_formulas: bool = False,
) -> None:
    """Writes the rows in the format of the path's ending, so that reading gives them back.

    The file appears under its name when it is whole and on disk; before, and after a failure,
    what was there stays.

    Args:
        path: ends in .parquet, .csv, .jsonl, .csv.gz or .jsonl.gz.
        batches: the rows, all of the schema.
        schema: of the rows; None takes that of the first batch. In CSV, lists and structures
            become JSON text.
        guard_formulas: in CSV, put an apostrophe before text that a spreadsheet would run as a
            formula (``= + - @``). Off, because such text then reads back changed.

    Raises:
        SettingsError: an ending that cannot be written.
        StorageError: disk full, no permission, no such folder.
        DataError: no schema and no batch to take it from.
    """
    target = Path(path)
    name = target.name.lower()
    packed = name.endswith(COMPRESSED)
    format_name = SUFFIXES.get(Path(name.removesuffix(COMPRESSED)).suffix)
    if format_name in (None, "images") or (packed and format_name == "parquet"):
        raise SettingsError(
            f"{target}: cannot write files ending in {shown(target.suffix)}; expected .parquet, "
            ".csv, .jsonl, .csv.gz or .jsonl.gz"
        )
    _target(target)
    batches = iter(batches)
    if schema is None:
        first = next(batches, None)
        if first is None:
            raise DataError(f"{target}: there are no rows to write, not even their columns")
        batches, schema = chain((first,), batches), first.schema
    if format_name == "csv":
        batches, schema = (
            _flat(batches, schema, guard_formulas=guard_formulas),
            _flat_schema(schema),
        )
    with _replacing(target, packed=packed) as place:
        cast("Writer", part_of(str(format_name))).write(str(place), batches, schema)


def write_text(path: PathLike, text: str) -> None:
    """Writes the text as UTF-8; the file appears when it is whole and on disk.

    Raises:
        StorageError: disk full, no permission, no such folder.
    """
    target = _target(path)
    with _replacing(target, packed=False) as place:
        place.write_text(text, encoding="utf-8", newline="\n", errors="replace")


def _target(path: PathLike) -> Path:
    """The path of a file that can be made.

    Raises:
        StorageError: it is a folder, or in none.
    """
    target = Path(path)
    if target.is_dir():
        raise StorageError(f"{target}: is a folder; name a file in it")
    if not target.parent.is_dir():
        raise StorageError(f"{target}: the folder {target.parent} does not exist; make it first")
    return target


@contextmanager
def _replacing(target: Path, *, packed: bool) -> Iterator[Path]:
    """A path to write to, which takes the target's place when all went well."""
    place = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    squeezed = place.with_name(f"{place.name}{COMPRESSED}")
    try:
        yield place
        whole = _squeeze(place, squeezed) if packed else place
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        whole.replace(target)
    except OSError as error:
        raise StorageError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        place.unlink(missing_ok=True)
        squeezed.unlink(missing_ok=True)


def _squeeze(place: Path, squeezed: Path) -> Path:
    # No name and no time in the header: the same rows give the same bytes.
    with (
        place.open("rb") as raw,
        squeezed.open("wb") as out,
        gzip.GzipFile("", "wb", 6, out, mtime=0) as packer,
    ):
        while block := raw.read(_COPY_BYTES):
            packer.write(block)
    return squeezed


def _flat_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(field.name, _flat_type(field.type)) for field in schema])


def _flat_type(kind: pa.DataType) -> pa.DataType:
    types = pa.types
    flat = any(
        is_kind(kind)
        for is_kind in (
            types.is_boolean,
            types.is_integer,
            types.is_floating,
            types.is_date,
            types.is_timestamp,
        )
    )
    return kind if flat else pa.string()


def _flat(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, *, guard_formulas: bool
) -> Iterator[pa.RecordBatch]:
    flat = _flat_schema(schema)
    for batch in batches:
        columns = [_flat_column(column) for column in batch.columns]
        if guard_formulas:
            columns = [_guarded(column) for column in columns]
        yield pa.RecordBatch.from_arrays(columns, schema=flat)


def _flat_column(column: pa.Array) -> pa.Array:
    if _flat_type(column.type) == column.type:
        return column
    if pa.types.is_large_string(column.type):
        return column.cast(pa.string())
    if pa.types.is_dictionary(column.type):
        return _flat_column(column.dictionary_decode())
    texts = [None if value is None else _cell(value) for value in column.to_pylist()]
    return pa.array(texts, pa.string())


def _cell(value: object) -> str:
    text = as_json(value)
    # A single value, such as a date or bytes, needs no quotes of JSON.
    return text[1:-1] if text.startswith('"') else text


def _guarded(column: pa.Array) -> pa.Array:
    if column.type != pa.string():
        return column
    return pc.replace_substring_regex(column, r"^([=+\-@\t\r])", r"'\1")
