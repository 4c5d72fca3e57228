"""Answers as files spell them -> answers as the vote log keeps them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError
from labelwright.core.task import Task
from labelwright.tasks import kind_of


def canonical_answers(
    spelled: pa.StringArray, task: Task
) -> tuple[pa.StringArray, NDArray[np.bool_]]:
    """The canonical answers, null where the file had none, and which of them are no answers.

    Each different spelling is looked at once.
    """
    kind, coded = kind_of(task), spelled.dictionary_encode()
    names: list[str | None] = []
    for text in coded.dictionary.to_pylist():
        try:
            names.append(kind.canonical(text, task))
        except AnswerError:
            names.append(None)
    answers = pa.array(names, pa.string()).take(coded.indices)
    wrong = spelled.is_valid().to_numpy(zero_copy_only=False) & answers.is_null().to_numpy(
        zero_copy_only=False
    )
    return answers, wrong
