"""Votes as people have them, a dense array or a table with a row a vote, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from labelwright.core.errors import VotesError, shown
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind


@dataclass(frozen=True, slots=True)
class NamedVotes:
    """A vote matrix with the names of its rows, columns and classes.

    Attributes:
        matrix: the votes.
        units: the name of every unit.
        sources: the name of every source.
        classes: the name of every class.
    """

    matrix: VoteMatrix
    units: tuple[Any, ...]
    sources: tuple[Any, ...]
    classes: tuple[Any, ...]


def from_table(
    table: Any,
    *,
    unit: str = "task",
    source: str = "worker",
    label: str = "label",
    kind: SourceKind | str = SourceKind.PERSON,
) -> NamedVotes:
    """The votes of a crowd-kit-style table with one row a vote, in order of first appearance.

    Args:
        table: any data frame that speaks Arrow (pandas, Polars, pyarrow).
        unit: the column that names what was voted on; likewise `source` and `label`.
        kind: what the sources are.

    Raises:
        VotesError: a column is missing, or a source voted twice on a unit.
    """
    arrow = table if isinstance(table, pa.Table) else pa.table(table)
    missing = [name for name in (unit, source, label) if name not in arrow.column_names]
    if missing:
        raise VotesError(
            f"the table lacks the column {missing[0]!r}; it has {shown(arrow.column_names)}"
        )
    codes, names = [], []
    for name in (unit, source, label):
        encoded = arrow[name].combine_chunks().dictionary_encode()
        if encoded.null_count:
            raise VotesError(f"column {name!r} has {encoded.null_count} empty values")
        codes.append(encoded.indices.to_numpy(zero_copy_only=False))
        names.append(tuple(encoded.dictionary.to_pylist()))
    matrix = VoteMatrix.build(
        *codes,
        units=len(names[0]),
        classes=max(2, len(names[2])),
        kinds=[kind] * len(names[1]),
        complete=np.zeros(len(names[1]), bool),
    )
    return NamedVotes(matrix, *names)


def as_vote_matrix(votes: VoteMatrix | NamedVotes | ArrayLike | Any) -> VoteMatrix:
    """Whatever people have as votes, as a matrix: ours, a dense array, or a table of votes."""
    match votes:
        case VoteMatrix():
            return votes
        case NamedVotes():
            return votes.matrix
        case pa.Table():
            return from_table(votes).matrix
        case _ if hasattr(votes, "__arrow_c_stream__") and hasattr(votes, "columns"):
            return from_table(votes).matrix
        case _:
            return VoteMatrix.from_dense(votes)
