r"""Answers of less than one class as text: ``!A``, ``A|B``, an inner class, a distribution.

The canonical text of a partial answer is the name of the inner class whose leaves it leaves, else
``!A|B`` (none of these) where that is the shorter, else ``A|B`` (one of these), classes in the
task's order. After a backslash, ``|``, ``!``, ``{`` and ``\`` are part of a name. A text that is
the name of a class always means that class; a partial answer that would read like one ends in
``|``. A distribution is a JSON object, three decimals.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.errors import AnswerError, shown
from labelwright.core.task import Task

OFF_BY = 0.05
"""How far the shares of a distribution may be from a sum of 1."""


def set_text(names: set[str], task: Task) -> str:
    """The canonical text of "one of these classes".

    Raises:
        AnswerError: there are none, or they are all.
    """
    if not names or len(names) == len(task.classes):
        raise AnswerError(
            "an answer that rules out every class says nothing; return None to abstain"
            if not names
            else "an answer that leaves every class says nothing; return None to abstain"
        )
    left = [name for name in task.classes if name in names]
    if len(left) == 1:
        return left[0]
    for inner in task.inner:
        if set(task.leaves(inner)) == names:
            return inner
    out = [name for name in task.classes if name not in names]
    text = "!" + _joined(out) if len(out) < len(left) else _joined(left)
    while task.knows(text):
        text += "|"
    return text


def parsed(text: str) -> Partial | dict[str, Any] | None:
    """The partial answer or distribution that a text spells; None if it looks like neither."""
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None
    body = text.removeprefix("!")
    names = tuple(
        re.sub(r"\\(.)", r"\1", part).strip() for part in re.findall(r"(?:\\.|[^|\\])+", body)
    )
    if not names or (body == text and "|" not in text):
        return None
    return Partial(names, excluded=body != text)


def distribution_text(shares: Mapping[str, float]) -> str:
    """The canonical text of a distribution over the classes named, in this order.

    Raises:
        AnswerError: shares that are no probabilities or do not sum to 1.
    """
    for share in shares.values():
        number = isinstance(share, int | float | np.integer | np.floating)
        if not number or isinstance(share, bool) or not (0 <= share <= 1 and math.isfinite(share)):
            raise AnswerError(f"the share of a class must lie in 0..1, got {shown(share)}")
    total = sum(float(share) for share in shares.values())
    if abs(total - 1) > OFF_BY:
        raise AnswerError(f"the shares of a distribution must sum to 1, got {total:.3g}")
    rounded = {name: round(float(share), 3) for name, share in shares.items()}
    kept = {name: share for name, share in rounded.items() if share > 0}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def said(text: str) -> str:
    """A canonical answer in words.

    Example:
        >>> said("!spam"), said("cat|dog"), said('{"cat":0.8,"dog":0.2}')
        ('not spam', 'cat or dog', 'cat 80%, dog 20%')
    """
    found = parsed(text)
    if isinstance(found, dict):
        return ", ".join(
            f"{name} {chance:.0%}"
            if not isinstance(chance, bool)
            else (name if chance else f"not {name}")
            for name, chance in found.items()
        )
    if found is None or text.startswith("["):
        return text
    return ("not " if found.excluded else "") + " or ".join(map(str, found.names))


def members(names: set[str], task: Task) -> NDArray[np.bool_]:
    """Which classes these are, shape (classes,)."""
    return np.array([name in names for name in task.classes], bool)


def _joined(names: list[str]) -> str:
    return "|".join(re.sub(r"([\\|!{])", r"\\\1", name) for name in names)
