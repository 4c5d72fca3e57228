"""Columns that carry nothing, mix types or hold wild values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Remedy, Severity, share

MOSTLY = 0.95
"""A column of texts of which so many are numbers was meant as numbers."""
FENCE = 5.0
"""Numbers this many interquartile ranges outside the middle half are wild."""
LEAST_NUMBERS = 20


def column_findings(name: str, column: pa.Array) -> list[Finding]:
    """What is wrong with one of the user's columns.

    Args:
        name: of the column.
        column: its values, shape (items,).
    """
    rows, missing = len(column), column.null_count
    if rows == 0:
        return []
    if missing == rows:
        return [Finding("empty_column", Severity.WARNING, f"{name} is empty", field=name)]
    found = []
    if missing * 2 > rows:
        message = f"{name} is missing in {share(missing, rows)} items"
        found.append(Finding("missing_values", Severity.NOTE, message, field=name))
    if rows > 1 and pc.count_distinct(column, mode="all").as_py() == 1:
        message = f"{name} is the same in every item: it tells nothing"
        found.append(Finding("constant_column", Severity.NOTE, message, field=name))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        found += _texts_meant_as_numbers(name, column)
    return found


def _texts_meant_as_numbers(name: str, column: pa.Array) -> list[Finding]:
    given = column.is_valid().to_numpy(zero_copy_only=False)
    number = pc.match_substring_regex(column, r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$")
    numeric = pc.fill_null(number, False).to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(given & ~numeric)
    if not len(odd) or numeric.sum() < MOSTLY * given.sum():
        return []
    example = column[int(odd[0])].as_py()
    message = (
        f"{name} holds numbers, but {share(len(odd), int(given.sum()))} values are none, such as "
        f"{example[:40]!r}; so all of it is read as text"
    )
    return [Finding("wrong_type", Severity.WARNING, message, odd, name, Remedy.LOOK)]


def outliers(columns: Mapping[str, pa.Array]) -> list[Finding]:
    """One finding for all numbers that lie far outside the middle half of their column.

    Args:
        columns: by name, each of shape (items,); those that hold no numbers are passed over.
    """
    worst: dict[str, tuple[float, int]] = {}
    badness = np.zeros(max(map(len, columns.values()), default=0))
    for name, column in columns.items():
        distance = _distance(column)
        badness = np.maximum(badness, distance)
        if distance.max(initial=0.0) > FENCE:
            place = int(distance.argmax())
            worst[name] = (float(distance[place]), place)
    if not worst:
        return []
    wild = np.flatnonzero(badness > FENCE)
    wild = wild[np.argsort(-badness[wild], kind="stable")]
    name = max(worst, key=lambda each: worst[each][0])
    value = columns[name][worst[name][1]].as_py()
    where = f" in {len(worst)} columns" if len(worst) > 1 else ""
    message = (
        f"{share(len(wild), len(badness))} items hold numbers far outside the middle half of "
        f"their column{where}; the farthest: {name} = {value:.4g}"
    )
    return [Finding("outliers", Severity.NOTE, message, wild, name, Remedy.LOOK)]


def _distance(column: pa.Array) -> NDArray[np.float64]:
    """How many interquartile ranges every number lies outside the middle half of its column."""
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return np.zeros(len(column))
    numbers = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < LEAST_NUMBERS:
        return np.zeros(len(column))
    low, high = np.quantile(finite, [0.25, 0.75])
    if high == low:
        return np.zeros(len(column))
    distance = np.maximum(low - numbers, numbers - high) / (high - low)
    return np.where(np.isfinite(distance), distance, 0.0)
