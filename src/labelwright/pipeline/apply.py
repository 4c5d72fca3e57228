"""Functions and rules on data frames, without a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.errors import DataError, SourceError
from labelwright.core.items import ID, NUMBER, SPLIT
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.ports import Voter
from labelwright.core.tables import NamedVotes
from labelwright.core.task import Task
from labelwright.engines import LocalEngine
from labelwright.sources import function_voter, rule_voter
from labelwright.sources.rule_tables import Rule

BATCH_ROWS = 32_768


def apply(
    sources: Sequence[Voter | Rule | Callable[..., Any]],
    table: Any,
    classes: Sequence[str],
    *,
    text: str | None = None,
) -> NamedVotes:
    """The votes of functions and rules on the rows of a table.

    Args:
        sources: functions (decorated with `lw.source` or plain), rules, or voters.
        table: a data frame of pandas or Polars, or an Arrow table.
        classes: the class names.
        text: the field that conditions read which name none.

    Returns:
        A vote matrix with the names of its rows (their places), sources and classes; hand it to
        a label model. `.matrix.to_dense()` is Snorkel's array, -1 where a source abstained.

    Raises:
        SourceError: a source failed on a row; in a project that would be one lost vote.

    Example:
        >>> def free(x):
        ...     return "spam" if "free" in x.text else None
        >>> apply([free], pa.table({"text": ["free!", "hello"]}), ["spam", "ham"]).matrix.to_dense()
        array([[ 0],
               [-1]], dtype=int16)
    """
    task = Task("classification", tuple(classes))
    voters = [_voter(source, task, text) for source in sources]
    items = _items(table)
    index = {name: place for place, name in enumerate(task.classes)}
    parts: list[tuple[np.ndarray, int, np.ndarray]] = []
    for batch, ballots in LocalEngine().run(voters, items.to_batches(max_chunksize=BATCH_ROWS)):
        number = batch.column(NUMBER).to_numpy()
        for place, ballot in enumerate(ballots):
            for row, reason in ballot.failures.items():
                raise SourceError(
                    f"{voters[place].source.name} failed on row {number[row]}: {reason}"
                )
            coded = ballot.answer.dictionary_encode()
            lookup = np.array([*(index[n] for n in coded.dictionary.to_pylist()), ABSTAINED])
            codes = lookup[coded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False)]
            parts.append((number[codes >= 0], place, codes[codes >= 0]))
    matrix = VoteMatrix.build(
        np.concatenate([np.zeros(0, np.int64), *(unit for unit, _, _ in parts)]),
        np.repeat([place for _, place, _ in parts], [len(unit) for unit, _, _ in parts]).astype(
            int
        ),
        np.concatenate([np.zeros(0, np.int64), *(codes for _, _, codes in parts)]),
        units=items.num_rows,
        classes=len(task.classes),
        kinds=[voter.source.kind for voter in voters],
    )
    names = tuple(voter.source.name for voter in voters)
    return NamedVotes(matrix, tuple(range(items.num_rows)), names, task.classes)


def _voter(source: Voter | Rule | Callable[..., Any], task: Task, text: str | None) -> Voter:
    if isinstance(source, Rule):
        return rule_voter(source, task, text=text)
    if hasattr(source, "vote") and hasattr(source, "isolated"):
        return source  # type: ignore[return-value] # it has what a voter needs
    return function_voter(source, task)


def _items(table: Any) -> pa.Table:
    """The rows as items: numbered, with their place as their id."""
    try:
        arrow = table if isinstance(table, pa.Table) else pa.table(table)
    except (TypeError, pa.ArrowException) as error:
        raise DataError(
            f"a {type(table).__name__} is no table; hand in a frame of pandas or Polars, or an "
            "Arrow table"
        ) from error
    number = np.arange(arrow.num_rows)
    reserved = pa.table(
        {
            NUMBER: pa.array(number),
            ID: pa.array(number).cast(pa.string()),
            SPLIT: pa.array([""] * arrow.num_rows, pa.string()),
        }
    )
    for field in arrow.schema:
        reserved = reserved.append_column(field, arrow[field.name])
    return reserved
