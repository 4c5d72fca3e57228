"""Laws that every `Engine` keeps, as plain functions that raise AssertionError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from labelwright.core.ports import Ballot, Engine, Voter


def check_engine(engine: Engine, voters: Sequence[Voter], table: pa.Table) -> None:
    """All laws, on these voters and items."""
    for rows in (1, 7, max(table.num_rows, 1)):
        check_ballots_are_what_voters_say(engine, voters, table, rows)
    check_no_items_no_ballots(engine, voters)


def check_ballots_are_what_voters_say(
    engine: Engine, voters: Sequence[Voter], table: pa.Table, batch_rows: int
) -> None:
    """Every batch comes back once, in order, with what each voter says of it."""
    batches = batches_of(table, batch_rows)
    came = list(engine.run(voters, iter(batches)))
    assert [batch.num_rows for batch, _ in came] == [batch.num_rows for batch in batches]
    for given, (batch, ballots) in zip(batches, came, strict=True):
        assert batch.equals(given)
        assert len(ballots) == len(voters)
        for voter, ballot in zip(voters, ballots, strict=True):
            _check_equal(ballot, voter.vote(batch))


def check_no_items_no_ballots(engine: Engine, voters: Sequence[Voter]) -> None:
    """Nothing in, nothing out."""
    assert list(engine.run(voters, iter([]))) == []


def check_few_batches_are_held(
    engine: Engine, voters: Sequence[Voter], batch: pa.RecordBatch, most: int
) -> None:
    """Of a long stream, at most `most` batches are drawn before the first comes out."""
    drawn = 0

    def stream() -> Iterator[pa.RecordBatch]:
        nonlocal drawn
        while True:
            drawn += 1
            yield batch

    running = iter(engine.run(voters, stream()))
    next(running)
    assert drawn <= most
    if hasattr(running, "close"):
        running.close()


def batches_of(table: pa.Table, rows: int) -> list[pa.RecordBatch]:
    """The table in batches of at most so many rows."""
    return list(table.combine_chunks().to_batches(max_chunksize=rows))


def _check_equal(one: Ballot, other: Ballot) -> None:
    assert one.answer.equals(other.answer)
    assert dict(one.failures) == dict(other.failures)
    rows = len(one.answer)
    np.testing.assert_array_equal(_confidence(one, rows), _confidence(other, rows))


def _confidence(ballot: Ballot, rows: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.full(rows, np.nan, np.float32) if ballot.confidence is None else ballot.confidence
