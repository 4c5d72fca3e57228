"""A document as a value: what is said, apart from how it looks. One writer a form makes a file.

Everything in it is plain text; the writers escape it, so that nothing of the user's data can
become markup. Only a `Figure` holds markup, which `plots` makes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph.

    Attributes:
        text: what it says.
        tone: ``plain``, ``good``, ``warning``, or ``aside`` for a remark in small print.
    """

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values."""

    pairs: Sequence[tuple[str, Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; numbers stand right.

    Attributes:
        headers: of the columns.
        rows: one cell for each.
        caption: what the table shows.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Attributes:
        svg: markup of `plots`, with nothing in it that was not escaped.
        caption: what to see in it; it also stands for the picture where there can be none.
    """

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An item's image.

    Attributes:
        png: its bytes.
        caption: what it is.
    """

    png: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures in a row."""

    pictures: Sequence[Picture]


Block = Prose | Points | Facts | Table | Figure | Gallery


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it.

    Attributes:
        title: the heading.
        blocks: in order.
        level: 1 for a part of the document, 2 for a section.
    """

    title: str
    blocks: Sequence[Block] = field(default=())
    level: int = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Attributes:
        title: of it.
        subtitle: one line about it.
        summary: what to know if one reads nothing else.
        sections: in order.
    """

    title: str
    subtitle: str
    summary: Sequence[Block]
    sections: Sequence[Section]


def shown(cell: Cell) -> str:
    """A cell as text: whole numbers with commas, others with three digits, nothing as a dash."""
    if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124 - NaN
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:.3f}" if isinstance(cell, float) else cell


def numeric(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    """Whether a column holds numbers only, spelled out or not: then it stands right.

    The first column holds names, even if these are numbers.
    """
    cells = [row[place] for row in rows]
    return (
        place > 0
        and bool(cells)
        and not any(isinstance(cell, str) and _WORD.search(cell) for cell in cells)
    )


def escaped(text: str) -> str:
    """The text as HTML and SVG can hold it, whatever is in it."""
    # Lone surrogates cannot be written as UTF-8, and control characters are errors in HTML.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return escape(_CONTROL.sub("\ufffd", clean))


_WORD = re.compile(r"[^\W\d_]|:|^$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
