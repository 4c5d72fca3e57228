"""Laws that every `Voter` keeps, as plain functions that raise AssertionError."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from labelwright.core.ports import Ballot, Voter
from labelwright.core.task import Task
from labelwright.tasks import kind_of


def check_voter(voter: Voter, batch: pa.RecordBatch, task: Task) -> None:
    """All laws of one voter on one batch."""
    ballot = voter.vote(batch)
    check_ballot(ballot, batch.num_rows, task)
    check_same_ballot(ballot, voter.vote(batch))
    check_votes_do_not_depend_on_the_batch(voter, batch)
    check_empty_batch(voter, batch)


def check_ballot(ballot: Ballot, rows: int, task: Task) -> None:
    """One answer per row, canonical or null; confidences in 0..1; failures are no votes."""
    assert len(ballot.answer) == rows
    assert ballot.answer.type == pa.string()
    kind = kind_of(task)
    for answer in ballot.answer.unique().drop_null().to_pylist():
        assert kind.canonical(kind.read(answer, task), task) == answer
    if ballot.confidence is not None:
        assert ballot.confidence.shape == (rows,)
        given = ballot.confidence[~np.isnan(ballot.confidence)]
        assert np.all((given >= 0) & (given <= 1))
    for place, reason in ballot.failures.items():
        assert 0 <= place < rows
        assert reason
        assert not ballot.answer[place].is_valid
    if ballot.asked is not None:
        assert ballot.asked.shape == (rows,)
        assert not any(ballot.answer[int(p)].is_valid for p in np.flatnonzero(~ballot.asked))


def check_same_ballot(one: Ballot, other: Ballot) -> None:
    """The same votes, confidences, failures and questions."""
    assert one.answer.equals(other.answer)
    rows = len(one.answer)
    np.testing.assert_array_equal(_confidence(one, rows), _confidence(other, rows))
    assert dict(one.failures) == dict(other.failures)
    np.testing.assert_array_equal(_asked(one, rows), _asked(other, rows))


def check_votes_do_not_depend_on_the_batch(voter: Voter, batch: pa.RecordBatch) -> None:
    """An item gets the same vote alone as among others."""
    whole = voter.vote(batch)
    for place in range(min(batch.num_rows, 20)):
        alone = voter.vote(batch.slice(place, 1))
        assert alone.answer.equals(whole.answer.slice(place, 1))
        assert alone.failures.get(0) == whole.failures.get(place)


def check_empty_batch(voter: Voter, batch: pa.RecordBatch) -> None:
    """No items, no votes, no failures."""
    nothing = voter.vote(batch.slice(0, 0))
    assert len(nothing.answer) == 0
    assert not nothing.failures


def check_same_version(one: Voter, other: Voter) -> None:
    """Two voters that do the same have the same version."""
    assert one.source.version == other.source.version


def check_other_version(one: Voter, other: Voter) -> None:
    """Two voters that do different things have different versions."""
    assert one.source.version != other.source.version


def _confidence(ballot: Ballot, rows: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.full(rows, np.nan, np.float32) if ballot.confidence is None else ballot.confidence


def _asked(ballot: Ballot, rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(rows, np.bool_) if ballot.asked is None else ballot.asked
