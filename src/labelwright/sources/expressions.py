"""Conditions as Polars expressions, evaluated together: no loop over rows in Python.

What Polars cannot do itself (patterns that only Python understands, embeddings) is computed
before, as a column of its own, on the rows that need it.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import SourceError, did_you_mean
from labelwright.sources.conditions import (
    AllOf,
    AnyOf,
    Bound,
    Condition,
    Dictionary,
    Keywords,
    Limits,
    Missing,
    Not,
    OneOf,
    Regex,
    Scalar,
    Similar,
)
from labelwright.sources.patterns import odd_texts, pattern_of
from labelwright.sources.whole_words import bounded, spaced

Embed = Callable[[pa.Table], NDArray[Any]]

# Above this many, one Aho-Corasick pass beats an alternation of literals (measured: 10,000
# keywords, 200k texts: 0.27 s); below, the regex engine's own literal search is quicker.
ALTERNATION_LIMIT = 2000


def evaluate(
    conditions: Sequence[Condition], batch: pa.RecordBatch, embed: Embed | None = None
) -> pl.DataFrame:
    """Where each condition holds: one Boolean column a condition, without nulls.

    Raises:
        SourceError: the batch lacks a field, a field is of a kind that a condition cannot read,
            or a similarity is asked for and there are no embeddings.
    """
    plan = _Plan(batch, embed)
    expressions = [
        plan.expression(condition).alias(str(place)) for place, condition in enumerate(conditions)
    ]
    try:
        return plan.frame().select(expressions)
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"a rule cannot read this field: {error}") from error


@dataclass
class _Plan:
    """Builds expressions over one batch, and the columns that they share."""

    batch: pa.RecordBatch
    embed: Embed | None
    columns: dict[str, pl.Series] = field(default_factory=dict)

    def frame(self) -> pl.DataFrame:
        rows = pl.Series("rows", np.zeros(self.batch.num_rows, np.bool_))
        return pl.DataFrame([rows, *self.columns.values()])

    def expression(self, condition: Condition) -> pl.Expr:  # noqa: C901, PLR0911 - a case a kind
        """Where the condition holds; null counts as no."""
        match condition:
            case AllOf(conditions):
                return functools.reduce(operator.and_, map(self.expression, conditions))
            case AnyOf(conditions):
                return functools.reduce(operator.or_, map(self.expression, conditions))
            case Not(child):
                return ~self.expression(child)
            case Missing(name):
                return self._missing(name)
            case Keywords():
                return self._keywords(condition)
            case Dictionary(_, terms, name, whole_word, case):
                return _occurs(self._text(name, lower=not case), terms, whole_word, case)
            case Regex(pattern, name, case):
                return self._regex(name, pattern, case=case)
            case Limits():
                return self._limits(condition)
            case OneOf(values, name):
                return functools.reduce(operator.or_, (self._equals(name, v) for v in values))
            case Similar():
                return self._similar(condition)

    def _missing(self, name: str | None) -> pl.Expr:
        column = pl.col(self._column(name))
        if self.columns[self._column(name)].dtype.is_float():
            return column.is_null() | column.is_nan().fill_null(value=True)
        return column.is_null()

    def _keywords(self, condition: Keywords) -> pl.Expr:
        text = self._text(condition.field, lower=not condition.case)
        whole, case = condition.whole_word, condition.case
        parts = []
        if condition.any:
            parts.append(_occurs(text, condition.any, whole, case))
        parts += [_occurs(text, [word], whole, case) for word in condition.all]
        if condition.none:
            parts.append(~_occurs(text, condition.none, whole, case) & text.is_not_null())
        return functools.reduce(operator.and_, parts)

    def _regex(self, name: str | None, pattern: str, *, case: bool) -> pl.Expr:
        how = pattern_of(pattern, case=case)
        text = self._text(name)
        if how.rust is None:
            return self._by_python(name, how.python, None)
        found = text.str.contains(how.rust).fill_null(value=False)
        odd = self._odd(name) if how.careful else None
        if odd is None:
            return found
        return (
            pl.when(pl.col(odd.name)).then(self._by_python(name, how.python, odd)).otherwise(found)
        )

    def _odd(self, name: str | None) -> pl.Series | None:
        """Which texts hold a character that Python and Rust see differently, if any does."""
        key = f"odd {self._column(name)}"
        if key not in self.columns:
            self.columns[key] = odd_texts(self._text_series(name)).alias(key)
        return self.columns[key] if self.columns[key].any() else None

    def _by_python(
        self, name: str | None, pattern: re.Pattern[str], only: pl.Series | None
    ) -> pl.Expr:
        text = self._text_series(name)
        found = np.zeros(len(text), np.bool_)
        places = np.arange(len(text)) if only is None else only.arg_true().to_numpy()
        for place, value in zip(places, text.gather(places), strict=True):
            found[place] = value is not None and pattern.search(value) is not None
        return self._added(pl.Series(found))

    def _limits(self, condition: Limits) -> pl.Expr:
        bounds = [
            (getattr(condition, name), compare)
            for name, compare in _COMPARISONS.items()
            if getattr(condition, name) is not None
        ]
        checks = []
        for bound, compare in bounds:
            value = self._measured(condition, bound)
            checks.append(compare(value, _naive(bound)))
        return functools.reduce(operator.and_, checks).fill_null(value=False)

    def _measured(self, condition: Limits, bound: Bound) -> pl.Expr:
        name = condition.field
        if condition.count is not None:
            return self._text(name).str.count_matches(condition.count, literal=True)
        if condition.count_regex is not None:
            return self._matches(name, condition.count_regex)
        if condition.measure is not None:
            return _measure(self._text(name), condition.measure)
        if isinstance(bound, date):
            return self._date(name, whole_days=not isinstance(bound, datetime))
        return self._number(name)

    def _matches(self, name: str | None, pattern: str) -> pl.Expr:
        """How often the pattern matches."""
        how = pattern_of(pattern, case=True)
        odd = self._odd(name) if how.careful else None
        text = self._text(name)
        # An empty match beside another counts in Python and not in Rust.
        if how.rust is not None and odd is None and not how.may_be_empty:
            return text.str.count_matches(how.rust)
        counts = [
            None if value is None else sum(1 for _ in how.python.finditer(value))
            for value in self._text_series(name)
        ]
        return self._added(pl.Series(counts, dtype=pl.Int64))

    def _number(self, name: str | None) -> pl.Expr:
        """The field as a number; null where it is none. NaN is no number."""
        column = pl.col(self._column(name))
        dtype = self.columns[self._column(name)].dtype
        if dtype.is_integer():
            return column
        if not (dtype.is_float() or dtype in (pl.Boolean, pl.String) or dtype.is_decimal()):
            self._unreadable(name, "a number")
        if dtype == pl.String:
            column = column.str.strip_chars()
        return column.cast(pl.Float64, strict=False).fill_nan(None)

    def _date(self, name: str | None, *, whole_days: bool) -> pl.Expr:
        """The field as a point in time in UTC; null where it is none."""
        column = pl.col(self._column(name))
        dtype = self.columns[self._column(name)].dtype
        if dtype == pl.String:
            column = column.str.strip_chars()
            moment = pl.coalesce(
                column.str.to_datetime(
                    "%+", strict=False, time_unit="us", time_zone="UTC"
                ).dt.replace_time_zone(None),
                column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"),
                column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"),
                column.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")),
            )
        elif dtype == pl.Date:
            moment = column.cast(pl.Datetime("us"))
        elif isinstance(dtype, pl.Datetime):
            zoned = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
            moment = zoned.dt.replace_time_zone(None).dt.cast_time_unit("us")
        else:
            self._unreadable(name, "a date")
        return moment.dt.date() if whole_days else moment

    def _equals(self, name: str | None, value: Scalar) -> pl.Expr:
        dtype = self.columns[self._column(name)].dtype
        if isinstance(value, bool):
            same = self._text(name, lower=True).str.strip_chars() == str(value).lower()
        elif isinstance(value, str):
            same = self._text(name) == value
        elif isinstance(value, date):
            same = self._date(name, whole_days=not isinstance(value, datetime)) == _naive(value)
        elif dtype == pl.Boolean:
            return pl.col("rows").is_null()
        else:
            same = self._number(name) == value
        return same.fill_null(value=False)

    def _similar(self, condition: Similar) -> pl.Expr:
        if self.embed is None:
            raise SourceError(
                "a rule asks for similarity, which needs embeddings; set up an embedding model "
                "or remove the rule"
            )
        name = self._column(condition.field)
        text = self._text_series(condition.field)
        known = text.is_not_null().to_numpy()
        found = np.zeros(len(text), np.bool_)
        if known.any():
            vectors = _unit_rows(self.embed(pa.table({name: text.filter(known).to_arrow()})))
            examples = _unit_rows(self.embed(pa.table({name: list(condition.examples)})))
            found[known] = (vectors @ examples.T).max(axis=1) >= condition.at_least
        return self._added(pl.Series(found))

    def _added(self, values: pl.Series) -> pl.Expr:
        key = f"made {len(self.columns)}"
        self.columns[key] = values.alias(key)
        return pl.col(key)

    def _text(self, name: str | None, *, lower: bool = False) -> pl.Expr:
        key = self._text_series(name).name
        if not lower:
            return pl.col(key)
        lowered = f"lower {key}"
        if lowered not in self.columns:
            self.columns[lowered] = self.columns[key].str.to_lowercase().alias(lowered)
        return pl.col(lowered)

    def _text_series(self, name: str | None) -> pl.Series:
        key = self._column(name)
        series = self.columns[key]
        if series.dtype == pl.String:
            return series
        if series.dtype.is_nested() or series.dtype == pl.Binary:
            self._unreadable(name, "text")
        key = f"text {key}"
        if key not in self.columns:
            self.columns[key] = series.cast(pl.String).alias(key)
        return self.columns[key]

    def _column(self, name: str | None) -> str:
        """Sees to it that the field's column is there; its name."""
        if name is None:
            raise SourceError("a rule names no field, and the project has no main text field")
        key = f"field {name}"
        if key not in self.columns:
            if name not in self.batch.schema.names:
                known = [n for n in self.batch.schema.names if not n.startswith("_")]
                raise SourceError(f"a rule reads the field {name!r}{did_you_mean(name, known)}")
            column = pa.chunked_array([self.batch.column(name)])
            made = pl.from_arrow(column)
            assert isinstance(made, pl.Series)  # noqa: S101 - one column is a series
            if made.dtype in (pl.Categorical, pl.Enum, pl.Null):
                made = made.cast(pl.String)
            self.columns[key] = made.alias(key)
        return key

    def _unreadable(self, name: str | None, wanted: str) -> NoReturn:
        dtype = self.columns[self._column(name)].dtype
        raise SourceError(f"a rule reads the field {name!r} as {wanted}, but it holds {dtype}")


