"""Answers as files spell them -> answers as the vote log keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, DataError, nearest, shown
from labelwright.core.ports import CellTaskKind, TaskKind
from labelwright.core.task import Task
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True, eq=False)
class Spelled:
    """Answers as a file spells them.

    Attributes:
        texts: null where the file says that there is none, blank for an empty cell, shape (rows,).
        file: where they stand.
        line: of each, shape (rows,).
    """

    texts: pa.StringArray
    file: str
    line: NDArray[np.int64]


def canonical_answers(
    spelled: Spelled, task: Task, empty: str | None = None
) -> tuple[pa.StringArray, NDArray[np.bool_]]:
    """The canonical answers, null where there is none, and which rows hold what is no answer.

    Each different spelling is looked at once.

    Args:
        spelled: what the file says.
        task: what may be answered.
        empty: what an empty list or cell says where "nothing" is an answer, too: ``none`` for that
            answer, ``unknown`` for no answer.

    Raises:
        DataError: there is such a one, and nobody said what it means.
    """
    coded = spelled.texts.dictionary_encode()
    kind = kind_of(task)
    plain = kind if isinstance(kind, CellTaskKind) else None
    nothing = _canonical(kind, [], task)
    names, wrong = list[str | None](), list[bool]()
    for place, text in enumerate(coded.dictionary.to_pylist()):
        blank = not text.strip()
        name = None if blank else _canonical(kind, text, task, plain)
        wrong.append(name is None and not blank)
        # Where answers are lists of pieces, an empty list is written by who looked and found none.
        if nothing is not None and (blank or (plain is not None and name == nothing)):
            if empty is None:
                raise _unclear(spelled, coded.indices.index(place).as_py(), text)
            name = nothing if empty == "none" else None
        names.append(name)
    answers = pa.array(names, pa.string()).take(coded.indices)
    bad = pa.array(wrong, pa.bool_()).take(coded.indices).fill_null(False)
    return answers, bad.to_numpy(zero_copy_only=False)


def not_allowed(told: str, task: Task, why: str = "the task does not allow this answer") -> str:
    """Why this answer of a file was set aside, and which class it may mean."""
    near = _class_like(told, task.classes)
    return why if near is None else f"{why}; did you mean {near!r}?"


# A file misspells few things, and may do so a hundred thousand times.
@lru_cache(maxsize=1024)
def _class_like(told: str, classes: tuple[str, ...]) -> str | None:
    return nearest(told, classes)


def _canonical(
    kind: TaskKind, answer: Any, task: Task, plain: CellTaskKind | None = None
) -> str | None:
    """The canonical answer, None if it is no answer."""
    try:
        if plain is not None:
            answer = plain.of_cell(answer, task)
        return kind.canonical(answer, task)
    except AnswerError:
        return None


def _unclear(spelled: Spelled, row: int, text: str) -> DataError:
    what = f"the answer is {shown(text)}" if text.strip() else "the answer is an empty cell"
    return DataError(
        f"{spelled.file}:{int(spelled.line[row])}: {what}, which can mean that none belongs "
        "here or that the answer is not known; say which with --empty none or --empty unknown "
        "(in Python and the API, empty='none' or empty='unknown'; for a watched folder, empty in "
        "[watch])"
    )
