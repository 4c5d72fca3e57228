"""Rules as tables, such as ``[[rules]]`` in `labelwright.toml` or JSON, and back.

A condition is a table with one key that says what kind it is (`keywords`, `dictionary`, `regex`,
`equals`, `in`, `missing`, `similar`, a limit such as `above`, or `any`, `all`, `not` of others)
and the settings of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from labelwright.core.errors import SettingsError, did_you_mean, shown
from labelwright.sources import when
from labelwright.sources.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Dictionary,
    Keywords,
    Limits,
    Missing,
    Not,
    OneOf,
    Regex,
    Similar,
)


@dataclass(frozen=True)
class Rule:
    """A source without code.

    Attributes:
        name: of the source.
        vote: what it votes where the condition holds; it abstains elsewhere.
        when: the condition.
        confidence: its confidence in each vote, 0 to 1; None to give none.
        accuracy: what its owner believes its accuracy to be, 0 to 1.
        cost_usd: money per vote.
        seconds: time per vote.
        description: one line for the reports.
    """

    name: str
    vote: Any
    when: Condition
    confidence: float | None = None
    accuracy: float | None = None
    cost_usd: float = 0.0
    seconds: float = 0.0
    description: str = ""


def parse_rule(spec: Mapping[str, Any], where: str, folder: Path = Path()) -> Rule:
    """The rule that a table describes.

    Args:
        spec: the table.
        where: its place, with which a message starts.
        folder: where the paths of dictionaries start.

    Raises:
        SettingsError: with the path to the mistake, such as ``when.any[0].keywords``, and what is
            allowed there.
    """
    reader = _Reader(where, folder)
    known = [field.name for field in fields(Rule)]
    reader.only((), spec, known)
    for key in ("name", "vote", "when"):
        if key not in spec:
            reader.fail((key,), f"is missing; a rule has {', '.join(known[:3])}")
    numbers = {
        key: reader.number((key,), spec[key], most=most)
        for key, most in _NUMBERS.items()
        if key in spec
    }
    return Rule(
        name=reader.value(("name",), spec["name"], str),
        vote=spec["vote"],
        when=reader.condition(("when",), spec["when"]),
        description=reader.value(("description",), spec.get("description", ""), str),
        **numbers,
    )


def parse_condition(spec: Mapping[str, Any], where: str, folder: Path = Path()) -> Condition:
    """The condition that a table describes. Arguments and errors as `parse_rule`."""
    return _Reader(where, folder).condition((), spec)


def rule_spec(rule: Rule) -> dict[str, Any]:
    """The rule as a table that JSON can hold; `parse_rule` reads it back."""
    spec = {"name": rule.name, "vote": rule.vote, "when": condition_spec(rule.when)}
    for field in fields(Rule)[3:]:
        value = getattr(rule, field.name)
        if value != field.default:
            spec[field.name] = value
    return spec


def condition_spec(  # noqa: C901, PLR0911 - one case a kind
    condition: Condition,
) -> dict[str, Any]:
    """The condition as a table that JSON can hold, without settings that are the default."""
    match condition:
        case AllOf(conditions):
            return {"all": [condition_spec(child) for child in conditions]}
        case AnyOf(conditions):
            return {"any": [condition_spec(child) for child in conditions]}
        case Not(child):
            return {"not": condition_spec(child)}
        case Missing():
            return {"missing": True, **_others(condition)}
        case Keywords(any=some, all=every, none=none):
            groups = {"any": some, "all": every, "none": none}
            given = {name: list(words) for name, words in groups.items() if words}
            words = given["any"] if list(given) == ["any"] else given
            return {"keywords": words, **_others(condition, *groups)}
        case Dictionary(file):
            return {"dictionary": file, **_others(condition, "file", "terms")}
        case Regex(pattern):
            return {"regex": pattern, **_others(condition, "pattern")}
        case OneOf(values):
            plain = [_json(value) for value in values]
            key, value = ("equals", plain[0]) if len(plain) == 1 else ("in", plain)
            return {key: value, **_others(condition, "values")}
        case Similar(examples):
            return {"similar": list(examples), **_others(condition, "examples")}
        case Limits():
            return _others(condition)


@dataclass(frozen=True)
class _Reader:
    """Reads tables; what it raises starts with the place and the path of the mistake."""

    where: str
    folder: Path

    def condition(self, path: tuple[str | int, ...], spec: Any) -> Condition:
        table = self.value(path, spec, Mapping)
        kinds = [key for key in table if key in _KINDS]
        if len(kinds) > 1:
            self.fail(
                path,
                f"says {' and '.join(kinds)} at once; combine conditions with "
                "all = [...] or any = [...]",
            )
        if not kinds and not any(key in _LIMITS for key in table):
            unknown = next((key for key in table if key != "field"), "")
            choices = [*_KINDS, *_LIMITS]
            if unknown:
                self.fail((*path, unknown), f"unknown condition{did_you_mean(unknown, choices)}")
            self.fail(path, f"names no condition; known: {', '.join(choices)}")
        kind = kinds[0] if kinds else "limits"
        read, settings = _Reader._reading()[kind]
        self.only(path, table, settings)
        try:
            return read(self, path, table)
        except SettingsError as error:
            if str(error).startswith(self.where):
                raise
            self.fail((*path, kind) if kinds else path, str(error))

    @staticmethod
    def _reading() -> dict[str, tuple[Callable[..., Condition], tuple[str, ...]]]:
        """How each kind of condition is read, and the keys that its table may have."""
        words = ("field", "whole_word", "case")
        return {
            "keywords": (_Reader._keywords, ("keywords", *words)),
            "dictionary": (_Reader._dictionary, ("dictionary", *words)),
            "regex": (_Reader._regex, ("regex", "field", "case")),
            "similar": (_Reader._similar, ("similar", "field", "at_least")),
            "equals": (_Reader._equals, ("equals", "field")),
            "in": (_Reader._in, ("in", "field")),
            "missing": (_Reader._missing, ("missing", "field")),
            "all": (_Reader._all, ("all",)),
            "any": (_Reader._any, ("any",)),
            "not": (_Reader._not, ("not",)),
            "limits": (_Reader._limits, ("field", *_LIMITS)),
        }

    def _keywords(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        here = (*path, "keywords")
        words = self.value(here, table["keywords"], list, str, Mapping)
        groups = words if isinstance(words, Mapping) else {"any": words}
        self.only(here, groups, ("any", "all", "none"))
        read: dict[str, Any] = {
            name: self._texts((*here, name) if groups is words else here, given)
            for name, given in groups.items()
        }
        return when.keywords(**read, **self._word_settings(path, table))

    def _dictionary(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        file = self.value((*path, "dictionary"), table["dictionary"], str)
        return when.dictionary(file, folder=self.folder, **self._word_settings(path, table))

    def _regex(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        pattern = self.value((*path, "regex"), table["regex"], str)
        case = self.value((*path, "case"), table.get("case", True), bool)
        return when.regex(pattern, self._field(path, table), case=case)

    def _similar(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        examples = self._texts((*path, "similar"), table["similar"])
        least = self.value((*path, "at_least"), table.get("at_least", 0.6), int, float)
        return when.similar(examples, self._field(path, table), at_least=least)

    def _equals(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        return when.equals(self._field(path, table), _dated(table["equals"]))

    def _in(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        values = self.value((*path, "in"), table["in"], list)
        return when.equals(self._field(path, table), *map(_dated, values))

    def _missing(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        is_missing = self.value((*path, "missing"), table["missing"], bool)
        field = self._field(path, table)
        return when.missing(field) if is_missing else when.present(field)

    def _all(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        return AllOf(self._several((*path, "all"), table["all"]))

    def _any(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        return AnyOf(self._several((*path, "any"), table["any"]))

    def _not(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        return Not(self.condition((*path, "not"), table["not"]))

    def _several(self, path: tuple[str | int, ...], specs: Any) -> tuple[Condition, ...]:
        given = self.value(path, specs, list)
        return tuple(self.condition((*path, place), spec) for place, spec in enumerate(given))

    def _limits(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Condition:
        settings: dict[str, Any] = {}
        for key in ("measure", "count", "count_regex"):
            if key in table:
                settings[key] = self.value((*path, key), table[key], str)
        for key in ("above", "at_least", "below", "at_most"):
            if key in table:
                settings[key] = _bound(table[key])
        if "between" in table:
            pair = self.value((*path, "between"), table["between"], list)
            if len(pair) != 2:
                self.fail((*path, "between"), f"must be [least, greatest], got {shown(pair)}")
            settings["between"] = tuple(_bound(bound) for bound in pair)
        return when.limits(self._field(path, table), **settings)

    def _word_settings(
        self, path: tuple[str | int, ...], table: Mapping[str, Any]
    ) -> dict[str, Any]:
        flags = {
            key: self.value((*path, key), table[key], bool)
            for key in ("whole_word", "case")
            if key in table
        }
        return {"field": self._field(path, table), **flags}

    def _field(self, path: tuple[str | int, ...], table: Mapping[str, Any]) -> str | None:
        if "field" not in table:
            return None
        field: str = self.value((*path, "field"), table["field"], str)
        return field

    def _texts(self, path: tuple[str | int, ...], given: Any) -> list[str]:
        texts = [given] if isinstance(given, str) else self.value(path, given, list)
        return [self.value((*path, place), text, str) for place, text in enumerate(texts)]

    def number(self, path: tuple[str | int, ...], value: Any, most: float) -> float:
        number = float(self.value(path, value, int, float))
        if not 0 <= number <= most:
            self.fail(path, f"must lie between 0 and {most:g}, got {number}")
        return number

    def value(self, path: tuple[str | int, ...], value: Any, *kinds: type) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(_KIND_NAMES[kind] for kind in kinds)
            self.fail(path, f"must be {wanted}, got {shown(value)}")
        return value

    def only(
        self,
        path: tuple[str | int, ...],
        table: Mapping[str, Any],
        known: Sequence[str],
    ) -> None:
        for key in table:
            if key not in known:
                self.fail((*path, key), f"unknown setting{did_you_mean(str(key), known)}")

    def fail(self, path: tuple[str | int, ...], message: str) -> NoReturn:
        shown_path = ""
        for step in path:
            shown_path += f"[{step}]" if isinstance(step, int) else f".{step}"
        parts = (self.where, shown_path.lstrip("."), message)
        raise SettingsError(": ".join(part for part in parts if part))


_KINDS = (
    *("keywords", "dictionary", "regex", "equals", "in", "missing", "similar"),
    *("all", "any", "not"),
)
_LIMITS = (
    *("above", "at_least", "below", "at_most", "between"),
    *("measure", "count", "count_regex"),
)
_NUMBERS = {"confidence": 1.0, "accuracy": 1.0, "cost_usd": 1e9, "seconds": 1e9}
_KIND_NAMES = {
    str: "text",
    list: "a list",
    bool: "true or false",
    int: "a number",
    float: "a number",
    Mapping: "a table",
}


def _others(condition: Any, *done: str) -> dict[str, Any]:
    """The settings that are not the default."""
    return {
        field.name: _json(value)
        for field in fields(condition)
        if field.name not in done and (value := getattr(condition, field.name)) != field.default
    }


def _json(value: Any) -> Any:
    """JSON has no dates; they are written as a table, so that text stays text."""
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _dated(value: Any) -> Any:
    match value:
        case {"date": str(text), **rest} if not rest:
            return _date_of(text)
        case _:
            return value


def _bound(value: Any) -> Any:
    """A limit; text can only be a date."""
    return _date_of(value) if isinstance(value, str) else _dated(value)


def _date_of(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{shown(text)} is no date; write it as 2024-12-31 or 2024-12-31T23:59:59"
        ) from error