_COMPARISONS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}


def _occurs(text: pl.Expr, words: Sequence[str], whole_word: bool, case: bool) -> pl.Expr:
    """Where one of the words occurs."""
    distinct = list(dict.fromkeys(words if case else (_lowered(word) for word in words)))
    if not whole_word and (len(distinct) == 1):
        return text.str.contains(distinct[0], literal=True).fill_null(value=False)
    if not whole_word and len(distinct) > ALTERNATION_LIMIT:
        return text.str.contains_any(distinct).fill_null(value=False)
    # Longer words first is not needed: whether one matches does not depend on the order.
    chunks = [
        distinct[start : start + ALTERNATION_LIMIT]
        for start in range(0, len(distinct), ALTERNATION_LIMIT)
    ]
    found = [text.str.contains(_alternation(chunk, whole_word)) for chunk in chunks]
    return functools.reduce(operator.or_, found).fill_null(value=False)


def _alternation(words: Sequence[str], whole_word: bool) -> str:
    if not whole_word:
        return "|".join(pl.escape_regex(word) for word in words)
    # Half boundaries: the neighbour is no letter, whatever the keyword itself starts with.
    start, end = r"\b{start-half}", r"\b{end-half}"
    if all(map(spaced, words)):
        return f"{start}(?:{'|'.join(pl.escape_regex(word) for word in words)}){end}"
    return "|".join(bounded(word, start, end, pl.escape_regex(word)) for word in words)


