"""What does not hold yet for a kind, read from `falls_short.txt`.

A line goes when what it names holds, for then its test fails; the work is done when none is left.
"""

from pathlib import Path

from labelwright.core.errors import LabelwrightError

FAILURES = (AssertionError, LabelwrightError, IndexError, TypeError, ValueError)
"""What something that falls short ends in; anything else is a fault of the test."""


def _read(text):
    """(kind, "gold" or "no gold", name) -> why, from lines under the reason that they share."""
    found, reason = {}, ""
    for line in text.splitlines():
        if line.startswith("= "):
            reason = line.removeprefix("= ")
        elif line and not line.startswith("#"):
            kind, gold, name = line.split(" | ")
            assert reason, line
            assert (kind, gold, name) not in found, line
            found[kind, gold, name] = reason
    return found


FALLS_SHORT = _read(Path(__file__).with_suffix(".txt").read_text("utf-8"))
