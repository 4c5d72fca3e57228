"""One class per item. The unit is the item."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, shown
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes


@dataclass(frozen=True, slots=True)
class Classification:
    """Answers are class names; the canonical text is the name itself."""

    def canonical(self, answer: Any, task: Task) -> str:
        """The class name of a name or a class index."""
        return class_name(answer, task)

    def read(self, text: str, task: Task) -> str:
        """The class name."""
        return class_name(text, task)

    def decompose(self, votes: Votes, task: Task) -> Units:
        """Every item is a unit, with the votes that it got."""
        index = {name: position for position, name in enumerate(task.classes)}
        codes = answer_codes(votes, index)
        matrix = VoteMatrix.build(
            votes.item,
            votes.source,
            codes,
            units=votes.items,
            classes=len(task.classes),
            kinds=[source.kind for source in votes.sources],
            complete=votes.complete,
            accuracies=prior_accuracies(votes),
            confidence=votes.confidence,
        )
        return Units(matrix, np.arange(votes.items), votes.items, task.classes)

    def recompose(self, units: Units, posterior: Posterior, task: Task) -> Answers:
        """The most probable class where any source voted, null where none did."""
        names = pa.array(task.classes, pa.string())
        label = pa.array(posterior.label, mask=~posterior.covered)
        confidence = np.where(posterior.covered, posterior.confidence, 0.0)
        return Answers(names.take(label), confidence)


def class_name(answer: Any, task: Task) -> str:
    """The class that an answer names, by its name or its index.

    Raises:
        AnswerError: the task has no such class.
    """
    if isinstance(answer, str) and task.index(answer) >= 0:
        return answer
    if isinstance(answer, int | np.integer) and not isinstance(answer, bool):
        if 0 <= answer < len(task.classes):
            return task.classes[answer]
    elif isinstance(answer, str):
        clean = unicodedata.normalize("NFC", answer).strip()  # as the task keeps its classes
        if task.index(clean) >= 0:
            return clean
    raise AnswerError(
        f"{shown(answer)} is no class of this task; it has {shown(list(task.classes))}. "
        "Return None to abstain."
    )


def answer_codes(votes: Votes, index: Mapping[str, int]) -> NDArray[np.int64]:
    """The class index of every vote, -1 for abstentions.

    Raises:
        AnswerError: a vote names a class that `index` lacks.
    """
    unknown = [answer for answer in votes.answers if answer not in index]
    if unknown:
        raise AnswerError(
            f"votes name the class {shown(unknown[0])}, which the task does not have; "
            f"it has {shown(list(index))}. Give the task that class back, or that name"
        )
    # One more place at the end: code -1, an abstention, picks it.
    lookup = np.array([*(index[answer] for answer in votes.answers), ABSTAINED], np.int64)
    return lookup[votes.answer]


def prior_accuracies(votes: Votes) -> NDArray[np.float64]:
    """What the owners believe of their sources, NaN where they said nothing."""
    return np.array([_number(source.accuracy) for source in votes.sources], np.float64)


def _number(accuracy: float | None) -> float:
    return np.nan if accuracy is None else accuracy
