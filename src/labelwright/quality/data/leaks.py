"""Answers that leak: a column that gives the class away, or holds its name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Severity
from labelwright.quality.intervals import wilson

LEAST_ITEMS = 30
FEW_VALUES = 50
TELLING = 0.98
"""A column that is right this often, at the lower end of its interval, knows the answer."""


def leaked_answers(
    name: str, column: pa.Array, truth: NDArray[np.int64], classes: tuple[str, ...]
) -> list[Finding]:
    """A finding if a column tells the class of items whose truth is known.

    A value that stands for one class is judged on half of the items by what the other half says,
    so that a column with a value of its own for each item does not seem to know everything.

    Args:
        name: of the column.
        column: its values, shape (items,).
        truth: the known class of each item, -1 where unknown.
        classes: their names.
    """
    known = np.flatnonzero(truth >= 0)
    if len(known) < LEAST_ITEMS or column.null_count == len(column):
        return []
    answer = truth[known]
    usual = np.bincount(answer).max() / len(answer)
    values = column.take(pa.array(known)).dictionary_encode()
    codes = pc.fill_null(values.indices, len(values.dictionary)).to_numpy(zero_copy_only=False)
    if not 1 < len(values.dictionary) <= FEW_VALUES:
        return _names_of_classes(name, values, codes, answer, classes)
    right = _judged_by_other_half(codes, answer, len(values.dictionary) + 1)
    low = float(wilson(right, len(known)).low)
    if low < TELLING or usual > TELLING:
        return []
    message = (
        f"{name} gives the answer away: alone it is right on {right:,} of {len(known):,} items "
        "whose truth is known; leave it out unless it is known before the answer is"
    )
    return [Finding("leaked_answer", Severity.ERROR, message, field=name)]


def _judged_by_other_half(codes: NDArray[np.int64], answer: NDArray[np.int64], values: int) -> int:
    right = 0
    # As good as random, since the rows of files often alternate; the same every time.
    half = np.random.default_rng(0).random(len(codes)) < 0.5
    for learn, judge in ((half, ~half), (~half, half)):
        counts = np.zeros((values, answer.max() + 1), np.int64)
        np.add.at(counts, (codes[learn], answer[learn]), 1)
        right += int((counts.argmax(axis=1)[codes[judge]] == answer[judge]).sum())
    return right


def _names_of_classes(
    name: str,
    values: pa.DictionaryArray,
    codes: NDArray[np.int64],
    answer: NDArray[np.int64],
    classes: tuple[str, ...],
) -> list[Finding]:
    """A finding if texts, such as names of files, hold the name of their class."""
    if not pa.types.is_string(values.dictionary.type):
        return []
    lower = pc.utf8_lower(values.dictionary)
    holds = np.zeros((len(lower) + 1, len(classes)), bool)
    for place, class_ in enumerate(classes):
        hit = pc.match_substring(lower, class_.lower())
        holds[:-1, place] = hit.to_numpy(zero_copy_only=False)
    holds = holds[codes]
    own = holds[np.arange(len(answer)), answer] & (holds.sum(axis=1) == 1)
    if float(wilson(int(own.sum()), len(answer)).low) < TELLING:
        return []
    message = (
        f"{name} holds the name of the right class in {int(own.sum()):,} of {len(answer):,} items "
        "whose truth is known; leave it out of what functions and models read"
    )
    return [Finding("leaked_answer", Severity.ERROR, message, field=name)]
