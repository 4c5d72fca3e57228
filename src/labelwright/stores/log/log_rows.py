"""Rows of the vote log, made from ballots of machines and votes of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from labelwright.core.ports import Ballot
from labelwright.core.votes import VOTE_SCHEMA, Vote, VoteState


def ballot_rows(
    ballot: Ballot,
    item: NDArray[np.int64],
    source: int,
    *,
    round_: int = 0,
    time: datetime | None = None,
    seconds: float | None = None,
) -> pa.Table:
    """The rows that one machine's ballot on one batch adds to the log.

    Args:
        ballot: its votes.
        item: the numbers of the items of the batch, shape (items,).
        source: the number of the source version.
        round_: in which round it voted.
        time: when, in UTC.
        seconds: time per vote.
    """
    count = len(item)
    state = np.where(
        ballot.answer.is_valid().to_numpy(zero_copy_only=False),
        np.int8(VoteState.VOTED),
        np.int8(VoteState.ABSTAINED),
    )
    reason = pa.nulls(count, pa.string())
    if ballot.failures:
        failed = np.fromiter(ballot.failures, np.int64)
        state[failed] = VoteState.FAILED
        texts = np.full(count, None, object)
        texts[failed] = list(ballot.failures.values())
        reason = pa.array(texts, pa.string())
    given = {
        "item": pa.array(item, pa.int64()),
        "source": pa.repeat(pa.scalar(source, pa.int32()), count),
        "state": pa.array(state),
        "answer": ballot.answer,
        "confidence": _confidence(ballot.confidence),
        "seconds": pa.repeat(pa.scalar(seconds, pa.float32()), count),
        "time": pa.repeat(pa.scalar(time, VOTE_SCHEMA.field("time").type), count),
        "round": pa.repeat(pa.scalar(round_, pa.int32()), count),
        "reason": reason,
    }
    rows = _table(given, count)
    # An item that was not asked about has no row, and so will be asked next time.
    return rows if ballot.asked is None else rows.filter(pa.array(ballot.asked))


def vote_rows(
    votes: Sequence[Vote], item: ArrayLike, source: ArrayLike, *, round_: int = 0
) -> pa.Table:
    """The rows that votes of people add to the log.

    Args:
        votes: as they were cast.
        item: the number of each vote's item, shape (votes,).
        source: the number of each vote's source, shape (votes,).
        round_: in which round they were cast.
    """
    given = {
        "item": pa.array(np.asarray(item, np.int64)),
        "source": pa.array(np.asarray(source, np.int32)),
        "state": pa.array([int(vote.state) for vote in votes], pa.int8()),
        "round": pa.repeat(pa.scalar(round_, pa.int32()), len(votes)),
    }
    for name in ("answer", "confidence", "seconds", "time", "id", "supersedes", "schema"):
        values = [getattr(vote, name) for vote in votes]
        given[name] = pa.array(values, VOTE_SCHEMA.field(name).type)
    return _table(given, len(votes))


def _confidence(confidence: NDArray[np.float32] | None) -> pa.Array | None:
    """NaN as null: the source gave none."""
    if confidence is None:
        return None
    return pa.array(confidence, pa.float32(), mask=np.isnan(confidence))


def _table(given: dict[str, pa.Array | None], rows: int) -> pa.Table:
    arrays = [
        pa.nulls(rows, field.type) if (column := given.get(field.name)) is None else column
        for field in VOTE_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=VOTE_SCHEMA)
