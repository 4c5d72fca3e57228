import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VOTE_SCHEMA, VoteState
from labelwright.stores import LanceVotes, SourceTally, asked, in_force, tally
from labelwright.stores.log import votes_in_force

VOTED, ABSTAINED, FAILED, WITHDRAWN = VoteState
ITEMS, SOURCES = 4, 3


def table(*given):
    """Rows (item, source, state, answer) with id, supersedes, confidence or reason behind."""
    names = ["item", "source", "state", "answer", "id", "supersedes", "confidence", "reason"]
    made = [dict(zip(names, row, strict=False)) | {"round": 0} for row in given]
    return pa.Table.from_pylist(made, schema=VOTE_SCHEMA)


@pytest.fixture
def new_log(tmp_path):
    made = iter(range(10_000))

    def make():
        folder = tmp_path / f"votes-{next(made)}"
        folder.mkdir()
        log = LanceVotes(folder)
        log.register([Source("f"), Source("g"), Source("p", SourceKind.PERSON)])
        return log

    return make


@pytest.fixture
def log(new_log):
    return new_log()


@pytest.fixture(params=["a cell a pair", "a cell a row"])
def layout(request, monkeypatch):
    if request.param == "a cell a row":
        monkeypatch.setattr(votes_in_force, "_CELLS_ALWAYS", 0)
        monkeypatch.setattr(votes_in_force, "_CELLS_PER_ROW", 0)


def readable(votes):
    """item, source name, answer or None, of every vote."""
    answers = [*votes.answers, None]
    return [
        (int(item), votes.sources[source].name, answers[code])
        for item, source, code in zip(votes.item, votes.source, votes.answer, strict=True)
    ]


@pytest.mark.usefixtures("layout")
def test_the_later_row_counts(log):
    log.append(table((1, 0, VOTED, "x"), (0, 0, VOTED, "x"), (1, 0, VOTED, "y")))
    log.append(table((0, 0, ABSTAINED, None), (2, 1, VOTED, "x"), (2, 1, FAILED, None)))
    votes = in_force(log, [0, 1], ITEMS)
    assert readable(votes) == [(0, "f", None), (1, "f", "y")]
    assert [*votes.answers] == ["y"]
    assert votes.items == ITEMS
    assert votes.confidence is None


@pytest.mark.usefixtures("layout")
def test_failed_and_withdrawn_rows_leave_no_vote(log):
    log.append(
        table(
            (0, 2, VOTED, "x"),
            (1, 2, VOTED, "x"),
            (0, 2, WITHDRAWN, None),
            (2, 2, FAILED, None),
            (2, 2, VOTED, "late"),
        )
    )
    assert readable(in_force(log, [2], ITEMS)) == [(1, "p", "x"), (2, "p", "late")]


@pytest.mark.usefixtures("layout")
def test_only_the_named_sources_count_in_their_order(log):
    log.append(
        table((0, 0, VOTED, "x"), (0, 1, VOTED, "y"), (0, 2, VOTED, "z"), (9, 0, VOTED, "n"))
    )
    votes = in_force(log, [2, 0], ITEMS)
    assert readable(votes) == [(0, "p", "z"), (0, "f", "x")]
    assert [source.name for source in votes.sources] == ["p", "f"]


@pytest.mark.usefixtures("layout")
def test_abstentions_of_a_source_that_saw_every_item_are_left_out(log):
    for item in range(ITEMS):
        log.append(table((item, 0, VOTED if item else ABSTAINED, "x" if item else None)))
    log.append(table((0, 1, ABSTAINED, None), (1, 1, FAILED, None), (2, 1, VOTED, "x")))
    votes = in_force(log, [0, 1], ITEMS)
    assert votes.complete.tolist() == [True, False]
    assert readable(votes) == [
        (0, "g", None),
        (1, "f", "x"),
        (2, "f", "x"),
        (2, "g", "x"),
        (3, "f", "x"),
    ]


@pytest.mark.usefixtures("layout")
def test_a_correction_counts_even_if_it_arrives_first(log):
    log.append(table((0, 2, VOTED, "right", "2", "1"), (0, 2, VOTED, "wrong", "1")))
    assert readable(in_force(log, [2], ITEMS)) == [(0, "p", "right")]


@pytest.mark.usefixtures("layout")
def test_a_vote_that_somebody_else_supersedes_is_out_and_what_came_before_stays_out(log):
    log.append(
        table(
            (0, 2, VOTED, "first", "1"),
            (0, 2, VOTED, "second", "2"),
            (0, 1, VOTED, "expert", "3", "2"),
            (1, 2, VOTED, "other", "4"),
            (1, 1, VOTED, "expert", "5", "never seen"),
        )
    )
    expected = [(0, "g", "expert"), (1, "g", "expert"), (1, "p", "other")]
    assert readable(in_force(log, [0, 1, 2], ITEMS)) == expected
    log.append(table((0, 2, VOTED, "third", "6")))
    assert (0, "p", "third") in readable(in_force(log, [0, 1, 2], ITEMS))


