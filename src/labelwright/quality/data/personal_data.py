"""Personal data in texts: e-mail addresses, telephone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Remedy, Severity, share

PATTERNS: Mapping[str, str] = {
    "e-mail": r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.)+[A-Za-z]{2,24}",
    "card": r"\d(?:[ \-]?\d){12,18}",
    "phone": r"(?:\+\d{1,3}[ .\-/]?)?(?:\(\d{1,5}\)[ .\-/]?)?\d{2,5}(?:[ .\-/]?\d{2,5}){1,4}",
}
"""What each kind looks like; in this order, for a card number looks like a telephone number."""
LEAST_DIGITS, MOST_DIGITS = 9, 15
"""Of a telephone number: E.164 allows 15, and shorter ones are years, prices and amounts."""


def personal_data(name: str, texts: pa.Array) -> list[Finding]:
    """A finding for each kind of personal data in a column, with the items that hold it."""
    found = []
    suspects = pc.fill_null(pc.match_substring_regex(texts, r"@|\d[\d .()/\-]{7,}\d"), False)
    places = np.flatnonzero(suspects.to_numpy(zero_copy_only=False))
    kinds = [_kinds(texts[int(place)].as_py()) for place in places]
    for kind in PATTERNS:
        items = places[[kind in each for each in kinds]] if len(places) else places
        if len(items):
            message = f"{name} holds {_CALLED[kind]} in {share(len(items), len(texts))} items"
            found.append(
                Finding("personal_data", Severity.WARNING, message, items, name, Remedy.MASK)
            )
    return found


def masked(texts: pa.Array) -> tuple[pa.StringArray, NDArray[np.bool_]]:
    """The texts with personal data replaced by such as ``[e-mail]``, and which were changed."""
    made, changed = [], np.zeros(len(texts), np.bool_)
    for place, text in enumerate(texts.to_pylist()):
        plain = None if text is None else mask(text)
        changed[place] = plain != text
        made.append(plain)
    return pa.array(made, pa.string()), changed


def mask(text: str) -> str:
    """The text with personal data replaced by its kind in brackets.

    Example:
        >>> mask("write to ann@example.org or call +49 30 1234567")
        'write to [e-mail] or call [phone]'
    """
    for kind in PATTERNS:
        text = _without(kind, text)
    return text


def _kinds(text: str) -> set[str]:
    """The kinds of personal data in a text."""
    kinds = set()
    for kind in PATTERNS:
        before, text = text, _without(kind, text)
        if text != before:
            kinds.add(kind)
    return kinds


def _without(kind: str, text: str) -> str:
    def replaced(hit: re.Match[str]) -> str:
        return f"[{kind}]" if _ACCEPTED[kind](hit[0]) else hit[0]

    return _COMPILED[kind].sub(replaced, text)


def _is_card(number: str) -> bool:
    """Whether the check digit is right.

    Reference:
        ISO/IEC 7812-1:2017, annex B (the Luhn formula).
    """
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(number: str) -> bool:
    digits = sum(sign.isdigit() for sign in number)
    told_apart = number[0] in "+(0" or any(sign in number for sign in " -/")
    # One point is a decimal point.
    told_apart = told_apart or number.count(".") > 1
    return LEAST_DIGITS <= digits <= MOST_DIGITS and told_apart and not _DATE.match(number)


_DATE = re.compile(r"\d{4}[-./]\d{2}[-./]\d{2}|\d{2}[-./]\d{2}[-./]\d{4}")
_COMPILED = {
    kind: re.compile(rf"(?<![\w.+\-]){pattern}(?![\w\-]*\w)" if kind != "e-mail" else pattern)
    for kind, pattern in PATTERNS.items()
}
_ACCEPTED = {"e-mail": lambda _: True, "card": _is_card, "phone": _is_phone}
_CALLED = {"e-mail": "e-mail addresses", "card": "card numbers", "phone": "telephone numbers"}
