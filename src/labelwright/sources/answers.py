"""What a labeling function returned, made canonical."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.errors import AnswerError, shown
from labelwright.core.ports import Ballot, CellTaskKind
from labelwright.core.task import Task
from labelwright.core.votes import ABSTAIN
from labelwright.tasks import kind_of

MAX_REASON = 300


class BallotBox:
    """Collects one source's answers on one batch, item by item.

    Args:
        rows: how many items the batch has.
        canonical: from :func:`canonical_for`; shared by batches, since it remembers answers.
    """

    def __init__(self, rows: int, canonical: Callable[[Any], str]) -> None:
        self._canonical = canonical
        self._answers: list[str | None] = [None] * rows
        self._confidence: dict[int, float] = {}
        self._failures: dict[int, str] = {}
        self._asked: int | None = None

    def cast(self, place: int, answer: Any) -> None:
        """Takes a class name, a class index, None, or one of these with its confidence.

        Raises:
            AnswerError: it is nothing that the task allows.
        """
        if type(answer) is str:
            self._answers[place] = self._canonical(answer)
        elif answer is ABSTAIN:
            return
        elif type(answer) is tuple and len(answer) == 2 and _is_number(answer[1]):
            answer, confidence = answer
            if not 0 <= confidence <= 1:
                raise AnswerError(f"a confidence must lie in 0..1, got {shown(confidence)}")
            if answer is ABSTAIN:
                return
            self._answers[place] = self._canonical(answer)
            self._confidence[place] = float(confidence)
        else:
            self._answers[place] = self._canonical(answer)

    def fail(self, place: int, reason: str) -> None:
        """Records that the source failed on the item."""
        self._answers[place] = None
        self._confidence.pop(place, None)
        self._failures[place] = reason if len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]}…"

    def leave(self, first: int) -> None:
        """The items from `first` on were not asked."""
        self._asked = first

    def ballot(self, printed: str = "") -> Ballot:
        """What was collected."""
        rows = len(self._answers)
        confidence = None
        if self._confidence:
            confidence = np.full(rows, np.nan, np.float32)
            confidence[list(self._confidence)] = list(self._confidence.values())
        asked = None if self._asked is None else np.arange(rows) < self._asked
        answers = pa.array(self._answers, pa.string())
        return Ballot(answers, confidence, self._failures, asked, printed=printed)


def canonical_for(task: Task) -> Callable[[Any], str]:
    """The canonical text of an answer, asked of the task kind once per distinct answer."""
    kind = kind_of(task)
    plain = kind if isinstance(kind, CellTaskKind) else None
    texts: dict[str, str] = {}
    others: dict[tuple[type, Any], str] = {}

    def canonical(answer: Any) -> str:
        if type(answer) is str:
            known = texts.get(answer)
            if known is None:
                # As in a cell of a file and in a rule, one class may stand for the set of it.
                read = plain.of_cell(answer, task) if plain is not None else answer
                known = texts[answer] = kind.canonical(read, task)
            return known
        # True, 1 and 1.0 are equal keys but not equal answers: the type is part of the key.
        key = (type(answer), answer)
        try:
            known = others.get(key)
        except TypeError:
            return kind.canonical(answer, task)
        if known is None:
            known = others[key] = kind.canonical(answer, task)
        return known

    return canonical


def is_missing(answer: Any) -> bool:
    """Whether a column says that there is no answer here: null, None or NaN."""
    return answer is None or (isinstance(answer, float) and math.isnan(answer))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
