r"""Python's regular expressions at the speed of Rust's, with Python's meaning.

A pattern is parsed by Python and written anew for Rust, construct by construct, where both mean
the same. What remains different is known exactly: some rare characters count as ``\w``, ``\d``,
``\s`` or as an upper-case partner in one and not in the other. Texts with such a character are
matched by Python, all others by Rust. Patterns with constructs that Rust lacks (look-around,
back-references, possessive repeats, ...) are matched by Python throughout.
"""

from __future__ import annotations

import functools
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labelwright.core.errors import SettingsError, shown

if TYPE_CHECKING:
    import polars as pl

# The parser is Python's own, so that no second opinion on the syntax can differ from it.
_parser: Any = vars(re)["_parser"]
_op: Any = vars(re)["_constants"]

_MAX_REPEAT = 1000

ODD_ASCII = "[\\x1c-\\x1f]"
"""The odd characters within ASCII: white space to Python only. A test holds it."""


@dataclass(frozen=True)
class Pattern:
    """How a pattern is matched.

    Attributes:
        python: compiled by Python.
        rust: the same for Rust, None where Rust cannot.
        careful: whether texts with odd characters must be matched by Python.
        explosive: whether Python may have to match it and take exponential time.
        may_be_empty: whether it can match the empty text.
    """

    python: re.Pattern[str]
    rust: str | None
    careful: bool
    explosive: bool
    may_be_empty: bool


def check_pattern(pattern: str) -> None:
    """Raises a SettingsError that shows where the pattern is wrong."""
    try:
        pattern_of(pattern, case=True)
    except re.error as error:
        place = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise SettingsError(f"{shown(pattern)} is no regular expression: {error.msg}{place}") from (
            error
        )


@functools.lru_cache(maxsize=4096)
def pattern_of(pattern: str, case: bool = True) -> Pattern:
    """How the pattern is matched.

    Raises:
        re.error: it is no regular expression.
    """
    flags = re.NOFLAG if case else re.IGNORECASE
    with warnings.catch_warnings():
        # Python warns of "possible nested sets"; they mean what they mean today.
        warnings.simplefilter("ignore", FutureWarning)
        compiled = re.compile(pattern, flags)
        tree = _parser.parse(pattern, flags)
    writer = _Writer()
    rust: str | None
    try:
        inner = writer.whole(tree)
        rust = f"(?i:{inner})" if tree.state.flags & re.IGNORECASE else inner
        writer.folds |= bool(tree.state.flags & re.IGNORECASE)
        # A letter of the pattern with odd partners, such as İ, can meet any text.
        if writer.folds and writer.exotic:
            rust = None
        if rust is not None and not _compiles(rust):
            rust = None
    except _UnknownError:
        rust = None
    may_be_empty = tree.getwidth()[0] == 0
    careful = writer.careful or writer.folds
    by_python = careful or may_be_empty
    explosive = rust is None or (writer.nested and by_python)
    return Pattern(compiled, rust, careful, explosive, may_be_empty)


def odd_texts(texts: pl.Series) -> pl.Series:
    """Which texts hold a character that Python's and Rust's `re` see differently; null: none."""
    odd = texts.str.contains(ODD_ASCII).fill_null(value=False)
    wide = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False)
    if not wide.any():
        # Nearly always so in English, and four times as quick as a search for all of them.
        return odd
    places = wide.arg_true()
    return odd.scatter(
        places, odd.gather(places) | texts.gather(places).str.contains(odd_characters())
    )


@functools.cache
def odd_characters() -> str:
    """A character class for Rust: those that Python's and Rust's `re` see differently.

    Found by asking both about every character, so it fits their versions.
    """
    import numpy as np
    import polars as pl

    points = np.array([c for c in range(0x110000) if not 0xD800 <= c < 0xE000])
    texts = [chr(c) for c in points]
    series = pl.Series(texts)
    odd = np.zeros(len(points), np.bool_)
    for pattern, python in (
        (r"^\w$", lambda c: c.isalnum() or c == "_"),
        (r"\A\s\z", str.isspace),
        (r"^\d$", str.isdecimal),
    ):
        rust = series.str.contains(pattern).to_numpy()
        odd |= rust != np.fromiter(map(python, texts), np.bool_, len(texts))
    odd |= np.fromiter((not _plain_case(c) for c in texts), np.bool_, len(texts))
    return _ranges(points[odd].tolist())


def _plain_case(character: str) -> bool:
    """Whether upper and lower case of the character are simply each other's partners."""
    lower, upper = character.lower(), character.upper()
    if lower == upper == character:
        return character not in _CASE_PARTNERS_OF_PLAIN
    return (
        len(lower) == len(upper) == 1
        and (lower.upper(), upper.lower()) == (upper, lower)
        and character in (lower, upper)
        and character.casefold() == lower
    )


# Python's `re` pairs some characters beyond their case mapping; among those without one, these.
_CASE_PARTNERS_OF_PLAIN = frozenset("\u0345\u03f4")


def _ranges(points: list[int]) -> str:
    """Sorted code points as the inside of a character class."""
    parts: list[list[int]] = []
    for point in points:
        if parts and point == parts[-1][1] + 1:
            parts[-1][1] = point
        else:
            parts.append([point, point])
    return "[" + "".join(rf"\x{{{a:X}}}-\x{{{b:X}}}" for a, b in parts) + "]"


