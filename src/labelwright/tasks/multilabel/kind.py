"""Any number of classes per item. The unit is an item and a class: does it belong, yes or no?"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.beliefs import Beliefs
from labelwright.core.class_change import ClassChange
from labelwright.core.errors import AnswerError, SettingsError, shown
from labelwright.core.judgement import NOTHING, Judgement
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.class_names import (
    at_least,
    class_name,
    no_parents,
    prior_accuracies,
    unknown_class,
)
from labelwright.tasks.translation import several_classes

NO, YES = 0, 1
UNSAID = -2
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Multilabel:
    """Answers are sets of class names; the canonical text is a JSON list in the task's order.

    In a table, and from a function or a rule, a class or several with ``|`` between are a set, too.
    An answer says of every class whether it belongs; the empty set means none does. A mapping
    from class names to true, false or a probability, and `not_`, say so of some classes only;
    their canonical text is a JSON object.
    """

    def check(self, task: Task) -> None:
        """Returns if there is a class to ask of; of one class the question is yes or no.

        Raises:
            SettingsError: there is none, or one is inner, or reads like a set of classes.
        """
        at_least(task, 1, "name what may belong to an item, such as: --classes sports,politics")
        no_parents(task)
        for name in filter(_is_json, task.classes):
            if all(isinstance(one, str) and _is_class(one, task) for one in json.loads(name)):
                raise SettingsError(f"the class {shown(name)} reads like a set of classes")

    def schema(self, task: Task) -> Mapping[str, Any]:
        """A list of classes, or an object that says of some classes whether they belong."""
        return {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            {"type": "boolean"},
                            {"type": "number", "minimum": 0, "maximum": 1},
                        ]
                    },
                },
                {"type": "string", "description": "either of them as JSON text"},
            ]
        }

    def choices(self, task: Task) -> tuple[Any, ...]:
        """None: one key says of one class that it belongs, not the whole answer."""
        return ()

    def canonical(self, answer: Any, task: Task) -> str:
        """The JSON list (or object) of the classes, each once, in the task's order."""
        some = _some(answer)
        if some is not None:
            said = {class_name(name, task): _chance(chance) for name, chance in some.items()}
            ordered = {name: said[name] for name in task.classes if name in said}
            return json.dumps(ordered, ensure_ascii=False)
        members = _members(answer, task)
        names = {class_name(member, task) for member in members}
        return json.dumps([name for name in task.classes if name in names], ensure_ascii=False)

    def of_cell(self, text: str, task: Task) -> Any:
        """The classes in a cell such as ``spam|ham``; JSON stays as it is."""
        one = _is_class(text, task)
        if _is_json(text) and not one:
            return text
        if "|" not in text:
            return (text,)
        several = tuple(text.split("|"))
        unclear = one == all(_is_class(name, task) for name in several)
        if unclear and any("|" in name for name in task.classes):
            raise AnswerError(
                f"{shown(text)}: a class of this task has | in its name, so that several can stand "
                'in a JSON list only, such as ["a", "b"]'
            )
        return (text,) if one else several

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

    @property
    def reads(self) -> tuple[str, ...]:
        """Nothing bounds an item: its units are the classes."""
        return ()

    def decompose(
        self, votes: Votes, guests: Votes | None, extent: pa.Table | None, task: Task
    ) -> Units:
        """Unit item * classes + class, with the votes yes and no on it."""
        classes = len(task.classes)
        return Units(
            matrix=self._matrix(votes, task),
            item=np.repeat(np.arange(votes.items), classes),
            items=votes.items,
            class_names=("no", "yes"),
            key=pa.array(np.tile(np.arange(classes, dtype=np.int32), votes.items)),
            head_names=task.classes,
            guests=None if guests is None else self._matrix(guests, task),
        )

    def recompose(self, beliefs: Beliefs, task: Task) -> Answers:
        """The classes that more likely belong than not; as sure as the least sure of them.

        A class of which nothing is known does not belong, however frequent classes are.
        """
        shape = (beliefs.items, len(task.classes))
        belongs = ((beliefs.label == YES) & beliefs.covered).reshape(shape)
        covered = np.logical_or.reduce(beliefs.covered.reshape(shape), axis=1)
        sets, which = np.unique(belongs, axis=0, return_inverse=True)
        texts = pa.array([_listed(row, task) for row in sets], pa.string())
        sure = beliefs.confidence.reshape(shape).min(axis=1, initial=1.0)
        return Answers(
            texts.take(pa.array(which.reshape(-1), mask=~covered)), np.where(covered, sure, 0.0)
        )

    def align(self, beliefs: Beliefs, units: Units, task: Task) -> NDArray[np.float64]:
        """The beliefs as they are: every item has the same units."""
        return beliefs.probability

    def judge(self, said: Answers, truth: Answers, task: Task) -> Judgement:
        """A row for every class that was said or is true of an item of which both are known.

        Of classes on which the truth is silent no row tells.
        """
        judged = pc.and_(said.answer.is_valid(), truth.answer.is_valid())
        items = np.flatnonzero(judged.to_numpy(zero_copy_only=False))
        ours, theirs = (self._said(of.answer.take(pa.array(items)), task) for of in (said, truth))
        row, place = np.nonzero((theirs != UNSAID) & ((ours == YES) | (theirs == YES)))
        name = place.astype(np.int16)
        return Judgement(
            item=items[row],
            said=np.where(ours[row, place] == YES, name, NOTHING).astype(np.int16),
            truth=np.where(theirs[row, place] == YES, name, NOTHING).astype(np.int16),
            confidence=said.confidence[items[row]].astype(np.float32),
            overlap=np.ones(len(row), np.float32),
            weight=np.ones(len(row)),
            class_names=task.classes,
        )

    def alike(self, one: Answers, other: Answers, task: Task) -> NDArray[np.float64]:
        """The share of the classes that either names which both name; 1 where neither names any."""
        known = pc.and_(one.answer.is_valid(), other.answer.is_valid())
        items = np.flatnonzero(known.to_numpy(zero_copy_only=False))
        ours, theirs = (
            self._said(of.answer.take(pa.array(items)), task) == YES for of in (one, other)
        )
        both, either = (ours & theirs).sum(axis=1), (ours | theirs).sum(axis=1)
        found = np.full(len(one.answer), np.nan)
        found[items] = np.divide(both, either, out=np.ones(len(items)), where=either > 0)
        return found

    def _matrix(self, votes: Votes, task: Task) -> VoteMatrix:
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
        return VoteMatrix.build(
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

    def _said(self, texts: pa.StringArray, task: Task) -> NDArray[np.int64]:
        """What each answer says of each class: yes, no or nothing. Shape (texts, classes)."""
        coded = texts.dictionary_encode()
        rows = [self._row(text, task)[0] for text in coded.dictionary.to_pylist()]
        table = np.array(rows, np.int64).reshape(-1, len(task.classes))
        return table[coded.indices.to_numpy(zero_copy_only=False)]

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


def _listed(belongs: NDArray[np.bool_], task: Task) -> str:
    """The canonical text of the set of classes that are marked."""
    return json.dumps([task.classes[i] for i in np.flatnonzero(belongs)], ensure_ascii=False)


def _some(answer: Any) -> Mapping[Any, Any] | None:
    """What an answer says of some classes only; None if it is a set of classes."""
    if isinstance(answer, Partial):
        if not answer.excluded:
            raise AnswerError(
                "any number of classes may belong here, so that one_of says nothing; "
                'say {"A": True} of a class that belongs'
            )
        return dict.fromkeys(answer.names, False)
    if isinstance(answer, str) and answer.lstrip().startswith("{") and _is_json(answer):
        answer = json.loads(answer)
    return answer if isinstance(answer, Mapping) and answer else None


def _is_class(name: str, task: Task) -> bool:
    # As the task keeps its classes.
    return task.index(unicodedata.normalize("NFC", name).strip()) >= 0


def _is_json(text: str) -> bool:
    """Whether the text is a JSON list or object; the name of a class may begin like one."""
    if not text.lstrip().startswith(("[", "{")):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _chance(chance: Any) -> bool | float:
    if isinstance(chance, bool):
        return chance
    if not isinstance(chance, int | float) or not 0 <= chance <= 1:
        raise AnswerError(f"of a class say true, false or 0..1, got {shown(chance)}")
    return round(float(chance), 3)


def _members(answer: Any, task: Task) -> Iterable[Any]:
    """The classes in an answer: a JSON list as text, or any collection of names or indices."""
    if isinstance(answer, str) and _is_class(answer, task):
        raise AnswerError(
            f"{shown(answer)} is one class, and any number may belong here: give "
            f"[{shown(answer)}], or {{{shown(answer)}: True}} to say nothing of the others"
        )
    found = json.loads(answer) if isinstance(answer, str) and _is_json(answer) else answer
    if isinstance(found, str | Mapping) or not isinstance(found, Iterable):
        raise AnswerError(
            f"{shown(answer)} is no list of classes and no JSON object; give a list such as "
            f"{shown([*task.classes[:2]])}, or return None to abstain"
        )
    return found
