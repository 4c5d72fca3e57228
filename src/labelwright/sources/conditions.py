"""The conditions that no-code rules are made of: small frozen values, combined with ``& | ~``.

A condition on a missing value (null or NaN) is false; ``not`` makes it true. So logic has two
values: of a condition and its ``not``, exactly one holds for each item. Who wants items with a
value only says so: ``~keywords(any=["x"]) & present("body")``.

People write them in Python with the constructors of `when`, and without code as tables of
`labelwright.toml`, which `rule_tables` reads into the same values. A field of None is the project's
main text field.

Raises:
    SettingsError: from every constructor, for a value that makes no sense.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

from labelwright.core.errors import SettingsError, did_you_mean, shown
from labelwright.sources.patterns import check_pattern

Bound = float | int | date
Scalar = str | bool | int | float | date
MEASURES = ("length", "words", "lines", "digits", "digit_share", "uppercase_share")
"""What can be measured of a text: characters, words, lines, digits, and shares of characters."""


class _Composable:
    """Gives conditions ``& | ~``."""

    __slots__ = ()

    def __and__(self, other: Condition) -> AllOf:
        return AllOf((*_members(self, AllOf), *_members(other, AllOf)))

    def __or__(self, other: Condition) -> AnyOf:
        return AnyOf((*_members(self, AnyOf), *_members(other, AnyOf)))

    def __invert__(self) -> Not:
        return Not(self)  # type: ignore[arg-type] # only conditions have this base


@dataclass(frozen=True)
class Keywords(_Composable):
    """Words and phrases in a text: at least one of `any`, each of `all`, none of `none`.

    Attributes:
        field: where to look.
        any: one of these must occur, if there are any.
        all: each of these must occur.
        none: none of these may occur.
        whole_word: whether ``free`` is not to be found in ``freedom``. On a side on which a word
            begins or ends in a script without spaces (Chinese, Japanese, Thai) nothing is asked.
        case: whether capital letters matter.
    """

    field: str | None = None
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    whole_word: bool = True
    case: bool = False

    def __post_init__(self) -> None:
        _check_words((*self.any, *self.all, *self.none), "keyword")


@dataclass(frozen=True)
class Dictionary(_Composable):
    """At least one term of a file, one term a line; empty lines and ``# comments`` are skipped.

    Attributes:
        file: its path as written, relative to the project.
        terms: what it held when it was read; part of the rule's version.
        field: where to look.
        whole_word: as in `Keywords`.
        case: as in `Keywords`.
    """

    file: str
    terms: tuple[str, ...]
    field: str | None = None
    whole_word: bool = True
    case: bool = False

    def __post_init__(self) -> None:
        _check_words(self.terms, "term")


@dataclass(frozen=True)
class Regex(_Composable):
    """A regular expression, in the syntax and with the meaning of Python's `re`, found anywhere.

    Attributes:
        pattern: the expression.
        field: where to look.
        case: whether capital letters matter; ``(?i)`` in the pattern says the same.
    """

    pattern: str
    field: str | None = None
    case: bool = True

    def __post_init__(self) -> None:
        check_pattern(self.pattern)


@dataclass(frozen=True)
class Limits(_Composable):
    """A number or a date within limits. A text field is read as a number or ISO 8601 date.

    Attributes:
        field: what is compared.
        measure: what is measured of a text field; one of `MEASURES`, None for the value itself.
        count: a text whose occurrences in the field are counted instead.
        count_regex: a regular expression whose matches in the field are counted instead.
        above: the value is greater.
        at_least: the value is greater or equal.
        below: the value is less.
        at_most: the value is less or equal.
    """

    field: str | None = None
    measure: str | None = None
    count: str | None = None
    count_regex: str | None = None
    above: Bound | None = None
    at_least: Bound | None = None
    below: Bound | None = None
    at_most: Bound | None = None

    def __post_init__(self) -> None:
        derived = [self.measure, self.count, self.count_regex]
        if sum(value is not None for value in derived) > 1:
            raise SettingsError("give one of measure, count and count_regex, not several")
        if self.measure is not None and self.measure not in MEASURES:
            raise SettingsError(
                f"unknown measure {shown(self.measure)}{did_you_mean(str(self.measure), MEASURES)}"
            )
        if self.count == "":
            raise SettingsError("count: the empty text cannot be counted")
        if self.count_regex is not None:
            check_pattern(self.count_regex)
        self._check_bounds(is_derived=any(value is not None for value in derived))

    def _check_bounds(self, *, is_derived: bool) -> None:
        lower = [bound for bound in (self.above, self.at_least) if bound is not None]
        upper = [bound for bound in (self.below, self.at_most) if bound is not None]
        if not lower and not upper:
            raise SettingsError("give a limit: above, at_least, below, at_most or between")
        kinds = {_bound_kind(bound) for bound in (*lower, *upper)}
        if len(kinds) > 1:
            raise SettingsError(f"the limits mix {' and '.join(sorted(kinds))}")
        if is_derived and kinds != {"a number"}:
            raise SettingsError(f"what is counted is compared with a number, not {kinds.pop()}")
        if len(lower) > 1 or len(upper) > 1:
            raise SettingsError("give one lower and one upper limit at most")
        if lower and upper and lower[0] > upper[0]:  # type: ignore[operator] # one kind, see above
            raise SettingsError(f"no value lies between {lower[0]} and {upper[0]}")


@dataclass(frozen=True)
class OneOf(_Composable):
    """A field equal to one of some values. Text is compared exactly.

    Attributes:
        values: text, numbers, booleans or dates.
        field: what is compared.
    """

    values: tuple[Scalar, ...]
    field: str | None = None

    def __post_init__(self) -> None:
        if not self.values:
            raise SettingsError("give at least one value")
        for value in self.values:
            if not isinstance(value, str | bool | int | float | date) or value != value:  # noqa: PLR0124 - NaN
                raise SettingsError(f"{shown(value)} cannot be compared; give text, numbers, dates")


@dataclass(frozen=True)
class Missing(_Composable):
    """A field without a value: null or NaN. Empty text is a value."""

    field: str | None = None


@dataclass(frozen=True)
class Similar(_Composable):
    """A text whose meaning is near one of some examples, by the cosine of embeddings.

    Attributes:
        examples: texts.
        at_least: the least cosine, -1 to 1.
        field: what is compared.
    """

    examples: tuple[str, ...]
    at_least: float = 0.6
    field: str | None = None

    def __post_init__(self) -> None:
        _check_words(self.examples, "example")
        if not -1 <= self.at_least <= 1:
            raise SettingsError(f"at_least: a cosine lies in -1..1, got {shown(self.at_least)}")


@dataclass(frozen=True)
class AllOf(_Composable):
    """Every condition holds."""

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _check_some(self.conditions)


@dataclass(frozen=True)
class AnyOf(_Composable):
    """At least one condition holds."""

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _check_some(self.conditions)


@dataclass(frozen=True)
class Not(_Composable):
    """The condition does not hold."""

    condition: Condition


Condition = Keywords | Dictionary | Regex | Limits | OneOf | Missing | Similar | AllOf | AnyOf | Not
Leaf = Keywords | Dictionary | Regex | Limits | OneOf | Missing | Similar


def leaves(condition: Condition) -> list[Leaf]:
    """The conditions that read a field, from left to right."""
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            return [leaf for child in conditions for leaf in leaves(child)]
        case Not(child):
            return leaves(child)
        case _:
            return [condition]


def _members(condition: object, kind: type[AllOf | AnyOf]) -> tuple[Condition, ...]:
    """What a chain of one operator combines: ``a & b & c`` is one AllOf of three."""
    if isinstance(condition, kind):
        return condition.conditions
    return (condition,)  # type: ignore[return-value] # only conditions come here


def _check_words(words: tuple[str, ...], what: str) -> None:
    if not words:
        raise SettingsError(f"give at least one {what}")
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise SettingsError(f"a {what} must be text that is not empty, got {shown(word)}")


def _check_some(conditions: tuple[Condition, ...]) -> None:
    if not conditions:
        raise SettingsError("give at least one condition to combine")


def _bound_kind(bound: object) -> str:
    if isinstance(bound, datetime):
        return "a point in time" if bound.tzinfo is None else "a point in time with a zone"
    if isinstance(bound, date):
        return "a date"
    if isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound):
        return "a number"
    raise SettingsError(f"a limit must be a finite number or a date, got {shown(bound)}")
