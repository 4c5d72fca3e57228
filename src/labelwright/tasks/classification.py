"""One class per item. The unit is the item."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.class_change import ClassChange
from labelwright.core.errors import AnswerError, shown
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.partial_text import distribution_text, members, parsed, set_text
from labelwright.tasks.translation import one_class


@dataclass(frozen=True, slots=True)
class Classification:
    """Answers are class names; the canonical text is the name itself.

    An answer may also be partial (`one_of`, `not_`, an inner class of the task) or a distribution
    over the classes by name; their texts are those of `tasks/partial_text.py`.
    """

    def canonical(self, answer: Any, task: Task) -> str:
        """The class name of a name or a class index, or the text of less than one class."""
        if isinstance(answer, str) and task.index(answer.strip()) < 0:
            known = unicodedata.normalize("NFC", answer).strip()
            if known in task.inner:
                return set_text(set(task.leaves(known)), task)
            found = None if task.index(known) >= 0 else parsed(known)
            answer = answer if found is None else found
        if isinstance(answer, Partial):
            return set_text(_left(answer, task), task)
        if isinstance(answer, Mapping):
            shares = {class_name(name, task): share for name, share in answer.items()}
            return distribution_text({n: shares[n] for n in task.classes if n in shares})
        return class_name(answer, task)

    def read(self, text: str, task: Task) -> str | Partial | dict[str, float]:
        """The class name, the partial answer, or the distribution."""
        canonical = self.canonical(text, task)
        if task.index(canonical) >= 0:
            return canonical
        if canonical in task.inner:
            return Partial((canonical,))
        found = parsed(canonical)
        return canonical if found is None else found

    def translated(self, text: str, change: ClassChange) -> str | None:
        """What an answer of before a change of classes means now."""
        return one_class(self.read(text, change.before), change)

    def decompose(self, votes: Votes, task: Task) -> Units:
        """Every item is a unit, with the votes that it got."""
        meant = _Meanings(self, task, votes)
        matrix = VoteMatrix.build(
            votes.item,
            votes.source,
            meant.label[votes.answer],
            units=votes.items,
            classes=len(task.classes),
            kinds=[source.kind for source in votes.sources],
            complete=votes.complete,
            accuracies=prior_accuracies(votes),
            confidence=meant.confidences(votes),
            subsets=meant.subsets,
            opinion=meant.opinion[votes.answer] if meant.opinions else None,
            opinions=meant.opinions or None,
        )
        return Units(matrix, np.arange(votes.items), votes.items, task.classes)

    def recompose(self, units: Units, posterior: Posterior, task: Task) -> Answers:
        """The most probable class where any source voted, null where none did."""
        names = pa.array(task.classes, pa.string())
        label = pa.array(posterior.label, mask=~posterior.covered)
        confidence = np.where(posterior.covered, posterior.confidence, 0.0)
        return Answers(names.take(label), confidence)


class _Meanings:
    """What every distinct answer of the votes means; one more at the end, for abstentions.

    Attributes:
        label: class index, or the number of classes plus a row of `subsets`, shape (answers + 1,).
        sure: the confidence that a distribution states, NaN elsewhere, shape (answers + 1,).
        opinion: the row of `opinions`, -1 for none, shape (answers + 1,).
        opinions: the distributions over three classes or more.
    """

    def __init__(self, kind: Classification, task: Task, votes: Votes) -> None:
        size = len(votes.answers) + 1
        self.label = np.full(size, ABSTAINED, np.int64)
        self._subsets: dict[tuple[bool, ...], int] = {}
        self.sure = np.full(size, np.nan, np.float32)
        self.opinion = np.full(size, -1, np.int32)
        self.opinions: list[NDArray[np.float32]] = []
        index = {name: place for place, name in enumerate(task.classes)}
        for place, text in enumerate(votes.answers):
            known = index.get(text)
            if known is None:
                self._read(place, _understood(kind, text, task), task)
            else:
                self.label[place] = known

    @property
    def subsets(self) -> list[tuple[bool, ...]]:
        """The classes that partial answers leave, each combination once."""
        return list(self._subsets)

    def confidences(self, votes: Votes) -> NDArray[np.float32] | None:
        """Per vote: what its distribution says, else what it came with; None without any."""
        if np.isnan(self.sure).all():
            return votes.confidence
        stated = self.sure[votes.answer]
        if votes.confidence is None:
            return stated
        return np.where(np.isnan(stated), votes.confidence, stated)

    def _read(self, place: int, answer: str | Partial | dict[str, float], task: Task) -> None:
        if isinstance(answer, str):
            self.label[place] = task.index(answer)
        elif isinstance(answer, Partial):
            left = tuple(members(_left(answer, task), task).tolist())
            row = self._subsets.setdefault(left, len(self._subsets))
            self.label[place] = len(task.classes) + row
        else:
            shares = np.array([answer.get(name, 0.0) for name in task.classes], np.float32)
            shares /= shares.sum()
            self.label[place] = shares.argmax()
            self.sure[place] = min(shares.max(), 1.0)
            if len(shares) > 2:
                self.opinion[place] = len(self.opinions)
                self.opinions.append(shares)


def _understood(kind: Classification, text: str, task: Task) -> str | Partial | dict[str, float]:
    try:
        return kind.read(text, task)
    except AnswerError:
        raise unknown_class(text, task) from None


def unknown_class(text: str, task: Task) -> AnswerError:
    """The error that votes name what the task does not have, with the ways out."""
    return AnswerError(
        f"votes name the class {shown(text)}, which the task does not have; it has "
        f"{shown(list(task.classes))}. Say what became of it, and no vote is lost: labelwright "
        f"classes merge OLD --into CLASS, or: labelwright classes remove OLD"
    )


def _left(answer: Partial, task: Task) -> set[str]:
    """The classes that a partial answer leaves."""
    named: set[str] = set()
    for name in answer.names:
        inner = task.leaves(name) if isinstance(name, str) and name in task.inner else ()
        named.update(inner or (class_name(name, task),))
    return set(task.classes) - named if answer.excluded else named


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


def prior_accuracies(votes: Votes) -> NDArray[np.float64]:
    """What the owners believe of their sources, NaN where they said nothing."""
    return np.array([_number(source.accuracy) for source in votes.sources], np.float64)


def _number(accuracy: float | None) -> float:
    return np.nan if accuracy is None else accuracy
