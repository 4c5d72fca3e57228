"""Columns of a table as numbers: what the tabular models learn about each, and how they read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.endmodels.encoders import Encoded, column
from labelwright.endmodels.saved import Packed

LARGEST = 1e100
"""Greater numbers are cut, so that their squares stay finite."""
FARTHEST = 10.0
"""Standardised numbers are cut at so many standard deviations: one typo must not rule."""


@dataclass(frozen=True, slots=True)
class Column:
    """What was learnt about a column.

    Attributes:
        field: its name.
        values: its categories, the most frequent first; empty for a number.
        number: whether it holds numbers, booleans or times; otherwise categories.
        mean: of its numbers.
        deviation: of its numbers; 0 for a constant.
        gaps: whether any value was missing in training.
    """

    field: str
    values: tuple[str, ...] = ()
    number: bool = True
    mean: float = 0.0
    deviation: float = 0.0
    gaps: bool = False


def holds_numbers(kind: pa.DataType) -> bool:
    """Whether values of this type are read as numbers: numbers, booleans, dates and times."""
    return bool(
        pt.is_integer(kind)
        or pt.is_floating(kind)
        or pt.is_boolean(kind)
        or pt.is_decimal(kind)
        or pt.is_temporal(kind)
    )


def holds_text(kind: pa.DataType) -> bool:
    """Whether values of this type are text, dictionary-encoded or not."""
    if pt.is_dictionary(kind):
        return holds_text(kind.value_type)
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def learn_columns(
    items: pa.Table, fields: Sequence[str], max_categories: int
) -> tuple[Column, ...]:
    """What these items teach about their columns, categories first.

    Raises:
        DataError: a column that is absent, or of a type that is neither number nor text.
    """
    learnt = [_learn(column(items, name), name, max_categories) for name in fields]
    return tuple(sorted(learnt, key=lambda one: one.number))


def numbers(values: pa.ChunkedArray, field: str) -> NDArray[np.float64]:
    """The values as numbers; NaN where missing or infinite; times in seconds since 1970.

    Raises:
        DataError: text that is no number.
    """
    kind = values.type
    try:
        if pt.is_dictionary(kind):
            values, kind = values.cast(kind.value_type), kind.value_type
        scale = 1.0
        if pt.is_timestamp(kind) or pt.is_date(kind):
            zone = kind.tz if pt.is_timestamp(kind) else None
            values = values.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
            scale = 1e-6
        elif pt.is_time(kind) or pt.is_duration(kind):
            steps = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
            scale = steps[kind.unit]
            values = values.cast(pa.int32() if pt.is_time32(kind) else pa.int64())
        elif pt.is_boolean(kind):
            values = values.cast(pa.int8())
        read = values.cast(pa.float64(), safe=False).to_numpy() * scale
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(
            f"field {field!r} held numbers in training and now holds {kind}, which cannot be "
            f"read as numbers: {error}"
        ) from error
    return np.where(np.isfinite(read), np.clip(read, -LARGEST, LARGEST), np.nan)


def codes(values: pa.ChunkedArray, categories: Sequence[str]) -> NDArray[np.float64]:
    """The position of each value among the categories; NaN where missing or unknown."""
    position = pc.index_in(values.cast(pa.string()), value_set=pa.array(categories, pa.string()))
    return position.cast(pa.float64()).to_numpy()


def raw_matrix(items: pa.Table, columns: Sequence[Column]) -> NDArray[np.float64]:
    """One column each, category codes and numbers, NaN where missing; for trees."""
    matrix = np.empty((items.num_rows, len(columns)))
    for place, one in enumerate(columns):
        values = column(items, one.field)
        matrix[:, place] = numbers(values, one.field) if one.number else codes(values, one.values)
    return matrix


@dataclass(frozen=True, slots=True, eq=False)
class ColumnEncoder:
    """Columns -> standardised numbers and one feature a category, for linear models.

    A missing number is the mean, and says so in a feature of its own if training had gaps. A
    category never seen has no feature; constant columns have none either.
    """

    kind: ClassVar[str] = "columns"
    columns: tuple[Column, ...]

    def encode(self, items: pa.Table) -> Encoded:
        """The feature vectors; every item can be read."""
        rows = items.num_rows
        blocks: list[NDArray[np.float64]] = [np.empty((rows, 0))]
        for one in self.columns:
            values = column(items, one.field)
            blocks.append(_standardised(values, one) if one.number else _one_hot(values, one))
        return Encoded(np.hstack(blocks), np.ones(rows, np.bool_))

    def pack(self) -> Packed:
        """What was learnt about the columns."""
        return pack_columns(self.columns)

    @classmethod
    def unpack(cls, packed: Packed) -> ColumnEncoder:
        """The encoder that was packed."""
        return cls(unpack_columns(packed))


def pack_columns(columns: Sequence[Column]) -> Packed:
    """The columns as a header."""
    return Packed({"columns": [asdict(one) for one in columns]})


def unpack_columns(packed: Packed) -> tuple[Column, ...]:
    """The columns that were packed."""
    return tuple(
        Column(**{**one, "values": tuple(one["values"])}) for one in packed.header["columns"]
    )


def _learn(values: pa.ChunkedArray, field: str, max_categories: int) -> Column:
    if pt.is_null(values.type):
        return Column(field)
    if holds_text(values.type):
        return _learn_categories(values.cast(pa.string()), field, max_categories)
    if not holds_numbers(values.type):
        raise DataError(
            f"field {field!r} holds {values.type}; a tabular model reads numbers, booleans, "
            "dates and categories. Leave it out of `columns`"
        )
    read = numbers(values, field)
    present = read[~np.isnan(read)]
    if not len(present):
        return Column(field)
    deviation = float(present.std())
    # What rounding leaves over of a constant is no spread.
    if deviation <= 1e-9 * float(np.abs(present).max()):
        deviation = 0.0
    gaps = len(present) < len(read)
    return Column(field, mean=float(present.mean()), deviation=deviation, gaps=gaps)


def _learn_categories(values: pa.ChunkedArray, field: str, max_categories: int) -> Column:
    counted = pc.value_counts(values.drop_null())
    pairs = zip(
        counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
    )
    ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    kept = tuple(name for name, _ in ranked[:max_categories])
    return Column(field, kept, number=False, gaps=values.null_count > 0)


def _standardised(values: pa.ChunkedArray, one: Column) -> NDArray[np.float64]:
    read = numbers(values, one.field)
    missing = np.isnan(read)
    features = []
    if one.deviation > 0:
        away = np.clip((read - one.mean) / one.deviation, -FARTHEST, FARTHEST)
        features.append(np.where(missing, 0.0, away))
    if one.gaps:
        features.append(missing.astype(np.float64))
    return np.stack(features, axis=1) if features else np.empty((len(read), 0))


def _one_hot(values: pa.ChunkedArray, one: Column) -> NDArray[np.float64]:
    code = codes(values, one.values)
    known = np.flatnonzero(~np.isnan(code))
    width = len(one.values) + one.gaps
    features = np.zeros((len(code), width))
    features[known, code[known].astype(np.int64)] = 1.0
    if one.gaps:
        features[:, -1] = values.is_null().to_numpy()
    return features
