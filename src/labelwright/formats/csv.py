"""CSV: separated by comma, semicolon, tab or bar; RFC 4180 quotes; any encoding; gzip.

An unquoted empty field is null, a quoted one is the empty text. The file is read twice: first
to see what *all* values of a column are, then to read them.

Reference:
    Y. Shafranovich, "Common Format and MIME Type for CSV Files", RFC 4180, 2005,
    DOI 10.17487/RFC4180.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from labelwright.core.errors import DataError
from labelwright.formats.casting import typed
from labelwright.formats.chunk import Chunk, Note
from labelwright.formats.csv_records import Records, first_record, records
from labelwright.formats.find import Found
from labelwright.formats.kinds import Kind, combined, kind_of_text
from labelwright.formats.layout import FileLayout, forced
from labelwright.formats.names import renaming, usable
from labelwright.formats.settings import ImportSettings
from labelwright.formats.text import BLOCK_BYTES, HEAD_BYTES, MAX_RECORD_BYTES, Text, text_of

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_RECORDS = 200


@dataclass(frozen=True, slots=True)
class _Dialect:
    text: Text
    delimiter: str
    columns: tuple[str, ...]
    start: int
    line: int


def inspect(found: Found, settings: ImportSettings) -> FileLayout:
    """The columns of the file, each with the kind of all of its values.

    Raises:
        DataError: an empty file, or text that cannot be decoded.
    """
    file = str(found.path)
    text = text_of(found.path, settings.encoding)
    dialect, header = _dialect(file, text, settings.delimiter)
    names, notes = renaming(file, header)
    if text.encoding == "cp1252" and settings.encoding is None:
        notes = (Note(file, "is not UTF-8 and was read as cp1252 (Western European)"), *notes)
    kinds = dict.fromkeys(dialect.columns, Kind.NOTHING)
    kinds |= forced(settings, names, dialect.columns)
    open_columns = [name for name in kinds if kinds[name] is Kind.NOTHING]
    for part in _records(file, dialect, BLOCK_BYTES) if open_columns else ():
        table = _table(part, dialect, open_columns)
        for name in open_columns:
            kinds[name] = combined(kinds[name], kind_of_text(table.column(name)))
        open_columns = [name for name in open_columns if kinds[name] is not Kind.TEXT]
        if not open_columns:
            break
    return FileLayout(kinds, names, notes, detail=dialect)


def chunks(
    files: Sequence[tuple[Found, FileLayout]],
    kinds: Mapping[str, Kind],
    block_bytes: int,
) -> Iterator[Chunk]:
    """The rows of the files; broken and ragged ones, and values of no such kind, set aside."""
    for found, layout in files:
        yield from _file_chunks(found, layout, kinds, block_bytes)


def write(path: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """Writes the rows: text quoted, null empty, lists as JSON text."""
    options = pacsv.WriteOptions(quoting_style="needed")
    with pacsv.CSVWriter(path, schema, write_options=options) as out:
        for batch in batches:
            out.write_batch(batch)


def _file_chunks(
    found: Found, layout: FileLayout, kinds: Mapping[str, Kind], block_bytes: int
) -> Iterator[Chunk]:
    dialect: _Dialect = layout.detail
    file = str(found.path)
    # One column at least tells how many rows there are.
    here = [name for name in dialect.columns if name in kinds] or dialect.columns[:1]
    notes = layout.notes
    for part in _records(file, dialect, block_bytes):
        line = np.concatenate(part.line) if part.line else np.zeros(0, np.int64)
        table = _table(part, dialect, here)
        rows, keep, misfits = typed(table, line, kinds, file)
        aside = tuple(sorted((*part.rejects, *misfits), key=lambda reject: reject.line))
        yield Chunk(rows, line[keep], file, aside, notes, dict(layout.names), blank=dialect.columns)
        notes = ()


def _dialect(file: str, text: Text, delimiter: str | None) -> tuple[_Dialect, list[str]]:
    head = b""
    found = None
    for block in text.blocks():
        head += block
        sign = delimiter or _delimiter(head[:HEAD_BYTES])
        found = first_record(head, sign.encode())
        # The header is whole once something follows it.
        if (found and found[1] < len(head)) or len(head) > MAX_RECORD_BYTES:
            break
    if found is None:
        raise DataError(f"{file}: is empty; expected a line with the names of the columns")
    fields, start = found
    header = [field.decode() for field in fields]
    line = 1 + _lines(head[:start])
    return _Dialect(text, sign, tuple(usable(header)), start, line), header


def _lines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _delimiter(head: bytes) -> str:
    """The sign that gives most records as many columns as the header, and the most columns."""

    def score(sign: str) -> tuple[float, int]:
        counts = _column_counts(head, sign.encode())
        if not counts or counts[0] < 2:
            return 0.0, 0
        return sum(count == counts[0] for count in counts) / len(counts), counts[0]

    return max(_DELIMITERS, key=score)


def _column_counts(head: bytes, sign: bytes) -> list[int]:
    counts: list[int] = []
    start = 0
    while len(counts) < _SNIFFED_RECORDS and (found := first_record(head[start:], sign)):
        start += found[1]
        counts.append(len(found[0]))
    # The last record may be cut off.
    return counts[:-1] if len(counts) > 1 and start >= len(head) else counts


def _records(file: str, dialect: _Dialect, block_bytes: int) -> Iterator[Records]:
    def body() -> Iterator[bytes]:
        skip = dialect.start
        for block in dialect.text.blocks(block_bytes):
            yield block[skip:]
            skip = max(0, skip - len(block))

    return records(body(), file, len(dialect.columns), dialect.delimiter.encode(), dialect.line)


def _table(part: Records, dialect: _Dialect, columns: Sequence[str]) -> pa.RecordBatch:
    """The records' texts. They are sound, so that Arrow's quick reader sees them as we do."""
    data = b"".join(part.data)
    if not data.endswith((b"\n", b"\r")):
        data += b"\n"  # else Arrow takes an empty last field for a quoted one
    schema = pa.schema([(name, pa.string()) for name in columns])
    if not part.count:
        return pa.RecordBatch.from_pylist([], schema)
    table = pacsv.read_csv(
        pa.BufferReader(data),
        pacsv.ReadOptions(column_names=dialect.columns, block_size=len(data) + 1),
        pacsv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
        pacsv.ConvertOptions(
            column_types=schema,
            include_columns=columns,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    arrays = [pc.cast(table.column(name), pa.string()).combine_chunks() for name in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
