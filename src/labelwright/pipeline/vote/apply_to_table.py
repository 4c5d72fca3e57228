"""Functions and rules on data frames, without a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.answer_book import TextBook
from labelwright.core.errors import DataError, SourceError
from labelwright.core.items import ID, NUMBER, SPLIT
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import Voter
from labelwright.core.tables import NamedVotes
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.engines import LocalEngine
from labelwright.sources import function_voter, rule_voter
from labelwright.sources.rule_tables import Rule
from labelwright.tasks import kind_of

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
        DataError: two columns of the table have one name, or one has a name that belongs to us.
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
    parts: list[pa.Table] = []
    for batch, ballots in LocalEngine().run(voters, items.to_batches(max_chunksize=BATCH_ROWS)):
        number = batch.column(NUMBER).to_numpy()
        for place, ballot in enumerate(ballots):
            for row, reason in ballot.failures.items():
                raise SourceError(
                    f"{voters[place].source.name} failed on row {number[row]}: {reason}"
                )
            sure = np.full(len(number), np.nan, np.float32)
            sure = sure if ballot.confidence is None else ballot.confidence
            columns = [number, np.full(len(number), place), ballot.answer, sure]
            voted = pa.table(columns, names=["item", "source", "answer", "confidence"])
            parts.append(voted.filter(ballot.answer.is_valid()))
    matrix = _matrix(parts, voters, items.num_rows, task)
    names = tuple(voter.source.name for voter in voters)
    return NamedVotes(matrix, tuple(range(items.num_rows)), names, task.classes)


def _matrix(parts: list[pa.Table], voters: Sequence[Voter], items: int, task: Task) -> VoteMatrix:
    """The votes of all batches, read as the task reads answers."""
    empty = pa.table({"item": [], "source": [], "answer": [], "confidence": []}, schema=_VOTES)
    cast = pa.concat_tables([empty, *(part.cast(_VOTES) for part in parts)]).combine_chunks()
    coded = cast["answer"].combine_chunks().dictionary_encode()
    sure = cast["confidence"].to_numpy()
    votes = Votes(
        item=cast["item"].to_numpy(),
        source=cast["source"].to_numpy(),
        answer=coded.indices.to_numpy(zero_copy_only=False),
        answers=TextBook(tuple(coded.dictionary.to_pylist())),
        sources=tuple(voter.source for voter in voters),
        items=items,
        complete=np.array([voter.source.kind.chooses for voter in voters], bool),
        confidence=None if np.isnan(sure).all() else sure,
    )
    return kind_of(task).decompose(votes, None, None, task).matrix


_VOTES = pa.schema(
    {"item": pa.int64(), "source": pa.int32(), "answer": pa.string(), "confidence": pa.float32()}
)


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
    for place, field in enumerate(arrow.schema):
        if field.name in reserved.column_names:
            raise DataError(
                f"the table has a column {field.name!r} more than once, or Labelwright needs that "
                "name for itself; give the column another name"
            )
        reserved = reserved.append_column(field, arrow.column(place))
    return reserved
