"""The few column types that files reduce to, how text shows its kind, and how it is read.

A column's kind is found by looking at *all* of its values, and kinds of parts combine in any
order, so that neither the size of a chunk nor the order of files changes the result.
"""

from __future__ import annotations

from enum import StrEnum
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

EXACT = 2**53
"""Whole numbers below this, either way from 0, are exact as floats and told apart by them."""
WORDS_FOR_MISSING = ("NA", "N/A", "#N/A", "na", "n/a", "null", "NULL", "Null", "None", "none")
"""Read as missing in columns of numbers, dates and booleans; ordinary text in text."""


class Kind(StrEnum):
    """What the values of a column are."""

    NOTHING = "nothing"
    BOOL = "bool"
    INT = "int"
    BIG_INT = "big_int"
    FLOAT = "float"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"
    TEXT = "text"


TYPES = ("text", "int", "float", "bool", "date", "timestamp", "instant")
"""The kinds that a user may ask for; an instant is a timestamp with a time zone, kept in UTC."""

ARROW: dict[Kind, pa.DataType] = {
    Kind.NOTHING: pa.string(),
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.BIG_INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us", "UTC"),
    Kind.TEXT: pa.string(),
}

# A number with a leading zero or plus sign is a key or a phone number: "007" stays text.
_WHOLE = r"^-?(0|[1-9][0-9]*)$"
_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_PATTERNS = {
    Kind.BOOL: r"^(?i:true|false)$",
    Kind.INT: _WHOLE,
    Kind.FLOAT: (
        r"^(-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
        r"|[+-]?(?i:nan|inf|infinity))$"
    ),
    Kind.DATE: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    Kind.TIMESTAMP: rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_CLOCK}$",
    Kind.INSTANT: rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_CLOCK}(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$",
}


def combined(*kinds: Kind) -> Kind:
    """The kind of a column whose parts are of these kinds. The order does not matter."""
    return reduce(_either, kinds, Kind.NOTHING)


def _either(one: Kind, other: Kind) -> Kind:
    pair = {one, other} - {Kind.NOTHING}
    if len(pair) < 2:
        return pair.pop() if pair else Kind.NOTHING
    if pair == {Kind.INT, Kind.BIG_INT}:
        return Kind.BIG_INT
    # A whole number above 2^53 would change its value among floats; as text it is kept.
    return Kind.FLOAT if pair == {Kind.INT, Kind.FLOAT} else Kind.TEXT


def kind_of_text(column: pa.Array) -> Kind:
    """What these texts look like: the one kind that every one of them fits."""
    values = _present(column)
    if len(values) == 0:
        return Kind.NOTHING
    likely = [kind for kind in _PATTERNS if _fits(values[:16], kind).all()]
    for kind in likely:
        if not _fits(values, kind).all() or _cast(values, kind) is None:
            continue
        if kind is Kind.INT:
            return _width(values.cast(pa.int64()))
        if kind is Kind.FLOAT:
            return _float_or_text(values)
        return kind
    return Kind.TEXT


def read_text(column: pa.Array, kind: Kind) -> tuple[pa.Array, NDArray[np.bool_]]:
    """The texts as values of the kind, and which of them do not fit (null in the values)."""
    none = np.zeros(len(column), np.bool_)
    if ARROW[kind] == pa.string():
        return column, none
    clean = pc.utf8_trim_whitespace(column)
    missing = pc.or_kleene(pc.equal(clean, ""), pc.is_in(clean, pa.array(WORDS_FOR_MISSING)))
    clean = pc.if_else(missing, None, clean)
    base = Kind.INT if kind is Kind.BIG_INT else kind
    bad = ~_fits(clean, base)
    values = _cast(clean if not bad.any() else pc.if_else(pa.array(bad), None, clean), base)
    if values is None:  # a number too large, a 30th of February
        bad |= np.array([_cast(clean[i : i + 1], base) is None for i in range(len(clean))])
        values = _cast(pc.if_else(pa.array(bad), None, clean), base)
    return values, bad


def kind_of_type(kind: pa.DataType) -> Kind:
    """The kind of an Arrow type; whatever is no plain value becomes text."""
    types = pa.types
    table = (
        (types.is_null, Kind.NOTHING),
        (types.is_boolean, Kind.BOOL),
        (types.is_integer, Kind.BIG_INT),
        (types.is_floating, Kind.FLOAT),
        (types.is_decimal, Kind.FLOAT),
        (types.is_date, Kind.DATE),
    )
    for is_kind, found in table:
        if is_kind(kind):
            return found
    if types.is_timestamp(kind):
        return Kind.TIMESTAMP if kind.tz is None else Kind.INSTANT
    return Kind.TEXT


def _present(column: pa.Array) -> pa.Array:
    values = pc.utf8_trim_whitespace(column.drop_null())
    skip = pc.is_in(values, pa.array(("", *WORDS_FOR_MISSING)))
    return values.filter(pc.invert(skip)) if pc.any(skip).as_py() else values


def _fits(values: pa.Array, kind: Kind) -> NDArray[np.bool_]:
    matches = pc.match_substring_regex(values, _PATTERNS[kind])
    return matches.fill_null(True).to_numpy(zero_copy_only=False)


def _cast(values: pa.Array, kind: Kind) -> pa.Array | None:
    """The values, None if any of them is none of the kind."""
    if kind is Kind.BOOL:
        return pc.equal(pc.ascii_lower(values), "true")
    try:
        return values.cast(ARROW[kind])
    except pa.ArrowInvalid:
        return None


def _width(values: pa.Array) -> Kind:
    extremes = pc.min_max(values).as_py()
    return Kind.INT if extremes["min"] >= -EXACT and extremes["max"] <= EXACT else Kind.BIG_INT


def _float_or_text(values: pa.Array) -> Kind:
    whole = values.filter(pc.match_substring_regex(values, _WHOLE))
    if len(whole) == 0:
        return Kind.FLOAT
    numbers = np.abs(whole.cast(pa.float64()).to_numpy(zero_copy_only=False))
    return Kind.FLOAT if numbers.max() < EXACT else Kind.TEXT
