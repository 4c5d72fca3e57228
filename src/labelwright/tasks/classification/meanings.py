"""What the distinct answers of a task with one class an item mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.errors import AnswerError
from labelwright.core.matrix import ABSTAINED
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.tasks.class_names import class_name, unknown_class
from labelwright.tasks.partial_text import members

Understood = str | Partial | dict[str, float]
Read = Callable[[str, Task], Understood]


class Meanings:
    """What every distinct answer of the votes means; one more at the end, for abstentions.

    Attributes:
        label: class index, or the number of classes plus a row of `subsets`, shape (answers + 1,).
        sure: the confidence that a distribution states, NaN elsewhere, shape (answers + 1,).
        opinion: the row of `opinions`, -1 for none, shape (answers + 1,).
        opinions: the distributions over three classes or more.
    """

    def __init__(self, read: Read, task: Task, votes: Votes) -> None:
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
                self._mean(place, _understood(read, text, task), task)
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

    def _mean(self, place: int, answer: Understood, task: Task) -> None:
        if isinstance(answer, str):
            self.label[place] = task.index(answer)
        elif isinstance(answer, Partial):
            left = tuple(members(left_by(answer, task), task).tolist())
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


def left_by(answer: Partial, task: Task) -> set[str]:
    """The classes that a partial answer leaves."""
    named: set[str] = set()
    for name in answer.names:
        inner = task.leaves(name) if isinstance(name, str) and name in task.inner else ()
        named.update(inner or (class_name(name, task),))
    return set(task.classes) - named if answer.excluded else named


def _understood(read: Read, text: str, task: Task) -> Understood:
    try:
        return read(text, task)
    except AnswerError:
        raise unknown_class(text, task) from None