@pytest.mark.usefixtures("layout")
def test_confidence_goes_with_the_row_in_force(log):
    log.append(table((0, 0, VOTED, "x"), (1, 0, VOTED, "x")))
    log.append(table((1, 0, VOTED, "x", None, None, 0.5), (2, 0, VOTED, "x", None, None, 0.75)))
    log.append(table((2, 0, VOTED, "x"), (3, 0, ABSTAINED, None, None, None, 0.1)))
    confidence = in_force(log, [0], ITEMS).confidence
    assert confidence.dtype == np.float32
    assert np.array_equal(confidence, [math.nan, 0.5, math.nan], equal_nan=True)


@pytest.mark.usefixtures("layout")
def test_confidence_is_kept_beside_corrections(log):
    log.append(
        table(
            (0, 2, VOTED, "new", "2", "1", 0.25),
            (0, 2, VOTED, "old", "1", None, 0.9),
            (1, 2, VOTED, "x", "3"),
        )
    )
    votes = in_force(log, [2], ITEMS)
    assert readable(votes) == [(0, "p", "new"), (1, "p", "x")]
    assert np.array_equal(votes.confidence, np.array([0.25, np.nan], np.float32), equal_nan=True)


def test_nothing_at_all_is_in_force_in_an_empty_log(log):
    for sources, items in (([], 0), ([0, 1], 0), ([], 5), ([0], 5)):
        votes = in_force(log, sources, items)
        assert len(votes.item) == 0
        assert votes.complete.tolist() == [False] * len(sources)
        assert asked(log, sources, items).shape == (len(sources), items)
        assert tally(log, sources, items) == tuple(SourceTally(0, 0, 0) for _ in sources)


def test_asked_knows_every_hole(log):
    log.append(table((0, 0, VOTED, "x"), (2, 0, ABSTAINED, None), (3, 0, FAILED, None)))
    log.append(table((1, 1, VOTED, "x"), (1, 1, WITHDRAWN, None), (0, 1, WITHDRAWN, None)))
    log.append(table((0, 1, VOTED, "x"), (99, 1, VOTED, "x"), (3, 2, VOTED, "x")))
    assert asked(log, [1, 0], ITEMS).astype(int).tolist() == [[1, 0, 0, 0], [1, 0, 1, 1]]
    again = asked(log, [1, 0], ITEMS, failed=False)
    assert again.astype(int).tolist() == [[1, 0, 0, 0], [1, 0, 1, 0]]


@pytest.mark.usefixtures("layout")
def test_the_tally_counts_rows_in_force_and_names_the_errors(log):
    def failed(item, reason):
        return (item, 0, FAILED, None, None, None, None, reason)

    log.append(table(failed(0, "old"), failed(0, "rare"), failed(1, "often"), failed(2, "often")))
    log.append(table((3, 0, VOTED, "x"), (3, 0, ABSTAINED, None), (0, 1, VOTED, "x")))
    log.append(table(failed(5, "no such item"), (1, 1, FAILED, None)))
    assert tally(log, [0, 1, 2], ITEMS) == (
        SourceTally(0, 1, 3, (("often", 2), ("rare", 1))),
        SourceTally(1, 0, 1, (("", 1),)),
        SourceTally(0, 0, 0),
    )
    assert tally(log, [0], ITEMS, reasons=1)[0].reasons == (("often", 2),)


ROWS = st.lists(
    st.tuples(
        st.integers(0, ITEMS - 1),
        st.integers(0, SOURCES - 1),
        st.sampled_from(list(VoteState)),
        st.sampled_from("xyz"),
    ),
    max_size=30,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, st.lists(st.integers(0, SOURCES - 1), unique=True), st.booleans())
def test_the_vectorised_result_is_that_of_a_plain_loop(new_log, rows, sources, sparse):
    log = new_log()
    rows = [(*row[:3], row[3] if row[2] == VOTED else None) for row in rows]
    log.append(table(*rows[:10]))
    log.append(table(*rows[10:]))
    last = {(item, source): (state, answer) for item, source, state, answer in rows}
    known = {key: a for key, (state, a) in last.items() if state in (VOTED, ABSTAINED)}
    complete = [all((item, source) in known for item in range(ITEMS)) for source in sources]
    expected = [
        (item, log.sources()[source].name, known[item, source])
        for item in range(ITEMS)
        for place, source in enumerate(sources)
        if (item, source) in known and not (known[item, source] is None and complete[place])
    ]
    with pytest.MonkeyPatch.context() as patch:
        if sparse:
            patch.setattr(votes_in_force, "_CELLS_ALWAYS", 0)
            patch.setattr(votes_in_force, "_CELLS_PER_ROW", 0)
        votes = in_force(log, sources, ITEMS)
    assert readable(votes) == expected
    assert votes.complete.tolist() == complete
    done = asked(log, sources, ITEMS)
    for place, source in enumerate(sources):
        for item in range(ITEMS):
            state = last.get((item, source), (WITHDRAWN,))[0]
            assert done[place, item] == (state != WITHDRAWN)
