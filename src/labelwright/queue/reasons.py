"""Why a person is asked about an item, in plain words.

Strategies see numbers only, so a reason writes a class as its index in braces, such as
``the model cannot tell {0} (51 %) from {1} (49 %)``. :func:`describe` puts the names in. Of an
item with several units it speaks of the one that weighed most, and begins with its place among
them, such as ``{#2}``; the classes are those of units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.queue.belief import TopTwo

RANDOM = "random check"
HOW_FREQUENT = "drawn at random, to learn how frequent each class is"
UNCOVERED = "no source votes on it"
DIVIDED = "the sources disagree about it"
SECOND_OPINION = "a second opinion is worth more here than a new item"
ADJUDICATE = "people gave different answers; yours decides"
TEACHES = "the answer shows how good the sources are that vote here"
UNREMARKABLE = "nothing speaks for one item over another"
LEANING = 0.5
"""From this margin on, a belief leans rather than cannot tell."""

_CLASS = re.compile(r"\{(\d+)\}")
_UNIT = re.compile(r"\{#(\d+)\}")


def describe(reason: str, classes: Sequence[str], units: Sequence[str] = ()) -> str:
    """The reason with the names of its classes, and of its unit where that has a name.

    Args:
        reason: of a strategy.
        classes: of units.
        units: the names of the units of an item, where all items have the same ones.

    Example:
        >>> describe("the model cannot tell {0} (51 %) from {1} (49 %)", ["spam", "ham"])
        'the model cannot tell spam (51 %) from ham (49 %)'
        >>> describe("{#1}the sources disagree about it", ["no", "yes"], ["news", "sport"])
        'sport: the sources disagree about it'
    """

    def name(match: re.Match[str]) -> str:
        index = int(match[1])
        return classes[index] if index < len(classes) else match[0]

    def unit(match: re.Match[str]) -> str:
        place = int(match[1])
        return f"{units[place]}: " if place < len(units) else ""

    return _CLASS.sub(name, _UNIT.sub(unit, reason))


def of_unit(reason: str, unit: int, unit_item: NDArray[np.int64] | None) -> str:
    """The reason, and which of its item's units it speaks of where there are several."""
    if unit_item is None:
        return reason
    first, end = np.searchsorted(unit_item, [unit_item[unit], unit_item[unit] + 1])
    return reason if end - first == 1 else f"{{#{unit - first}}}{reason}"


def undecided(who: str, two: TopTwo, unit: int) -> str:
    """That somebody wavers between the two most probable classes of the unit."""
    first, second = f"{{{two.first[unit]}}}", f"{{{two.second[unit]}}}"
    high, low = _percent(two.p_first[unit]), _percent(two.p_second[unit])
    if two.first[unit] == two.second[unit]:
        return f"{who} {_verb(who, 'says')} {first} ({high})"
    if two.p_first[unit] - two.p_second[unit] >= LEANING:
        return f"{who} {_verb(who, 'leans')} to {first} ({high}) over {second} ({low})"
    return f"{who} cannot tell {first} ({high}) from {second} ({low})"


def contradicted(sources: NDArray[np.float64], model: NDArray[np.float64]) -> str:
    """That sources and model see different classes in a unit. Both have shape (classes,)."""
    voted, seen = int(sources.argmax()), int(model.argmax())
    if voted == seen:
        return (
            f"the sources are {_percent(sources[voted])} sure of {{{voted}}}, "
            f"the model {_percent(model[voted])}"
        )
    return (
        f"the sources say {{{voted}}} ({_percent(sources[voted])}), "
        f"the model says {{{seen}}} ({_percent(model[seen])})"
    )


def typical(size: int, answered: int) -> str:
    """That the item stands for a group of alike ones."""
    if answered:
        return f"typical of a group of {size} similar items"
    return f"typical of a group of {size} similar items that nobody has labelled"


def _percent(probability: float) -> str:
    return f"{100 * probability:.0f} %"


def _verb(who: str, singular: str) -> str:
    return singular[:-1] if who.endswith("s") else singular
