"""Answers and probabilities as the columns of a file, of every kind of task alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.columns import probabilities
from labelwright.core.pieces import pieces_of
from labelwright.core.ports import TaskKind
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.tasks import kind_of, piece_columns


def answer_columns(beliefs: Beliefs, task: Task) -> dict[str, pa.Array]:
    """The columns ``label``, ``confidence`` and ``p_CLASS`` of what an end model believes."""
    answers = kind_of(task).recompose(beliefs, task)
    shares = class_shares(beliefs.probability, beliefs.items, task.classes)
    return {
        "label": answers.answer,
        "confidence": pa.array(answers.confidence),
        **share_columns(shares, task.classes),
    }


def class_shares(
    probability: NDArray[np.float64], items: int, names: Sequence[str]
) -> NDArray[np.float64]:
    """How probable it is of every item that each class is its own, or belongs to it.

    Args:
        probability: of all units of the first item, of the second...: either of one unit an item
            and these classes, or of one unit for each of these classes, whose last class is that
            it belongs.
        items: how many there are.
        names: of the classes.

    Returns:
        Shape (items, classes).
    """
    if probability.shape == (items, len(names)):
        return probability
    return probability[:, -1].reshape(items, len(names))


def share_columns(shares: NDArray[np.float64], names: Sequence[str]) -> dict[str, pa.Array]:
    """A column ``p_CLASS`` for each class."""
    return {column: pa.array(shares[:, place]) for place, column in enumerate(probabilities(names))}


def shown_shares(
    units: Units, probability: NDArray[np.float64], names: Sequence[str]
) -> NDArray[np.float64] | None:
    """`class_shares` of labels; None where the units of items are found in votes."""
    return class_shares(probability, units.items, names) if units.heads else None


def class_counts(beliefs: Beliefs, heads: Sequence[str]) -> dict[str, int]:
    """How many items each class is the class of, or belongs to.

    Where the units of items are found in votes, how many units have each class.

    Args:
        beliefs: of the units; only covered ones count.
        heads: the names of the units that every item has, see `Units.head_names`.
    """
    label = beliefs.label
    if beliefs.key is not None and heads:
        belongs = (beliefs.covered & (label > 0)).reshape(beliefs.items, len(heads))
        return dict(zip(heads, belongs.sum(axis=0).tolist(), strict=True))
    counts = np.bincount(label[beliefs.covered], minlength=len(beliefs.class_names))
    return dict(zip(beliefs.class_names, counts.tolist(), strict=True))


def pieces(beliefs: Beliefs, answers: Answers, task: Task, *, ordered: bool) -> pa.ListArray:
    """The pieces of every answer as structs, each with its own probability. Shape (items,).

    Of kinds whose answers are made of pieces, such as boxes. A piece is what becomes of a unit by
    itself; where the units of an item are a sequence a piece takes several, and is as probable as
    the whole answer. Null where an item has no answer.
    """
    kind = kind_of(task)
    if answers.chances is not None:
        return _with_chances(answers, kind)
    item, said = np.arange(beliefs.items), answers
    if not ordered:
        item, units = beliefs.item, len(beliefs.item)
        said = kind.recompose(replace(beliefs, item=np.arange(units), items=units), task)
    known = np.asarray(answers.answer.is_valid())
    table = pieces_of(pc.if_else(pa.array(known[item]), said.answer, None)).combine_chunks()
    place = table["answer"].to_numpy()
    columns = {name: _flat(table[name]) for name in piece_columns(kind)}
    columns["probability"] = pa.array(said.confidence[place])
    structs = pa.StructArray.from_arrays([*columns.values()], [*columns])
    starts = np.searchsorted(item[place], np.arange(beliefs.items + 1)).astype(np.int32)
    # Where a list begins with null, it is null.
    offsets = pa.array(starts, mask=np.append(~known, False))
    return pa.ListArray.from_arrays(offsets, structs)


def _with_chances(answers: Answers, kind: TaskKind) -> pa.ListArray:
    """The pieces of answers that say themselves how probable each piece is."""
    table = pieces_of(answers.answer).combine_chunks()
    columns = {name: _flat(table[name]) for name in piece_columns(kind)}
    assert answers.chances is not None  # noqa: S101 - the caller looked
    columns["probability"] = answers.chances.flatten()
    structs = pa.StructArray.from_arrays([*columns.values()], [*columns])
    number = np.bincount(table["answer"].to_numpy(), minlength=len(answers.answer))
    ends = np.concatenate([[0], np.cumsum(number)]).astype(np.int32)
    missing = np.append(np.asarray(answers.answer.is_null()), False)
    return pa.ListArray.from_arrays(pa.array(ends, mask=missing), structs)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """A column of pieces as one array, labels as plain text."""
    text = pa.types.is_dictionary(column.type)
    return (column.cast(pa.string()) if text else column).combine_chunks()
