"""The errors a caller may catch. Each is also a builtin, so that either habit works.

    LabelwrightError
    ├── ProjectError (RuntimeError)         the project folder cannot be used as asked
    │   ├── ProjectBusyError                another process is writing to it
    │   └── ProjectVersionError             made by a newer release of Labelwright
    ├── SettingsError (ValueError)          labelwright.toml or an option is wrong; names the place
    ├── DataError (ValueError)              a file or a value that enters is wrong; names the row
    │   ├── AnswerError                     an answer that the task does not know
    │   └── VotesError                      votes that no label model can read
    ├── SourceError (RuntimeError)          a source cannot be loaded or run at all
    ├── UnknownNameError (LookupError)      no such item, source, part or version
    ├── NothingToDoError (RuntimeError)     a step lacks its input: no items, no votes, no labels
    ├── ContradictedError (RuntimeError)    known truth contradicts the labels; says how to go on
    ├── StorageError (OSError)              disk full, no permission, damaged file
    └── MissingExtraError (ImportError)     an optional library is needed; says which extra

A message says what is wrong, what was expected and what to do. The command line prints it
without a traceback and exits 2, or 3 for labels that known truth contradicts; the server answers
problem+json.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class LabelwrightError(Exception):
    """The root of every error that Labelwright raises on purpose."""


class ProjectError(LabelwrightError, RuntimeError):
    """The project folder is missing, damaged, or cannot be used as asked."""


class ProjectBusyError(ProjectError):
    """Another process holds the project for writing."""


class ProjectVersionError(ProjectError):
    """The project was written by a newer release."""


class SettingsError(LabelwrightError, ValueError):
    """A setting is wrong. The message starts with its place, such as ``labelwright.toml:12``."""


class DataError(LabelwrightError, ValueError):
    """Data that enters from outside is wrong: a file, a row, a column, an array."""


class AnswerError(DataError):
    """An answer is none that the task allows."""


class VotesError(DataError):
    """Votes contradict their own sizes, or no label model can make sense of them."""


class SourceError(LabelwrightError, RuntimeError):
    """A source cannot be loaded or run at all. One item's failure is a row, not this."""


class UnknownNameError(LabelwrightError, LookupError):
    """No such item, source, part or version."""


class NothingToDoError(LabelwrightError, RuntimeError):
    """A step lacks what it works on. The message names the step that makes it."""


class ContradictedError(LabelwrightError, RuntimeError):
    """Known truth says that the labels do worse than no labels, or than counting votes."""


class StorageError(LabelwrightError, OSError):
    """Reading or writing failed: disk full, no permission, damaged file."""


class MissingExtraError(LabelwrightError, ImportError):
    """An optional library is missing. Says which extra brings it."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the library {library!r}, which is not installed. "
            f"Install it with: pip install 'labelwright[{extra}]'"
        )


def shown(value: Any, limit: int = 80) -> str:
    """The value as it may stand in a message: one line, at most `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, and all of them."""
    names = list(known)
    near = nearest(name, names)
    hint = f"did you mean {near!r}? " if near is not None else ""
    return f"; {hint}known: {', '.join(names)}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that an unknown one is most like, also by another case; None if like none."""
    names = list(known)
    if near := difflib.get_close_matches(name, names, n=1):
        return near[0]
    folded = {other.casefold(): other for other in names}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    return folded[near[0]] if near else None
