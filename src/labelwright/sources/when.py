"""What people write in Python to say when a rule votes: ``lw.when.keywords(any=["free"])``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labelwright.core.errors import SettingsError
from labelwright.sources.conditions import (
    Bound,
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

__all__ = [
    "dictionary",
    "equals",
    "keywords",
    "limits",
    "missing",
    "present",
    "regex",
    "similar",
]


def keywords(
    field: str | None = None,
    *,
    any: Sequence[str] = (),  # noqa: A002 - the word of the rule language
    all: Sequence[str] = (),  # noqa: A002 - likewise
    none: Sequence[str] = (),
    whole_word: bool = True,
    case: bool = False,
) -> Keywords:
    """Words and phrases in a text: one of `any`, each of `all`, none of `none`.

    Example:
        >>> spam = keywords("body", any=["free money"]) & ~keywords("body", any=["lunch"])
    """
    some, every, no = (
        (words,) if isinstance(words, str) else tuple(words) for words in (any, all, none)
    )
    return Keywords(field, some, every, no, whole_word, case)


def dictionary(
    file: str | Path,
    field: str | None = None,
    *,
    whole_word: bool = True,
    case: bool = False,
    folder: Path = Path(),
) -> Dictionary:
    """At least one term of a file, which is read now; `folder` is where its path starts.

    Raises:
        SettingsError: it cannot be read, is not UTF-8, or holds no term.
    """
    try:
        text = (folder / file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the file {str(file)!r} cannot be read: {error}") from error
    lines = (line.strip() for line in text.splitlines())
    terms = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("# ")))
    if not terms:
        raise SettingsError(f"the file {str(file)!r} holds no term; write one a line")
    return Dictionary(str(file), terms, field, whole_word, case)


def regex(pattern: str, field: str | None = None, *, case: bool = True) -> Regex:
    """A regular expression as Python's `re` understands it, found anywhere."""
    return Regex(pattern, field, case)


def limits(
    field: str | None = None, *, between: tuple[Bound, Bound] | None = None, **settings: Any
) -> Limits:
    """A number or date within limits, or what is measured or counted in a text.

    Args:
        field: what is compared.
        between: the least and the greatest value.
        settings: see :class:`labelwright.sources.conditions.Limits`.

    Example:
        >>> long = limits("body", measure="words", above=100)
        >>> cheap = limits("price", between=(0, 10))
    """
    if between is not None:
        if {"above", "at_least", "below", "at_most"} & set(settings):
            raise SettingsError("between is both limits; remove the other limit")
        settings["at_least"], settings["at_most"] = between
    return Limits(field, **settings)


def equals(field: str | None, *values: Scalar) -> OneOf:
    """A field equal to one of the values."""
    return OneOf(values, field)


def missing(field: str | None = None) -> Missing:
    """A field without a value: null or NaN."""
    return Missing(field)


def present(field: str | None = None) -> Not:
    """A field with a value."""
    return Not(Missing(field))


def similar(examples: Sequence[str], field: str | None = None, *, at_least: float = 0.6) -> Similar:
    """A text whose meaning is near one of the examples."""
    return Similar(tuple(examples), at_least, field)
