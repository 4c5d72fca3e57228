"""Any number of classes per item. The unit is an item and a class: does it belong, yes or no?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.answers import Partial
from labelwright.core.class_change import ClassChange
from labelwright.core.errors import AnswerError, shown
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.classification import class_name, prior_accuracies, unknown_class
from labelwright.tasks.translation import several_classes

NO, YES = 0, 1
UNSAID = -2
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Multilabel:
    """Answers are sets of class names; the canonical text is a JSON list in the task's order.

    In a table, a class or several with ``|`` between are a set, too.
    An answer says of every class whether it belongs; the empty set means none does. A mapping
    from class names to true, false or a probability, and `not_`, say so of some classes only;
    their canonical text is a JSON object.
    """

    def canonical(self, answer: Any, task: Task) -> str:
        """The JSON list (or object) of the classes, each once, in the task's order."""
        some = _some(answer)
        if some is not None:
            said = {class_name(name, task): _chance(chance) for name, chance in some.items()}
            ordered = {name: said[name] for name in task.classes if name in said}
            return json.dumps(ordered, ensure_ascii=False)
        members = _members(answer)
        names = {class_name(member, task) for member in members}
        return json.dumps([name for name in task.classes if name in names], ensure_ascii=False)

    def of_cell(self, text: str, task: Task) -> Any:
        """The classes in a cell such as ``spam|ham``; JSON stays as it is."""
        if text.lstrip().startswith(("[", "{")):
            return text
        if "|" not in text:
            return (text,)
        if any("|" in name for name in task.classes):
            raise AnswerError(
                f"{shown(text)}: a class of this task has | in its name, so that several can stand "
                'in a JSON list only, such as ["a", "b"]'
            )
        return tuple(text.split("|"))

    def read(self, text: str, task: Task) -> tuple[str, ...] | dict[str, Any]:
        """The class names, or what is said of some of them."""
        found = json.loads(self.canonical(text, task))
        return found if isinstance(found, dict) else tuple(found)

    def translated(self, text: str, change: ClassChange) -> str | None:
        """What an answer of before a change of classes means now."""
        answer = self.read(text, change.before)
        whole = {name: name in answer for name in change.before.classes}
        now = several_classes(answer if isinstance(answer, dict) else whole, change)
        yes_or_no = all(isinstance(chance, bool) for chance in now.values())
        if yes_or_no and len(now) == len(change.after.classes):
            return self.canonical([name for name, chance in now.items() if chance], change.after)
        return self.canonical(now, change.after) if now else None

    def decompose(self, votes: Votes, task: Task) -> Units:
        """Unit item * classes + class, with the votes yes and no on it."""
        classes = len(task.classes)
        said = np.full((len(votes.answers) + 1, classes), ABSTAINED, np.int64)
        sure = np.full(said.shape, np.nan, np.float32)
        for row, answer in enumerate(votes.answers):
            said[row], sure[row] = self._row(answer, task)
        label = said[votes.answer].ravel()
        asked = label != UNSAID
        confidence = sure[votes.answer].ravel()
        if votes.confidence is not None:
            own = np.repeat(votes.confidence, classes)
            confidence = np.where(np.isnan(confidence), own, confidence)
        matrix = VoteMatrix.build(
            (votes.item[:, None] * classes + np.arange(classes)).ravel()[asked],
            np.repeat(votes.source, classes)[asked],
            label[asked],
            units=votes.items * classes,
            classes=2,
            kinds=[source.kind for source in votes.sources],
            complete=votes.complete,
            accuracies=prior_accuracies(votes),
            confidence=None if np.isnan(confidence).all() else confidence[asked],
        )
        key = pa.array(np.tile(np.arange(classes, dtype=np.int32), votes.items))
        item = np.repeat(np.arange(votes.items), classes)
        return Units(matrix, item, votes.items, ("no", "yes"), key)

    def _row(self, text: str, task: Task) -> tuple[list[int], list[float]]:
        """What an answer says of each class, and how sure it is where it says so."""
        try:
            answer = self.read(text, task)
        except AnswerError:
            raise unknown_class(text, task) from None
        if not isinstance(answer, dict):
            return [YES if name in answer else NO for name in task.classes], [np.nan] * len(
                task.classes
            )
        chance = [answer.get(name) for name in task.classes]
        said = [UNSAID if c is None else (YES if c >= EVEN else NO) for c in chance]
        sure = [np.nan if c is None or isinstance(c, bool) else max(c, 1 - c) for c in chance]
        return said, sure

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


def _some(answer: Any) -> Mapping[Any, Any] | None:
    """What an answer says of some classes only; None if it is a set of classes."""
    if isinstance(answer, Partial):
        if not answer.excluded:
            raise AnswerError(
                "any number of classes may belong here, so that one_of says nothing; "
                'say {"A": True} of a class that belongs'
            )
        return dict.fromkeys(answer.names, False)
    if isinstance(answer, str) and answer.lstrip().startswith("{"):
        try:
            answer = json.loads(answer)
        except json.JSONDecodeError as error:
            raise AnswerError(f"{shown(answer)} is no JSON object ({error})") from error
    return answer if isinstance(answer, Mapping) and answer else None


def _chance(chance: Any) -> bool | float:
    if isinstance(chance, bool):
        return chance
    if not isinstance(chance, int | float) or not 0 <= chance <= 1:
        raise AnswerError(f"of a class say true, false or 0..1, got {shown(chance)}")
    return round(float(chance), 3)


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
