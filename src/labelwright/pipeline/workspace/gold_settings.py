"""What the owner says of gold: ``[items] gold_sample``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from labelwright.core.errors import shown

RANDOM, CHOSEN = "random", "chosen"
"""Gold is a random sample of the items, or somebody chose them."""


def gold_sample(items: Mapping[str, Any], fail: Callable[[tuple[str, ...], str], NoReturn]) -> str:
    """Whether gold is a random sample of the items, so that it tells how frequent classes are.

    Args:
        items: the table ``[items]``.
        fail: is called with the place and what is wrong there.
    """
    said = items.get("gold_sample", RANDOM)
    if said not in (RANDOM, CHOSEN):
        fail(("items", "gold_sample"), f'must be "{RANDOM}" or "{CHOSEN}", got {shown(said)}')
    return str(said)
