"""Which words of an item a condition found, to be shown to people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelwright.sources.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Dictionary,
    Keywords,
    Limits,
    OneOf,
    Regex,
)
from labelwright.sources.patterns import pattern_of
from labelwright.sources.whole_words import bounded

MOST = 50
"""At most so many places of one condition are told; more help nobody."""
MAX_TEXT = 100_000
"""In longer texts only the beginning is searched."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a field: characters `start` to `end` of its text, counted as Python does."""

    field: str
    start: int
    end: int


def spans(condition: Condition, fields: Mapping[str, Any]) -> list[Span]:
    """The places that a condition which names its fields found, in order, each once.

    What a condition does not find (`not`, limits on numbers, similarity) has no place. Patterns
    that may take for ever are not searched.
    """
    found = {(span.field, span.start, span.end): span for span in _spans(condition, fields)}
    return [found[key] for key in sorted(found)]


def _spans(  # noqa: PLR0911 - one case a kind
    condition: Condition, fields: Mapping[str, Any]
) -> list[Span]:
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            return [span for child in conditions for span in _spans(child, fields)]
        case Keywords(name, some, every, _, whole_word, case):
            return _words(fields, name, (*some, *every), whole_word=whole_word, case=case)
        case Dictionary(_, terms, name, whole_word, case):
            return _words(fields, name, terms, whole_word=whole_word, case=case)
        case Regex(pattern, name, case):
            return _matches(fields, name, pattern, case=case)
        case Limits() if condition.count_regex is not None:
            return _matches(fields, condition.field, condition.count_regex, case=True)
        case Limits() if condition.count is not None:
            return _words(fields, condition.field, (condition.count,), whole_word=False, case=True)
        case OneOf(_, name) if name is not None and isinstance(fields.get(name), str):
            return [Span(name, 0, len(fields[name]))]
        case _:
            return []


def _words(
    fields: Mapping[str, Any],
    name: str | None,
    words: Sequence[str],
    *,
    whole_word: bool,
    case: bool,
) -> list[Span]:
    text = _text(fields, name)
    lowered = text if case else text.lower()
    # Of ten thousand terms the few that occur are worth a pattern.
    there = [word for word in words if (word if case else word.lower()) in lowered]
    if not there:
        return []
    longest = sorted(there, key=len, reverse=True)
    parts = [
        bounded(word, r"(?<!\w)", r"(?!\w)", re.escape(word)) if whole_word else re.escape(word)
        for word in longest
    ]
    pattern = "|".join(parts)
    return _found(re.compile(pattern, 0 if case else re.IGNORECASE), text, name)


def _matches(
    fields: Mapping[str, Any], name: str | None, pattern: str, *, case: bool
) -> list[Span]:
    how = pattern_of(pattern, case=case)
    return [] if how.explosive else _found(how.python, _text(fields, name), name)


def _found(pattern: re.Pattern[str], text: str, name: str | None) -> list[Span]:
    places: list[Span] = []
    for match in pattern.finditer(text):
        if match.end() > match.start():
            places.append(Span(name or "", match.start(), match.end()))
        if len(places) >= MOST:
            break
    return places


def _text(fields: Mapping[str, Any], name: str | None) -> str:
    value = fields.get(name or "")
    return value[:MAX_TEXT] if isinstance(value, str) else ""
