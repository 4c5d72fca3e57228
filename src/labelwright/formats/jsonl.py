"""JSON Lines: one object a line, in UTF-8 or any other encoding; gzip.

Lists and objects are kept as JSON text. A field whose values are of several kinds becomes text:
texts as they are, everything else as JSON. ``NaN`` and ``Infinity`` are read and written as
Python and most data tools do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.formats.casting import typed
from labelwright.formats.chunk import Chunk, RejectedRow
from labelwright.formats.find import Found
from labelwright.formats.kinds import ARROW, EXACT, Kind, combined
from labelwright.formats.layout import FileLayout, forced, schema_of
from labelwright.formats.names import renaming
from labelwright.formats.settings import ImportSettings
from labelwright.formats.text import BLOCK_BYTES, MAX_RECORD_BYTES, Text, text_of

_NATIVE = {Kind.BOOL: bool, Kind.INT: int, Kind.BIG_INT: int, Kind.FLOAT: int | float}
_INT64 = 2**63
_Rows = list[tuple[int, dict[str, Any]]]


def inspect(found: Found, settings: ImportSettings) -> FileLayout:
    """The fields of all objects in the file, each with the kind of all of its values."""
    text = _text(found, settings)
    kinds: dict[str, Kind] = {}
    for rows, _ in _parsed(str(found.path), text, BLOCK_BYTES):
        for _, row in rows:
            for name, value in row.items():
                before = kinds.get(name, Kind.NOTHING)
                if before is not Kind.TEXT:
                    kinds[name] = combined(before, _kind(value))
    if not kinds:
        raise DataError(
            f'{found.path}: holds no JSON object; expected one such as {{"text": "…"}} on '
            "every line"
        )
    names, notes = renaming(str(found.path), list(kinds))
    ours = {names[name]: kind for name, kind in kinds.items()}
    return FileLayout(ours | forced(settings, names, ours), names, notes, detail=text)


def chunks(
    files: Sequence[tuple[Found, FileLayout]],
    kinds: Mapping[str, Kind],
    block_bytes: int,
) -> Iterator[Chunk]:
    """The objects in the files; broken lines, and values of no such kind, set aside."""
    for found, layout in files:
        yield from _file_chunks(found, layout, kinds, block_bytes)


def write(
    path: str,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,  # noqa: ARG001 - the port has it; JSON Lines have no header
) -> None:
    """Writes one object a row, with a null for every value that is missing."""
    with pa.output_stream(path) as stream:
        for batch in batches:
            lines = [as_json(row) + "\n" for row in batch.to_pylist()]
            stream.write("".join(lines).encode())


def as_json(value: Any) -> str:
    """The value as JSON text; bytes in base64, dates in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_spelled)


def _file_chunks(
    found: Found, layout: FileLayout, kinds: Mapping[str, Kind], block_bytes: int
) -> Iterator[Chunk]:
    file = str(found.path)
    originals = {ours: theirs for theirs, ours in layout.names.items()}
    notes = layout.notes
    for rows, rejects in _parsed(file, layout.detail, block_bytes):
        line = np.array([number for number, _ in rows], np.int64)
        batch, keep, misfits = _batch(rows, line, kinds, originals, file)
        aside = tuple(sorted((*rejects, *misfits), key=lambda reject: reject.line))
        yield Chunk(batch, line[keep], file, aside, notes, dict(layout.names))
        notes = ()


def _spelled(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(found: Found, settings: ImportSettings) -> Text:
    text = text_of(found.path, settings.encoding)
    if text.head().lstrip()[:1] == b"[":
        raise DataError(
            f"{found.path}: is one JSON list; expected JSON Lines, one object on every line "
            "(jq -c '.[]' makes them of it)"
        )
    return text


def _parsed(file: str, text: Text, block_bytes: int) -> Iterator[tuple[_Rows, list[RejectedRow]]]:
    """The objects of some lines with their line numbers, and the lines that are none."""
    number = 0
    for lines in _lines(file, text, block_bytes):
        rows: _Rows = []
        rejects: list[RejectedRow] = []
        for line in lines:
            number += 1
            if not line or line.isspace():
                continue
            value, problem = _object(line)
            if problem:
                rejects.append(RejectedRow.of(file, number, problem, line))
            else:
                rows.append((number, value))
        yield rows, rejects


def _lines(file: str, text: Text, block_bytes: int) -> Iterator[list[bytes]]:
    parts: list[bytes] = []
    size = 0
    for block in text.blocks(block_bytes):
        if b"\n" not in block:
            parts.append(block)
            size += len(block)
            if size > MAX_RECORD_BYTES:
                raise DataError(
                    f"{file}: a line is longer than {MAX_RECORD_BYTES >> 20} MiB; expected JSON "
                    "Lines, is it another format?"
                )
            continue
        *lines, last = b"".join((*parts, block)).split(b"\n")
        parts, size = [last], len(last)
        yield lines
    yield [b"".join(parts)]


def _object(line: bytes) -> tuple[dict[str, Any], str]:
    """The object on the line, or what is wrong with it."""
    try:
        value = json.loads(line)
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except json.JSONDecodeError as error:
        return {}, f"is not JSON: {error.msg} at character {error.pos + 1}"
    except UnicodeEncodeError:
        return {}, "holds half a surrogate pair, which is no text"
    except (RecursionError, ValueError) as error:
        return {}, f"is nested too deep or holds too long a number ({error})"
    if not isinstance(value, dict):
        return {}, "is not a JSON object"
    return value, ""


def _kind(value: Any) -> Kind:
    match value:
        case None:
            return Kind.NOTHING
        case bool():
            return Kind.BOOL
        case int():
            if -EXACT < value < EXACT:
                return Kind.INT
            return Kind.BIG_INT if -_INT64 <= value < _INT64 else Kind.TEXT
        case float():
            return Kind.FLOAT
    return Kind.TEXT


def _batch(
    rows: _Rows,
    line: NDArray[np.int64],
    kinds: Mapping[str, Kind],
    originals: Mapping[str, str],
    file: str,
) -> tuple[pa.RecordBatch, NDArray[np.bool_], list[RejectedRow]]:
    """As :func:`typed`: by way of text where a field is no plain JSON value of its kind."""
    arrays: dict[str, pa.Array] = {}
    by_text: dict[str, Kind] = {}
    for name, kind in kinds.items():
        theirs = originals.get(name, name)
        values = [row.get(theirs) for _, row in rows]
        native = _NATIVE.get(kind)
        if native and all(value is None or _is_a(value, native) for value in values):
            arrays[name] = pa.array(values, ARROW[kind])
        else:
            arrays[name] = pa.array([_as_text(value) for value in values], pa.string())
            by_text[name] = kind
    texts = pa.RecordBatch.from_pydict(dict(arrays))
    checked = {name: kind for name, kind in kinds.items() if name in by_text}
    read, keep, rejects = typed(texts, line, checked, file)
    keeping = None if keep.all() else pa.array(keep)
    columns = [
        read.column(name)
        if name in checked
        else (arrays[name] if keeping is None else arrays[name].filter(keeping))
        for name in kinds
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema_of(kinds)), keep, rejects


def _is_a(value: Any, native: Any) -> bool:
    if isinstance(value, bool):
        return native is bool
    if isinstance(value, int):
        return native is not bool and -_INT64 <= value < _INT64
    return isinstance(value, native)


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else as_json(value)
