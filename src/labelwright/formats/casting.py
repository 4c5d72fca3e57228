"""Columns of text become columns of their kinds; rows with a misfit are set aside."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.formats.chunk import RejectedRow
from labelwright.formats.kinds import Kind, read_text
from labelwright.formats.layout import schema_of


def typed(
    texts: pa.RecordBatch, line: NDArray[np.int64], kinds: Mapping[str, Kind], file: str
) -> tuple[pa.RecordBatch, NDArray[np.bool_], list[RejectedRow]]:
    """The texts as values of these kinds, which rows are kept, and those that do not fit."""
    keep = np.ones(texts.num_rows, np.bool_)
    rejects: list[RejectedRow] = []
    columns = []
    for name, kind in kinds.items():
        if name not in texts.schema.names:
            columns.append(pa.nulls(texts.num_rows, schema_of({name: kind}).field(0).type))
            continue
        values, bad = read_text(texts.column(name), kind)
        columns.append(values)
        for row in np.flatnonzero(bad & keep):
            raw = texts.column(name)[row].as_py()
            reason = (
                f"column {name!r}: the value is not of the type {kind}; mend it or empty the cell"
            )
            rejects.append(RejectedRow.of(file, int(line[row]), reason, raw))
        keep &= ~bad
    rows = pa.RecordBatch.from_arrays(columns, schema=schema_of(kinds))
    return (rows if keep.all() else rows.filter(pa.array(keep))), keep, rejects
