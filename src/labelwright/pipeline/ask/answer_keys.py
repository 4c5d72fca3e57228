"""One key per class, for the terminal and the web app alike."""

from __future__ import annotations

import string
from collections.abc import Collection, Sequence


def keys_of(classes: Sequence[str], reserved: Collection[str]) -> dict[str, str]:
    """The class that each key votes for: its first letter if free, else a digit, else any letter.

    Beyond some sixty classes the last ones have none; their names can be typed.

    Args:
        classes: their names in order.
        reserved: keys that mean something else.
    """
    keys: dict[str, str] = {}
    for name in classes:
        wanted = [letter for letter in name.lower() if letter in string.ascii_lowercase][:1]
        for key in [*wanted, *"1234567890", *string.ascii_lowercase, *string.ascii_uppercase]:
            if key not in keys and key not in reserved:
                keys[key] = name
                break
    return keys
