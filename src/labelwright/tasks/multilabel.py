"""Any number of classes per item. The unit is an item and a class: does it belong, yes or no?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.errors import AnswerError, shown
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.classification import class_name, prior_accuracies

NO, YES = 0, 1


@dataclass(frozen=True, slots=True)
class Multilabel:
    """Answers are sets of class names; the canonical text is a JSON list in the task's order.

    An answer says of every class whether it belongs; the empty set means none does.
    """

    def canonical(self, answer: Any, task: Task) -> str:
        """The JSON list of the classes, each once, in the task's order."""
        members = _members(answer)
        names = {class_name(member, task) for member in members}
        return json.dumps([name for name in task.classes if name in names], ensure_ascii=False)

    def read(self, text: str, task: Task) -> tuple[str, ...]:
        """The class names."""
        return tuple(json.loads(self.canonical(text, task)))

    def decompose(self, votes: Votes, task: Task) -> Units:
        """Unit item * classes + class, with the votes yes and no on it."""
        classes = len(task.classes)
        table = np.full((len(votes.answers) + 1, classes), ABSTAINED, np.int64)
        for row, answer in enumerate(votes.answers):
            chosen = self.read(answer, task)
            table[row] = [YES if name in chosen else NO for name in task.classes]
        matrix = VoteMatrix.build(
            (votes.item[:, None] * classes + np.arange(classes)).ravel(),
            np.repeat(votes.source, classes),
            table[votes.answer].ravel(),
            units=votes.items * classes,
            classes=2,
            kinds=[source.kind for source in votes.sources],
            complete=votes.complete,
            accuracies=prior_accuracies(votes),
            confidence=None if votes.confidence is None else np.repeat(votes.confidence, classes),
        )
        key = pa.array(np.tile(np.arange(classes, dtype=np.int32), votes.items))
        item = np.repeat(np.arange(votes.items), classes)
        return Units(matrix, item, votes.items, ("no", "yes"), key)

    def recompose(self, units: Units, posterior: Posterior, task: Task) -> Answers:
        """The classes that more likely belong than not; as sure as the least sure of them."""
        shape = (units.items, len(task.classes))
        belongs = (posterior.label == YES).reshape(shape)
        covered = np.logical_or.reduce(posterior.covered.reshape(shape), axis=1)
        texts = [
            json.dumps([task.classes[i] for i in np.flatnonzero(row)], ensure_ascii=False)
            if known
            else None
            for row, known in zip(belongs, covered, strict=True)
        ]
        sure = posterior.confidence.reshape(shape).min(axis=1, initial=1.0)
        return Answers(pa.array(texts, pa.string()), np.where(covered, sure, 0.0))


def _members(answer: Any) -> Iterable[Any]:
    """The classes in an answer: a JSON list as text, or any collection of names or indices."""
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except json.JSONDecodeError as error:
            raise AnswerError(
                f"{shown(answer)} is no JSON list of class names ({error})"
            ) from error
    if isinstance(answer, dict) or not isinstance(answer, Iterable) or isinstance(answer, str):
        raise AnswerError(f"{shown(answer)} is no list of classes; return None to abstain")
    return answer
