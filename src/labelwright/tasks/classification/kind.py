"""One class per item. The unit is the item."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.beliefs import Beliefs
from labelwright.core.class_change import ClassChange
from labelwright.core.judgement import NOTHING, Judgement
from labelwright.core.matrix import VoteMatrix
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.class_names import at_least, class_name, prior_accuracies
from labelwright.tasks.classification.meanings import Meanings, left_by
from labelwright.tasks.judging import same_text
from labelwright.tasks.partial_text import distribution_text, members, parsed, set_text
from labelwright.tasks.translation import one_class


@dataclass(frozen=True, slots=True)
class Classification:
    """Answers are class names; the canonical text is the name itself.

    An answer may also be partial (`one_of`, `not_`, an inner class of the task) or a distribution
    over the classes by name; their texts are those of `tasks/partial_text.py`.
    """

    def check(self, task: Task) -> None:
        """Returns if there are two classes to tell apart."""
        at_least(task, 2, "for a yes/no question name both, such as: --classes spam,ham")

    def schema(self, task: Task) -> Mapping[str, Any]:
        """A class name, or the text or object of less than one class."""
        return {
            "anyOf": [
                {"type": "string", "description": "a class, or less than one: !A, A|B, inner"},
                {
                    "type": "object",
                    "description": "a distribution over the classes",
                    "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
                },
            ]
        }

    def choices(self, task: Task) -> tuple[Any, ...]:
        """The classes."""
        return task.classes

    def canonical(self, answer: Any, task: Task) -> str:
        """The class name of a name or a class index, or the text of less than one class."""
        if isinstance(answer, str) and task.index(answer.strip()) < 0:
            known = unicodedata.normalize("NFC", answer).strip()
            if known in task.inner:
                return set_text(set(task.leaves(known)), task)
            found = None if task.index(known) >= 0 else parsed(known)
            answer = answer if found is None else found
        if isinstance(answer, Partial):
            return set_text(left_by(answer, task), task)
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

    @property
    def reads(self) -> tuple[str, ...]:
        """Nothing bounds an item that is its own unit."""
        return ()

    def decompose(
        self, votes: Votes, guests: Votes | None, extent: pa.Table | None, task: Task
    ) -> Units:
        """Every item is a unit, with the votes that it got."""
        return Units(
            matrix=self._matrix(votes, task),
            item=np.arange(votes.items),
            items=votes.items,
            class_names=task.classes,
            head_names=("",),
            guests=None if guests is None else self._matrix(guests, task),
        )

    def recompose(self, beliefs: Beliefs, task: Task) -> Answers:
        """The most probable class where any source voted, null where none did."""
        names = pa.array(task.classes, pa.string())
        label = pa.array(beliefs.label, mask=~beliefs.covered)
        return Answers(names.take(label), np.where(beliefs.covered, beliefs.confidence, 0.0))

    def align(self, beliefs: Beliefs, units: Units, task: Task) -> NDArray[np.float64]:
        """The beliefs as they are: units and items are the same."""
        return beliefs.probability

    def judge(self, said: Answers, truth: Answers, task: Task) -> Judgement:
        """A row for every item of which both are known.

        A partial truth is met by every class that it leaves; a partial answer names no class.
        """
        judged = pc.and_(said.answer.is_valid(), truth.answer.is_valid())
        item = np.flatnonzero(judged.to_numpy(zero_copy_only=False))
        ours, theirs = (of.answer.take(pa.array(item)) for of in (said, truth))
        claimed, true = self._classes(ours, task), self._classes(theirs, task)
        for row in np.flatnonzero(true == NOTHING):
            left = members(self._left_by(theirs[int(row)].as_py(), task), task)
            met = (
                left[claimed[row]]
                if claimed[row] != NOTHING
                else ours[int(row)] == theirs[int(row)]
            )
            true[row] = claimed[row] if met and claimed[row] != NOTHING else left.argmax()
            claimed[row] = true[row] if met else claimed[row]
        return Judgement(
            item=item,
            said=claimed,
            truth=true,
            confidence=said.confidence[item].astype(np.float32),
            overlap=np.ones(len(item), np.float32),
            weight=np.ones(len(item)),
            class_names=task.classes,
        )

    def alike(self, one: Answers, other: Answers, task: Task) -> NDArray[np.float64]:
        """1 where the answers are the same, else 0."""
        return same_text(one, other)

    def _matrix(self, votes: Votes, task: Task) -> VoteMatrix:
        meant = Meanings(self.read, task, votes)
        return VoteMatrix.build(
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

    def _classes(self, texts: pa.StringArray, task: Task) -> NDArray[np.int16]:
        """The class that each answer names, `NOTHING` where it says less than one."""
        found = pc.index_in(texts, value_set=pa.array(task.classes, pa.string()))
        return found.fill_null(NOTHING).to_numpy().astype(np.int16)

    def _left_by(self, text: str, task: Task) -> set[str]:
        """The classes that are possible under an answer of less than one class."""
        answer = self.read(text, task)
        return left_by(answer, task) if isinstance(answer, Partial) else set(answer)
