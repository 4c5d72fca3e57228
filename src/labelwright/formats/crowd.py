"""Files of votes: who said what about which item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.items import MAX_ID_BYTES
from labelwright.formats.chunk import Chunk, RejectedRow, VoteRows
from labelwright.formats.find import PathLike, find
from labelwright.formats.kinds import Kind, read_text
from labelwright.formats.names import missing_column, resolved
from labelwright.formats.reading import SUFFIXES, read_found
from labelwright.formats.settings import ImportSettings
from labelwright.formats.text import BLOCK_BYTES

NAMES: Mapping[str, tuple[str, ...]] = {
    "item": ("item", "task"),
    "source": ("source", "worker"),
    "label": ("label",),
}
"""What the columns are called where nobody says so: our names, then those of crowd-kit."""
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "item": ("item", "task", "id"),
    "label": ("label", "gold", "answer"),
}
"""Likewise, in files that need not say who answered."""


@dataclass(frozen=True, slots=True)
class _Columns:
    item: str
    source: str | None
    label: str
    by: str
    confidence: str | None
    time: str | None


def read_votes(
    paths: PathLike | Iterable[PathLike],
    *,
    item: str | None = None,
    source: str | None = None,
    label: str | None = None,
    confidence: str | None = None,
    time: str | None = None,
    by: str | None = None,
    format: str | None = None,  # noqa: A002 - the option's name for its users
    encoding: str | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[VoteRows]:
    """The votes in the files, in order.

    Without names the columns are ``item source label`` or crowd-kit's ``task worker label``.
    A vote without item or source, with a confidence outside 0..1 or a time that is none, is set
    aside.

    Args:
        confidence: the column with the source's own confidence, 0 to 1.
        time: the column with the time: ISO 8601 (UTC where it has no zone) or seconds since 1970.
        by: who voted, where neither `source` nor a column of that name says so; the columns of
            item and label may then be called ``id`` and ``gold`` or ``answer``, too.

    Raises:
        DataError: no such file or column; see :func:`read`.
    """
    settings = ImportSettings(encoding=encoding)
    found = find(paths, SUFFIXES, format)
    texts, names, chunks = read_found(found, settings, block_bytes, every=Kind.TEXT)
    known = NAMES if by is None else {**NAMES, **ANSWERS}
    alone = by is not None and source is None and not {*NAMES["source"]} & {*texts}

    def chosen(role: str, wanted: str | None) -> str:
        return _chosen(role, (wanted,) if wanted is not None else known[role], texts, names)

    columns = _Columns(
        chosen("item", item),
        None if alone else chosen("source", source),
        chosen("label", label),
        by or "",
        None if confidence is None else chosen("confidence", confidence),
        None if time is None else chosen("time", time),
    )
    return (_votes(chunk, columns) for chunk in chunks)


def _chosen(
    role: str, wanted: Sequence[str], columns: Sequence[str], names: Mapping[str, str]
) -> str:
    for name in wanted:
        if (found := resolved(name, columns, names)) is not None:
            return found
    raise missing_column(wanted[0], columns, f"the votes' {role}")


def _votes(chunk: Chunk, columns: _Columns) -> VoteRows:
    rows = chunk.rows
    item = rows.column(columns.item)
    source = pa.array([columns.by] * rows.num_rows, pa.string())
    if columns.source is not None:
        source = pc.utf8_trim_whitespace(rows.column(columns.source))
    label = pc.utf8_trim_whitespace(chunk.spelled(columns.label))
    confidence, bad_confidence = _confidences(rows, columns.confidence)
    time, bad_time = _times(rows, columns.time)
    checks = {
        "the item is missing": _empty(item),
        f"the item is longer than {MAX_ID_BYTES} bytes": _true(
            pc.greater(pc.binary_length(item), MAX_ID_BYTES)
        ),
        "the source is missing": _empty(source),
        "the confidence is no number in 0..1": bad_confidence,
        "the time is none; expected ISO 8601 or seconds since 1970": bad_time,
    }
    keep = np.ones(rows.num_rows, np.bool_)
    rejects: list[RejectedRow] = []
    for reason, bad in checks.items():
        for row in np.flatnonzero(bad & keep):
            raw = " | ".join("" if cell is None else cell[:80] for cell in _cells(rows, int(row)))
            rejects.append(RejectedRow.of(chunk.file, int(chunk.line[row]), reason, raw))
        keep &= ~bad
    mask = pa.array(keep)
    aside = sorted((*chunk.rejects, *rejects), key=lambda reject: reject.line)
    return VoteRows(
        item.filter(mask),
        source.filter(mask),
        label.filter(mask),
        confidence[keep],
        time.filter(mask),
        chunk.line[keep],
        chunk.file,
        tuple(aside),
    )


def _cells(rows: pa.RecordBatch, row: int) -> list[str | None]:
    return [column[row].as_py() for column in rows.columns]


def _confidences(
    rows: pa.RecordBatch, column: str | None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    if column is None:
        return np.full(rows.num_rows, np.nan, np.float32), np.zeros(rows.num_rows, np.bool_)
    values, bad = read_text(rows.column(column), Kind.FLOAT)
    numbers = values.fill_null(np.nan).to_numpy(zero_copy_only=False)
    return numbers.astype(np.float32), bad | (numbers < 0) | (numbers > 1)


def _times(rows: pa.RecordBatch, column: str | None) -> tuple[pa.Array, NDArray[np.bool_]]:
    if column is None:
        none = pa.nulls(rows.num_rows, pa.timestamp("ms", "UTC"))
        return none, np.zeros(rows.num_rows, np.bool_)
    texts = rows.column(column)
    instant, not_instant = read_text(texts, Kind.INSTANT)
    local, not_local = read_text(texts, Kind.TIMESTAMP)
    day, not_day = read_text(texts, Kind.DATE)
    seconds, not_seconds = read_text(texts, Kind.FLOAT)
    numbers = seconds.fill_null(0.0).to_numpy(zero_copy_only=False)
    # Up to the year 9999; beyond, somebody wrote milliseconds.
    not_seconds |= ~(np.abs(numbers) < 253_402_300_800)
    epoch = pa.array(
        (np.where(not_seconds, 0, numbers) * 1000).astype(np.int64),
        mask=~_true(seconds.is_valid()) | not_seconds,
    )
    times = pc.coalesce(
        instant.cast(pa.timestamp("ms", "UTC"), safe=False),
        local.cast(pa.timestamp("ms"), safe=False).cast(pa.timestamp("ms", "UTC")),
        day.cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC")),
        epoch.cast(pa.timestamp("ms", "UTC")),
    )
    return times, not_instant & not_local & not_day & not_seconds


def _empty(values: pa.Array) -> NDArray[np.bool_]:
    return _true(pc.or_kleene(values.is_null(), pc.equal(pc.utf8_trim_whitespace(values), "")))


def _true(values: pa.Array) -> NDArray[np.bool_]:
    return values.fill_null(False).to_numpy(zero_copy_only=False)
