"""Where things stand in the text of `labelwright.toml`, for messages that name a line."""

from __future__ import annotations

import re
import tomllib


def place_in(error: tomllib.TOMLDecodeError) -> str:
    """``:12: what is wrong``, from a message that names the line at its end."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    return f":{found[2]}: {found[1]} at column {found[3]}" if found else f": {error}"


def rule_lines_of(text: str) -> list[int]:
    """The lines on which tables ``[[rules]]`` begin, from 1."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if re.match(r"\s*\[\[\s*rules\s*\]\]", line)
    ]


def line_of(text: str, place: tuple[str, ...]) -> int:
    """The line on which a setting stands: its key under its table's header, else the header."""
    *tables, key = place
    header, whole = _plain(".".join(tables)), _plain(".".join(place))
    inside, best = not header, 1
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            name = _plain(stripped.strip("[]").split("]")[0])
            inside = name == header
            if inside or name == whole:
                best = number
        elif inside and re.match(rf'"?{re.escape(key)}"?\s*[=.]', stripped):
            return number
    return best


def _plain(header: str) -> str:
    """The name of a table however it is quoted and spaced."""
    return re.sub(r"""["'\s]""", "", header)
