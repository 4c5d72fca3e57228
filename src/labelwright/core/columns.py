"""Columns of the user's beside ours: none of theirs takes the place of one of ours, or is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

ANSWERS = (
    *("label", "confidence", "basis", "pieces", "sources", "votes_label", "votes_confidence"),
    *("model_label", "model_confidence"),
)
"""Ours that say, or give away, what an item's answer is; so do the probabilities of classes."""
COLUMNS = ("id", "split", *ANSWERS)
"""Ours in a training set, besides the probabilities of classes."""
_LIKE_ANSWERS = {"labels", "answer", "answers", "prediction", "predicted_label", "suggestion"}
_KNOWN = {"gold", "truth"}


def beside(ours: Iterable[str], theirs: Sequence[str]) -> dict[str, str]:
    """What each of the user's columns is called beside ours: a `label` is `label_of_item`.

    Two names are one if only case or the form of Unicode tells them apart, as they are to most
    databases. A name that clashes with ours gives way, whatever else the user has, and to the
    same name in whatever order the columns stand. So does, beside a label of ours, one that is
    called like an answer: whoever looks for predictions would take a column `prediction` for ours.
    All others stay.

    Args:
        ours: the columns that we write, or may write in the same place another time.
        theirs: the user's columns.

    Example:
        >>> beside(["id", "label"], ["text", "Label", "label"])
        {'text': 'text', 'Label': 'Label_of_item', 'label': 'label_of_item_2'}
        >>> beside(["id", "label"], ["prediction"]), beside(["id"], ["prediction"])
        ({'prediction': 'prediction_of_item'}, {'prediction': 'prediction'})
    """
    kept = {_alike(name) for name in ours}
    taken = kept | {_alike(name) for name in theirs}
    if "label" in kept:
        kept |= _LIKE_ANSWERS
    names: dict[str, str] = {}
    for name in sorted(theirs):
        names[name] = name
        if _alike(name) in kept:
            names[name] = next(new for new in _others(name) if _alike(new) not in taken)
            taken.add(_alike(names[name]))
    return {name: names[name] for name in theirs}


def renamed(names: Mapping[str, str]) -> dict[str, str]:
    """Those of the names that had to give way, with what they are called now."""
    return {name: new for name, new in names.items() if name != new}


def says_answers(name: str, classes: Iterable[str]) -> bool:
    """Whether a user's column is called as if it held the answers that people are asked for.

    Under the name that it has beside ours too, as in an export that was imported again.
    """
    stem = re.sub(r"_of_item(_[0-9]+)?$", "", _alike(name))
    return stem in {*ANSWERS, *_LIKE_ANSWERS, *_KNOWN} or stem in {
        _alike(one) for one in probabilities(classes)
    }


def probabilities(classes: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold the probability of each class."""
    return tuple(f"p_{name}" for name in classes)


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _others(name: str) -> Iterable[str]:
    yield f"{name}_of_item"
    yield from (f"{name}_of_item_{number}" for number in count(2))
