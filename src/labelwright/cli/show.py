"""How results look: tables for people, JSON for scripts, a bar for long work."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.pipeline.workspace.progress import Progress

Cell = str | int | float | None


def print_json(value: Any) -> None:
    """Prints a dataclass, mapping or list as JSON on standard output.

    Of a dataclass, its fields and properties; what is no number becomes null.
    """
    print(json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], title: str = "") -> None:
    """Prints a table; numbers stand right, nothing is cut off unless the terminal is narrow."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column, header in enumerate(headers):
        numeric = all(not isinstance(row[column], str) for row in rows)
        table.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(text_of(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 120
    Console(width=width, highlight=False).print(table)


def text_of(cell: Cell) -> str:
    """A cell as text: shares and other fractions with three digits, nothing as a dash."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return "-" if math.isnan(cell) else f"{cell:.3f}"
    return str(cell)


def counted(count: int, noun: str) -> str:
    """How many of something there are: `1 vote`, `2,000 votes`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(names: Sequence[str]) -> str:
    """The names with commas between; all in quotes where one has a comma or quotes itself."""
    plain_names = not any(sign in name for name in names for sign in ",'\"")
    return ", ".join(names if plain_names else map(repr, names))


def print_renamed(names: Mapping[str, str]) -> None:
    """Says what the user's columns are called that have a name of ours; nothing if none has."""
    for name, new in names.items():
        print(f"note: your column {name!r} is called {new!r}: {name!r} would be taken for ours")


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Progress]:
    """A function that draws a bar on standard error, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, Any] = {}

    def draw(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what)
        bar.update(tasks[what], completed=done, total=total or None)

    with bar:
        yield draw


def plain(value: Any) -> Any:
    """The value as JSON holds it: of a dataclass, its fields and properties."""
    import numpy as np

    match value:
        case np.generic() | np.ndarray():
            return plain(value.tolist())
        case Mapping():
            return {str(key): plain(child) for key, child in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(child) for child in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {name: plain(getattr(value, name)) for name in _names(type(value))}
        case float() if not math.isfinite(value):
            return None
        case _:
            return value if isinstance(value, bool | int | float | str | None) else str(value)


def _silent(what: str, done: int, total: int) -> None:
    """Draws nothing."""


def _names(kind: type) -> list[str]:
    """The fields and public properties of a dataclass."""
    made = [name for name, part in vars(kind).items() if isinstance(part, property)]
    return [*(field.name for field in fields(kind)), *(n for n in made if not n.startswith("_"))]
