"""Which columns the items table has, and how a batch of items is made to fit them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pat

from labelwright.core.errors import DataError, shown
from labelwright.core.items import HASH, ID, NUMBER, RESERVED, SPLIT, user_fields

# An item's number is its place in the table, so that no crash can tear the two apart.
STORED = tuple(name for name in RESERVED if name != NUMBER)
_REQUIRED = (ID, HASH)
# Lance reads a dot as a path, back-ticks as quotes, and knows no empty name.
_UNSAFE = re.compile(r"[.`%\x00]")


@dataclass(frozen=True, slots=True)
class Change:
    """What must happen to the table before a batch fits.

    Attributes:
        new: user fields to add.
        wider: fields of whole numbers that must hold fractions.
    """

    new: tuple[pa.Field, ...]
    wider: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.wider)


def first_schema() -> pa.Schema:
    """The columns of a table without user fields."""
    return pa.schema([(name, RESERVED[name]) for name in STORED])


def column_of(field: str) -> str:
    """The name under which Lance keeps the field."""
    if not field:
        return "%"
    return _UNSAFE.sub(lambda match: f"%{ord(match.group()):02X}", field)


def field_of(column: str) -> str:
    """The field that Lance keeps under this name."""
    if column == "%":
        return ""
    return re.sub(r"%([0-9A-F]{2})", lambda match: chr(int(match.group(1), 16)), column)


def plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with every reserved column and few types: 64-bit numbers, one kind of text.

    Fields that are null throughout a batch without a type are left out.

    Raises:
        DataError: no id or hash, an unknown reserved name, a value that does not fit.
    """
    for name in _REQUIRED:
        if name not in batch.schema.names or batch.column(name).null_count:
            raise DataError(f"items to be stored need {ID} and {HASH} in every row; {name} lacks")
    arrays, schema = [], []
    for name in STORED:
        if name in batch.schema.names:
            arrays.append(_cast(batch.column(name), RESERVED[name], name))
        elif name == SPLIT:
            arrays.append(pa.repeat(pa.scalar("", pa.string()), batch.num_rows))
        else:
            arrays.append(pa.nulls(batch.num_rows, RESERVED[name]))
        schema.append(pa.field(name, RESERVED[name]))
    for name in user_fields(batch.schema):
        kind = _plain_type(batch.schema.field(name).type)
        if kind != pa.null():
            arrays.append(_cast(batch.column(name), kind, name))
            schema.append(pa.field(name, kind))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(schema))


def change_for(stored: pa.Schema, batch: pa.Schema) -> Change:
    """What must happen to a table with the fields `stored` before the batch fits.

    Raises:
        DataError: a field has types that no one type holds without loss.
    """
    new, wider = [], []
    for name in user_fields(batch):
        field = batch.field(name)
        if name not in stored.names:
            new.append(field)
            continue
        old = stored.field(name).type
        if pat.is_int64(old) and pat.is_float64(field.type):
            wider.append(name)
        elif not _enters(field.type, old):
            raise DataError(
                f"field {shown(name)} holds {old} in the project, but {field.type} in the new "
                f"items. Convert it to {old} before the import, or give it another name."
            )
    return Change(tuple(new), tuple(wider))


def fitted(batch: pa.RecordBatch, stored: pa.Schema) -> pa.RecordBatch:
    """The batch with exactly the columns `stored`, null where it lacks one.

    Raises:
        DataError: a value would lose by the conversion.
    """
    arrays = [
        _cast(batch.column(name), stored.field(name).type, name)
        if name in batch.schema.names
        else pa.nulls(batch.num_rows, stored.field(name).type)
        for name in stored.names
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[column_of(name) for name in stored.names])


def logical(schema: pa.Schema, columns: Sequence[str]) -> pa.Schema:
    """The fields behind these columns of the table."""
    return pa.schema([schema.field(name).with_name(field_of(name)) for name in columns])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pat.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pat.is_integer(kind):
        return pa.int64()
    if pat.is_floating(kind):
        return pa.float64()
    if pat.is_string(kind) or pat.is_large_string(kind) or pat.is_string_view(kind):
        return pa.string()
    if pat.is_binary(kind) or pat.is_binary_view(kind):
        return pa.large_binary()
    return kind


def _enters(new: pa.DataType, old: pa.DataType) -> bool:
    """Whether values of type `new` can go into a column of type `old` (each value is checked)."""
    if new == old or (pat.is_int64(new) and pat.is_float64(old)):
        return True
    # A key or a code that happens to be a number in one file and text in another.
    if pat.is_int64(new) and pat.is_string(old):
        return True
    return pat.is_timestamp(new) and pat.is_timestamp(old) and (new.tz is None) == (old.tz is None)


def _cast(column: pa.Array, kind: pa.DataType, name: str) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return pc.cast(column, kind, safe=True)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"field {shown(name)}: a value of type {column.type} does not fit into {kind} "
            f"({reason}). Convert the column before the import."
        ) from error
