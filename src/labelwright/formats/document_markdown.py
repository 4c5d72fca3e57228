"""Document -> Markdown, as GitHub and Hugging Face read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labelwright.formats.document import (
    Block,
    Cell,
    Document,
    Facts,
    Figure,
    Gallery,
    Points,
    Prose,
    Section,
    Table,
    numeric,
    shown,
)

_SIGNS = {"plain": "", "good": "", "warning": "**Note.** ", "aside": ""}


def markdown(document: Document) -> str:
    """The document as Markdown; of pictures, only the captions."""
    parts = [f"# {_safe(document.title)}", _safe(document.subtitle)]
    parts += [_block(block) for block in document.summary]
    for section in document.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    heading = f"{'#' * (section.level + 1)} {_safe(section.title)}"
    return [heading, *(_block(block) for block in section.blocks)]


def _block(block: Block) -> str:
    match block:
        case Prose():
            text = _safe(block.text)
            return f"*{text}*" if block.tone == "aside" else _SIGNS[block.tone] + text
        case Points():
            return "\n".join(f"- {_safe(item)}" for item in block.items)
        case Facts():
            return _table(("", ""), block.pairs)
        case Table():
            caption = f"{_safe(block.caption)}\n\n" if block.caption else ""
            return caption + _table(block.headers, block.rows)
        case Figure():
            return f"*{_safe(block.caption)}*"
        case Gallery():
            return "\n".join(f"- {_safe(picture.caption)}" for picture in block.pictures)


def _table(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [
        [_safe(header) for header in headers],
        ["---:" if numeric(rows, place) else "---" for place in range(len(headers))],
        *([_safe(shown(cell)) for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _safe(text: str) -> str:
    """The text on one line, with nothing in it that Markdown or HTML would take for markup."""
    plain = " ".join(text.split())
    escaped = re.sub(r"([\\`*_\[\]|~])", r"\\\1", plain)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # What would start a heading, a list or a rule if it came first.
    opened = re.sub(r"^([#+-])(?=[#+-]*(\s|$))", r"\\\1", escaped)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", opened)
