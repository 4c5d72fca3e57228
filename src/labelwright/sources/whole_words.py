"""Where a keyword has to end: in writing without spaces, nowhere."""

from __future__ import annotations

import unicodedata

UNSPACED = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
    "BOPOMOFO",
    "IDEOGRAPH",
)
"""How Unicode's names of characters begin whose scripts put no spaces between words."""


def bounded(word: str, start: str, end: str, escaped: str) -> str:
    """The pattern of a keyword as a whole word.

    Where it begins or ends with a character of a script without spaces, what is beside it says
    nothing of where a word ends, and no boundary is asked for on that side.

    Args:
        word: the keyword.
        start: a pattern of no width, true where a word can begin.
        end: likewise, where it can end.
        escaped: the pattern of the keyword itself.
    """
    return f"{'' if _unspaced(word[:1]) else start}{escaped}{'' if _unspaced(word[-1:]) else end}"


def spaced(word: str) -> bool:
    """Whether a keyword has a boundary on both sides."""
    return word.isascii() or not (_unspaced(word[:1]) or _unspaced(word[-1:]))


def _unspaced(character: str) -> bool:
    if character.isascii():
        return False
    return unicodedata.name(character, "").startswith(UNSPACED)
