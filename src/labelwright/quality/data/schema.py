"""What the owner declared of a column, and which values break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError
from labelwright.quality.data.findings import Finding, Remedy, Severity, share

Mask = NDArray[np.bool_]
Values = tuple[str | int | float | bool, ...]

INTEGER = r"^\s*[+-]?\d+(\.0*)?\s*$"
NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
BOOLEAN = r"^(?i:true|false)$"
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ][0-2]\d:[0-5]\d.*)?$"
SHOWN = 40
"""Characters of a value in a message."""


@dataclass(frozen=True, slots=True)
class ColumnRules:
    """What must hold of one column. A missing value breaks `required` and nothing else.

    Attributes:
        column: its name.
        type: ``integer``, ``number``, ``text``, ``boolean`` or ``date`` (ISO 8601); None for any.
        required: whether every item must have a value. Blank texts are none.
        min: the least number.
        max: the greatest number.
        min_length: the fewest characters of a text.
        max_length: the most.
        one_of: the values that are allowed; empty for any.
        matches: a regular expression (RE2) that the whole text must match.
        unique: whether no value may come twice.
        max_missing: the greatest share of items without a value.
        severity: of what breaks a rule.
        set_aside: whether an import sets the items that break a rule aside by itself.

    Raises:
        SettingsError: an unknown type, limits that cannot be met, an expression that is none.

    Example:
        >>> rules = ColumnRules("age", type="integer", min=0, max=120)
        >>> [found.check for found in schema_findings([rules], {"age": pa.array([7, -1])})]
        ['age.min']
    """

    column: str
    type: str | None = None
    required: bool = False
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    one_of: Values = ()
    matches: str | None = None
    unique: bool = False
    max_missing: float | None = None
    severity: Severity = Severity.WARNING
    set_aside: bool = False

    def __post_init__(self) -> None:
        if self.type is not None and self.type not in TYPES:
            raise SettingsError(f"type must be one of {', '.join(TYPES)}, got {self.type!r}")
        for low, high in ((self.min, self.max), (self.min_length, self.max_length)):
            if low is not None and high is not None and low > high:
                raise SettingsError(f"no value lies between {low:g} and {high:g}")
        if self.max_missing is not None and not 0 <= self.max_missing <= 1:
            raise SettingsError(f"max_missing is a share, 0 to 1, got {self.max_missing:g}")
        if self.matches is not None:
            try:
                pc.match_substring_regex(pa.array([""]), self.matches)
            except pa.ArrowInvalid as error:
                raise SettingsError(f"matches is no regular expression: {error}") from error


def schema_findings(
    rules: list[ColumnRules] | tuple[ColumnRules, ...], columns: Mapping[str, pa.Array]
) -> list[Finding]:
    """One finding for every rule that is broken, named ``COLUMN.RULE``.

    Args:
        rules: of columns.
        columns: by name, each of shape (items,).
    """
    found: list[Finding] = []
    for rule in rules:
        if rule.column in columns:
            found += _of_column(rule, columns[rule.column])
        else:
            message = f"{rule.column} is declared in labelwright.toml, but no item has it"
            found.append(_finding(rule, "column", message, np.zeros(0, np.int64)))
    return found


def _of_column(rule: ColumnRules, column: pa.Array) -> Iterator[Finding]:
    given = _given(column)
    missing = np.flatnonzero(~given)
    if rule.required and len(missing):
        message = f"{rule.column} is missing in {share(len(missing), len(column))} items"
        yield _finding(rule, "required", message, missing)
    if rule.max_missing is not None and len(missing) > rule.max_missing * len(column):
        message = (
            f"{rule.column} is missing in {share(len(missing), len(column))} items; at most "
            f"{rule.max_missing:.3g} of them may lack it"
        )
        yield _finding(rule, "max_missing", message, missing, spare=False)
    for name, told, holds in _tests(rule, column):
        broken = np.flatnonzero(given & ~holds())
        if len(broken):
            example = str(column[int(broken[0])].as_py())[:SHOWN]
            message = (
                f"{rule.column} {told} in {share(len(broken), len(column))} items, such as "
                f"{example!r}"
            )
            yield _finding(rule, name, message, broken)


def _tests(rule: ColumnRules, column: pa.Array) -> Iterator[tuple[str, str, Callable[[], Mask]]]:
    """Name, words and test of every rule about single values; where none is given, any result."""
    if rule.type is not None:
        yield "type", f"is no {rule.type}", lambda: TYPES[rule.type or ""](column)
    if rule.min is not None:
        low = rule.min
        yield "min", f"is below {low:g}", lambda: ~(_numbers(column) < low)
    if rule.max is not None:
        high = rule.max
        yield "max", f"is above {high:g}", lambda: ~(_numbers(column) > high)
    if rule.min_length is not None:
        fewest = rule.min_length
        yield "min_length", f"has under {fewest} characters", lambda: _lengths(column) >= fewest
    if rule.max_length is not None:
        most = rule.max_length
        yield "max_length", f"has over {most} characters", lambda: _lengths(column) <= most
    if rule.one_of:
        yield "one_of", "is none of the allowed values", lambda: _among(column, rule.one_of)
    if rule.matches is not None:
        pattern = f"^(?:{rule.matches})$"
        yield "matches", f"does not match {rule.matches}", lambda: _matching(column, pattern)
    if rule.unique:
        yield "unique", "was there before", lambda: _first_time(column)


def _finding(
    rule: ColumnRules, name: str, message: str, items: NDArray[np.int64], *, spare: bool = True
) -> Finding:
    return Finding(
        check=f"{rule.column}.{name}",
        severity=rule.severity,
        message=message,
        items=items,
        field=rule.column,
        remedy=Remedy.SET_ASIDE if spare and len(items) else Remedy.LOOK,
        spare=items if spare else np.zeros(0, np.int64),
    )


def _given(column: pa.Array) -> Mask:
    given: Mask = _plain(column.is_valid())
    if _is_text(column):
        letters = _plain(pc.utf8_length(pc.utf8_trim_whitespace(column)))
        return given & np.greater(letters, 0)
    if pa.types.is_floating(column.type):
        return given & ~np.isnan(_numbers(column))
    return given


def _is_text(column: pa.Array) -> bool:
    return pa.types.is_string(column.type) or pa.types.is_large_string(column.type)


def _is_number(column: pa.Array) -> bool:
    return pa.types.is_integer(column.type) or pa.types.is_floating(column.type)


def _texts(column: pa.Array) -> pa.Array:
    """The values as texts; what Arrow cannot spell is spelled by Python."""
    if _is_text(column):
        return column
    values = column.to_pylist()
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    """The values as numbers; NaN where there is none."""
    if _is_number(column):
        return pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    texts = _texts(column)
    numeric = _matching(texts, NUMBER)
    kept = pc.if_else(pa.array(numeric), pc.utf8_trim_whitespace(texts), None)
    # Arrow reads no leading plus.
    return pc.cast(pc.utf8_ltrim(kept, "+"), pa.float64()).to_numpy(zero_copy_only=False)


def _lengths(column: pa.Array) -> NDArray[np.float64]:
    return _plain(pc.utf8_length(_texts(column)))


def _matching(column: pa.Array, pattern: str) -> Mask:
    return _plain(pc.match_substring_regex(_texts(column), pattern)).astype(bool)


def _among(column: pa.Array, allowed: Values) -> Mask:
    """Whether each value is one of these; numbers are compared as numbers, the rest as texts."""
    if _is_number(column):
        numbers = [float(each) for each in allowed if not isinstance(each, str)]
        return np.isin(_numbers(column), numbers)
    if pa.types.is_boolean(column.type):
        allowed = tuple(str(each) for each in allowed)
    texts = pa.array([str(each) for each in allowed], pa.string())
    return _plain(pc.is_in(_texts(column).cast(pa.string()), value_set=texts)).astype(bool)


def _first_time(column: pa.Array) -> Mask:
    first: Mask = np.zeros(len(column), bool)
    codes = column.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first[np.unique(codes, return_index=True)[1]] = True
    return first


def _plain(column: pa.Array) -> NDArray[Any]:
    """The values, 0 or False for missing ones, as numpy has them."""
    filler = False if pa.types.is_boolean(column.type) else 0
    return column.fill_null(filler).to_numpy(zero_copy_only=False)


def _whole(column: pa.Array) -> Mask:
    if pa.types.is_integer(column.type):
        return np.ones(len(column), bool)
    if pa.types.is_floating(column.type):
        numbers = _numbers(column)
        return np.isfinite(numbers) & (np.floor(numbers) == numbers)
    return _matching(column, INTEGER)


def _number(column: pa.Array) -> Mask:
    return np.isfinite(_numbers(column))


def _text(column: pa.Array) -> Mask:
    return np.full(len(column), _is_text(column))


def _boolean(column: pa.Array) -> Mask:
    return _matching(column, BOOLEAN)


def _date(column: pa.Array) -> Mask:
    if pa.types.is_temporal(column.type):
        return np.ones(len(column), bool)
    return _matching(column, DATE)


TYPES: Mapping[str, Callable[[pa.Array], Mask]] = {
    "integer": _whole,
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
}
"""Which values are of a type. A text that spells a number is a number: files do not say."""
