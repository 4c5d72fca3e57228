"""The laws of stores: `ItemStore`, `VoteLog` and `Desk`.

Each law is a plain function that takes empty implementations and data, and raises AssertionError
where the law is broken. Call them from tests, for instance with data drawn by hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from labelwright.core.items import ID, NUMBER
from labelwright.core.pool import Assignment
from labelwright.core.ports import Desk, ItemStore, VoteLog
from labelwright.core.source import Source
from labelwright.core.votes import Vote

__all__ = [
    "check_a_claim_never_gives_an_item_twice",
    "check_desk_takes_each_vote_once",
    "check_items_are_append_only",
    "check_items_come_back",
    "check_take_agrees_with_scan",
    "check_votes_are_append_only",
    "check_votes_come_back",
    "same",
]


def check_items_come_back(store: ItemStore, batches: Sequence[pa.RecordBatch]) -> None:
    """What is read is what was written, numbered in the order of arrival, each id once.

    Args:
        store: an empty store.
        batches: items with ``_id``, ``_hash`` and the same user fields each.
    """
    arrival = store.append(batches)
    offered = pa.Table.from_batches(batches)
    ids = offered[ID].to_pylist()
    first = [place for place, id_ in enumerate(ids) if id_ not in ids[:place]]
    assert arrival.added == len(first) == store.count()
    assert arrival.added + arrival.unchanged + len(arrival.conflicts) == len(ids)
    stored = _all(store)
    assert stored[NUMBER].to_pylist() == list(range(len(first)))
    for name in offered.column_names if first else []:
        assert same(stored[name], offered[name].take(pa.array(first, pa.int64()))), name


def check_items_are_append_only(
    store: ItemStore, batches: Sequence[pa.RecordBatch], again: bool = True
) -> None:
    """What was read before an append is how everything starts that is read after it.

    Args:
        store: an empty store.
        batches: items, appended one batch at a time.
        again: whether to append everything once more, which must change nothing.
    """
    for batch in batches:
        before = _all(store)
        store.append([batch])
        after = _all(store).slice(0, before.num_rows)
        assert all(same(before[name], after[name]) for name in before.column_names)
    if again:
        before = _all(store)
        arrival = store.append(batches)
        assert arrival.added == 0
        assert _all(store).num_rows == before.num_rows


def check_take_agrees_with_scan(store: ItemStore, numbers: Sequence[int], start: int) -> None:
    """`take` and a scan from the middle give the rows that a whole scan gives.

    Args:
        store: with items in it.
        numbers: item numbers, repetitions allowed.
        start: where to start in the middle.
    """
    whole = _all(store)
    taken = store.take(np.array(numbers, np.int64))
    for name in whole.column_names:
        assert same(taken[name], whole[name].take(pa.array(numbers, pa.int64()))), name
    rest = list(store.scan([ID], start=start, batch_rows=3))
    assert all(batch.num_rows <= 3 for batch in rest)
    read = [number for batch in rest for number in batch[NUMBER].to_pylist()]
    assert read == list(range(start, store.count()))


def check_votes_come_back(
    log: VoteLog, sources: Sequence[Source], tables: Sequence[pa.Table]
) -> None:
    """What is read is what was written, in order, and every source keeps its number.

    Args:
        log: an empty log.
        sources: who votes, all different.
        tables: rows of `VOTE_SCHEMA` without ids, whose sources are places in `sources`.
    """
    numbers = log.register(sources)
    assert numbers.tolist() == list(range(len(sources)))
    assert log.register(sources[::-1]).tolist() == numbers.tolist()[::-1]
    assert log.sources() == tuple(sources)
    for table in tables:
        log.append(table)
    offered = pa.concat_tables(tables)
    stored = log.scan()
    assert stored.schema == offered.schema
    assert all(same(stored[name], offered[name]) for name in offered.column_names)
    chosen = numbers[::2].tolist()
    mask = pa.array([source in chosen for source in offered["source"].to_pylist()], pa.bool_())
    part = log.scan(chosen, ["item", "answer"])
    assert same(part["item"], offered["item"].filter(mask))
    assert same(part["answer"], offered["answer"].filter(mask))


def check_votes_are_append_only(log: VoteLog, tables: Sequence[pa.Table]) -> None:
    """What was read before an append is how everything starts that is read after it.

    Args:
        log: with the sources of the votes registered.
        tables: rows of `VOTE_SCHEMA`.
    """
    for table in tables:
        before = log.scan()
        log.append(table)
        after = log.scan().slice(0, before.num_rows)
        assert all(same(before[name], after[name]) for name in before.column_names)


def check_a_claim_never_gives_an_item_twice(
    desk: Desk, claims: Sequence[tuple[str, float, int]], lease_s: float
) -> list[Assignment]:
    """Nobody gets an item twice, and no two people hold one assignment at a time.

    Args:
        desk: with at most one assignment an item in it.
        claims: person, how many seconds after the claim before, and how many.
        lease_s: how long the desk leases.
    """
    now, given = 0.0, list[Assignment]()
    for person, later, count in claims:
        now += later
        claimed = desk.claim(person, now, count)
        assert len(claimed) <= count
        for assignment in claimed:
            assert assignment.person == person
            assert assignment.lease_until == now + lease_s
            had = [one for one in given if one.item == assignment.item]
            assert person not in [one.person for one in had]
            assert all(one.lease_until <= now for one in had)
            given.append(assignment)
    return given


def check_desk_takes_each_vote_once(
    desk: Desk, votes: Sequence[Vote], reopen: Callable[[], Desk]
) -> None:
    """However often a vote is sent, it is drained once, also from a desk opened anew.

    Args:
        desk: an empty desk.
        votes: with ids, some perhaps more than once.
        reopen: opens the same desk anew, as after a crash.
    """
    for vote in votes:
        desk.answer(vote)
        desk.answer(vote)
    first = {vote.id: vote for vote in reversed(votes)}
    expected = [first[id_] for id_ in dict.fromkeys(vote.id for vote in votes)]
    assert list(desk.drain()) == expected
    assert list(reopen().drain()) == expected


def same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Whether two columns hold the same values; NaN equals NaN."""
    if pa.types.is_floating(one.type) and pa.types.is_floating(other.type):
        valid = one.is_valid().to_pylist() == other.is_valid().to_pylist()
        left, right = (np.array(column.to_pylist(), np.float64) for column in (one, other))
        return valid and np.array_equal(left, right, equal_nan=True)
    left_values, right_values = one.to_pylist(), other.to_pylist()
    return bool(left_values == right_values)


def _all(store: ItemStore) -> pa.Table:
    batches = list(store.scan())
    return pa.Table.from_batches(batches, store.schema())
