"""Which key does what, decided here for the terminal and the web app alike.

Both are told; neither deals keys out by itself, so that a key that is shown is a key that works.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

ACTIONS: Mapping[str, str] = {
    "accept": "Enter",
    "skip": " ",
    "undo": "z",
    "flag": "f",
    "why": "/",
    "help": "?",
    "quit": "q",
}
"""The keys that are not a class's, as browsers name them; the same in every place that has them."""

NONE = "0"
"""Says "none of these", in tasks that have this answer."""

# A capital of an action's letter would be pressed for the action while Caps Lock is on.
_SMALL = [key for key in string.ascii_lowercase if key not in ACTIONS.values()]
_LETTERS = [*_SMALL, *(key.upper() for key in _SMALL)]


def keys_of(classes: Sequence[str], *, none: bool = False) -> dict[str, str]:
    """The class that each key votes for, the keys of the first class first.

    A class has the first free letter of its name, else any letter, small ones before capitals;
    beyond some forty classes the last ones have none. The n-th of the first nine has the digit n
    as well; but if names begin with digits, each of these has its own digit and no other is given.
    A class that is added at the end leaves the letters of the others as they are.

    Args:
        classes: their names in order.
        none: whether the task has an answer "none of these", which takes its key.
    """
    numbered = not any(name[0] in string.digits for name in classes)
    reserved = {NONE} if none else set()
    keys: dict[str, str] = {}
    for place, name in enumerate(classes, start=1):
        digit = [name[0]] if name[0] in string.digits else []
        letters = [sign for sign in name.lower() if sign in _SMALL]
        wanted = [*digit, *letters, *_LETTERS]
        free = [key for key in wanted if key not in keys and key not in reserved]
        keys |= dict.fromkeys(free[:1], name)
        if numbered and place < len(string.digits):
            keys[str(place)] = name
    return keys


def class_of(pressed: str, keys: Mapping[str, str]) -> str | None:
    """The class that a key votes for, None for none.

    A capital is its small letter, unless capitals are keys of classes themselves: then a person
    who missed one means none of the others.
    """
    exact = keys.get(pressed)
    if exact is None and not any(key.isupper() for key in keys):
        return keys.get(pressed.lower())
    return exact