def _compiles(rust: str) -> bool:
    import polars as pl

    try:
        pl.Series([""]).str.contains(rust)
    except pl.exceptions.ComputeError:
        return False
    return True


class _UnknownError(Exception):
    """A construct that has no equal in Rust."""


class _Writer:
    """Writes a parsed pattern for Rust and notes what it met on the way."""

    def __init__(self) -> None:
        self.careful = False
        self.folds = False
        self.exotic = False
        self.nested = False
        self._in_loop = False

    def whole(self, tree: Any) -> str:
        """The pattern, but for its flag that ignores case."""
        if tree.state.flags & (re.ASCII | re.LOCALE):
            raise _UnknownError
        return self.sequence(tree, tree.state.flags, last=True)

    def sequence(self, nodes: Any, flags: int, *, last: bool) -> str:
        """The nodes one after the other; `last` if nothing of the pattern follows them."""
        items = list(nodes)
        return "".join(
            self._node(op, value, flags, last=last and place == len(items) - 1)
            for place, (op, value) in enumerate(items)
        )

    def _node(  # noqa: PLR0911 - one line a construct
        self, op: Any, value: Any, flags: int, *, last: bool
    ) -> str:
        if op is _op.LITERAL:
            return self._character(value)
        if op is _op.NOT_LITERAL:
            return f"[^{self._character(value)}]"
        if op is _op.ANY:
            return "(?s:.)" if flags & re.DOTALL else "(?-s:.)"
        if op is _op.IN:
            return self._set(value)
        if op is _op.AT:
            return self._position(value, flags, last=last)
        if op is _op.BRANCH:
            _, branches = value
            written = (self.sequence(branch, flags, last=last) for branch in branches)
            return f"(?:{'|'.join(written)})"
        if op is _op.SUBPATTERN:
            _, add, remove, nodes = value
            return self._group(add, remove, nodes, flags, last=last)
        if op in (_op.MAX_REPEAT, _op.MIN_REPEAT):
            low, high, nodes = value
            return self._repeat(low, high, nodes, flags, lazy=op is _op.MIN_REPEAT)
        raise _UnknownError

    def _set(self, members: Any) -> str:
        parts = []
        for op, value in members:
            if op is _op.NEGATE:
                parts.append("^")
            elif op is _op.LITERAL:
                parts.append(self._character(value))
            elif op is _op.RANGE:
                self.exotic |= value[1] > 0x7F
                parts.append("-".join(map(self._character, value)))
            elif op is _op.CATEGORY and value in _CATEGORIES:
                self.careful = True
                parts.append(_CATEGORIES[value])
            else:
                raise _UnknownError
        return f"[{''.join(parts)}]"

    def _position(self, where: Any, flags: int, *, last: bool) -> str:
        many = bool(flags & re.MULTILINE)
        if where is _op.AT_BEGINNING:
            return "(?m:^)" if many else r"\A"
        if where is _op.AT_BEGINNING_STRING:
            return r"\A"
        if where is _op.AT_END and many:
            return "(?m:$)"
        if where is _op.AT_END and last:
            # Python's $ also stands before a newline at the very end; here it is eaten, which
            # nobody sees if nothing follows.
            return r"(?:\n?\z)"
        if where is _op.AT_END_STRING:
            return r"\z"
        if where is _op.AT_BOUNDARY:
            self.careful = True
            return r"\b"
        raise _UnknownError

    def _group(self, add: int, remove: int, nodes: Any, flags: int, *, last: bool) -> str:
        if (add | remove) & (re.ASCII | re.LOCALE | re.UNICODE):
            raise _UnknownError
        inner = self.sequence(nodes, (flags | add) & ~remove, last=last)
        if add & re.IGNORECASE:
            self.folds = True
            return f"(?i:{inner})"
        return f"(?-i:{inner})" if remove & re.IGNORECASE else f"(?:{inner})"

    def _repeat(self, low: int, high: Any, nodes: Any, flags: int, *, lazy: bool) -> str:
        endless = high is _op.MAXREPEAT
        if low > _MAX_REPEAT or (not endless and high > _MAX_REPEAT):
            raise _UnknownError
        inside = self._in_loop
        many = endless or high > 1
        self.nested |= inside and many
        self._in_loop = inside or many
        inner = self.sequence(nodes, flags, last=False)
        self._in_loop = inside
        times = f"{{{low},}}" if endless else f"{{{low},{high}}}"
        return f"(?:{inner}){times}{'?' if lazy else ''}"

    def _character(self, point: int) -> str:
        if 0xD800 <= point < 0xE000:
            raise _UnknownError
        character = chr(point)
        self.exotic |= not _plain_case(character)
        return character if character.isascii() and character.isalnum() else rf"\x{{{point:X}}}"


_CATEGORIES = {
    _op.CATEGORY_DIGIT: r"\d",
    _op.CATEGORY_NOT_DIGIT: r"\D",
    _op.CATEGORY_SPACE: r"\s",
    _op.CATEGORY_NOT_SPACE: r"\S",
    _op.CATEGORY_WORD: r"\w",
    _op.CATEGORY_NOT_WORD: r"\W",
}