def _lowered(word: str) -> str:
    """In lower case as Polars makes it, so that keyword and text agree on every character."""
    if word.isascii():
        return word.lower()
    lowered: str = pl.Series([word]).str.to_lowercase()[0]
    return lowered


def _measure(text: pl.Expr, measure: str) -> pl.Expr:
    length = text.str.len_chars()
    match measure:
        case "words":
            return text.str.count_matches(r"\S+")
        case "lines":
            return text.str.count_matches("\n", literal=True) + 1
        case "digits":
            return text.str.count_matches(r"\d")
        case "digit_share":
            return (text.str.count_matches(r"\d") / length).fill_nan(0.0)
        case "uppercase_share":
            letters = text.str.count_matches(r"\p{L}")
            return (text.str.count_matches(r"\p{Lu}") / letters).fill_nan(0.0)
        case _:
            return length


def _naive(bound: Bound) -> Bound:
    """A point in time in UTC, without saying so, as the columns are made."""
    if isinstance(bound, datetime) and bound.tzinfo is not None:
        return bound.astimezone(UTC).replace(tzinfo=None)
    return bound


def _unit_rows(vectors: NDArray[Any]) -> NDArray[np.float64]:
    wide = np.asarray(vectors, np.float64)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(norms > 0, norms, 1)
