"""What was read of the log is kept; only later rows are read, and the result is the same."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VOTE_SCHEMA, VoteState
from labelwright.stores import Cache, LanceVotes, in_force
from labelwright.stores.log import votes_in_force

ITEMS = 5


@pytest.fixture(autouse=True)
def _keep_all(monkeypatch):
    monkeypatch.setattr(votes_in_force, "_WORTH_KEEPING", 0)


@pytest.fixture
def make(tmp_path):
    made = iter(range(10_000))

    def new():
        folder = tmp_path / f"votes-{next(made)}"
        folder.mkdir()
        log = LanceVotes(folder)
        log.register([Source("f"), Source("g"), Source("p", SourceKind.PERSON)])
        return log, Cache(folder / "cache")

    return new


def rows(given):
    names = ["item", "source", "state", "answer", "id", "supersedes", "confidence"]
    made = [dict(zip(names, row, strict=False)) | {"round": 0} for row in given]
    return pa.Table.from_pylist(made, schema=VOTE_SCHEMA)


def same(log, cache, sources, items):
    kept, read = in_force(log, sources, items, cache), in_force(log, sources, items)
    for name in ("item", "source", "answer", "complete"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(read, name))
    assert (kept.answers, kept.sources) == (read.answers, read.sources)
    if read.confidence is None:
        assert kept.confidence is None
    else:
        np.testing.assert_array_equal(kept.confidence, read.confidence)


a_row = st.tuples(
    st.integers(0, ITEMS - 1), st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 2, 3])
).map(lambda row: (*row, "ab"[row[0] % 2] if row[2] == VoteState.VOTED else None))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=st.lists(st.lists(a_row, max_size=6), min_size=1, max_size=4),
    order=st.permutations([0, 1, 2]),
)
def test_continued_reading_gives_what_reading_all_gives(make, batches, order):
    log, cache = make()
    for place, batch in enumerate(batches):
        log.append(rows(batch))
        same(log, cache, order if place % 2 else order[:2], ITEMS + place)


def test_only_later_rows_are_read(make, monkeypatch):
    log, cache = make()
    log.append(rows([(0, 0, 0, "a"), (1, 1, 1)]))
    in_force(log, [0, 1], 2, cache)
    log.append(rows([(1, 0, 0, "b")]))
    starts = []
    batches = LanceVotes.batches

    def watched(self, columns, where=None, *, start=0):
        starts.append(start)
        return batches(self, columns, where, start=start)

    monkeypatch.setattr(LanceVotes, "batches", watched)
    in_force(log, [0, 1], 2, cache)
    assert starts == [2]


def test_a_new_source_needs_no_reading_and_an_old_one_does(make):
    log, cache = make()
    log.append(rows([(0, 0, 0, "a"), (0, 1, 0, "b"), (0, 2, 0, "a")]))
    in_force(log, [0], 1, cache)
    log.register([Source("new")])
    log.append(rows([(0, 3, 0, "b")]))
    same(log, cache, [0, 3], 1)
    same(log, cache, [0, 1], 1)


def test_corrections_and_confidences_are_read_with_all_rows(make):
    log, cache = make()
    log.append(rows([(0, 2, 0, "a", "one"), (1, 0, 0, "a")]))
    in_force(log, [0, 1, 2], 2, cache)
    log.append(rows([(0, 1, 0, "b", "two", "one")]))
    same(log, cache, [0, 1, 2], 2)
    log.append(rows([(0, 2, 0, "b", "four", "three")]))
    same(log, cache, [0, 1, 2], 2)
    log.append(rows([(0, 2, 0, "a", "three")]))
    same(log, cache, [0, 1, 2], 2)
    log.append(rows([(1, 1, 0, "b", None, None, 0.5)]))
    same(log, cache, [0, 1, 2], 2)


def test_a_cache_of_another_log_or_a_lost_one_is_no_use(make):
    log, cache = make()
    other, _ = make()
    log.append(rows([(0, 0, 0, "a")]))
    other.append(rows([(0, 0, 0, "b"), (1, 0, 0, "b")]))
    in_force(log, [0], 2, cache)
    same(other, cache, [0], 2)
    path = cache.root / "standing.npz"
    with np.load(path) as file:
        about = str(file["_about"])
    np.savez(path, _about=np.array(about), wrong=np.arange(2))
    same(other, cache, [0], 2)
