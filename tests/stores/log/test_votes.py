import json
import math
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.errors import StorageError, UnknownNameError, VotesError
from labelwright.core.ports import Ballot
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VOTE_SCHEMA, Vote, VoteState
from labelwright.stores import LanceVotes, ballot_rows, vote_rows
from labelwright.stores.disk.lance_table import LanceTable
from labelwright.stores.log.votes import _PHYSICAL
from labelwright.testing.stores import check_votes_are_append_only, check_votes_come_back

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SOURCES = [Source("a"), Source("b", SourceKind.PERSON), Source("ü", version="2")]


@st.composite
def tables(draw, ids=False):
    row = st.fixed_dictionaries(
        {
            "item": st.integers(0, 2**40),
            "source": st.integers(0, 2),
            "state": st.sampled_from([int(state) for state in VoteState]),
            "answer": st.none() | TEXT,
            "confidence": st.none() | st.floats(width=32),
            "time": st.none() | st.datetimes(timezones=st.just(UTC)),
            "round": st.integers(0, 2**31 - 1),
            "reason": st.none() | TEXT,
        }
        | ({"id": st.none() | st.sampled_from("xyz")} if ids else {})
    )
    drawn = draw(st.lists(st.lists(row, max_size=6), min_size=1, max_size=3))
    return [pa.Table.from_pylist(rows, schema=VOTE_SCHEMA) for rows in drawn]


@pytest.fixture
def new_log(tmp_path):
    made = iter(range(10_000))

    def make():
        folder = tmp_path / f"votes-{next(made)}"
        folder.mkdir()
        return LanceVotes(folder)

    return make


@pytest.fixture
def log(new_log):
    log = new_log()
    log.register(SOURCES)
    return log


def rows(*given, **columns):
    """Rows (item, source, answer), voted; more columns by name."""
    item, source, answer = zip(*given, strict=True) if given else ((), (), ())
    count = len(given)
    table = {
        "item": pa.array(item, pa.int64()),
        "source": pa.array(source, pa.int32()),
        "state": pa.array([0] * count, pa.int8()),
        "answer": pa.array(answer, pa.string()),
        "round": pa.array([0] * count, pa.int32()),
    }
    return pa.table(table | columns)


@QUICK
@given(tables())
def test_what_was_written_is_read_back(new_log, drawn):
    check_votes_come_back(new_log(), SOURCES, drawn)


@QUICK
@given(tables(ids=True))
def test_votes_are_only_ever_added(new_log, drawn):
    log = new_log()
    log.register(SOURCES)
    check_votes_are_append_only(log, drawn)
    ids = log.scan(columns=["id"])["id"].drop_null().to_pylist()
    assert len(ids) == len(set(ids))


def test_an_empty_log_has_no_rows_and_makes_no_file(new_log):
    log = new_log()
    assert log.sources() == ()
    assert log.register([]).tolist() == []
    assert log.scan().equals(VOTE_SCHEMA.empty_table())
    log.append(VOTE_SCHEMA.empty_table())
    assert log.count() == 0
    assert not log.compact()
    assert list(log.folder.iterdir()) == []


def test_no_sources_have_no_rows(log):
    log.append(rows((0, 0, "x")))
    assert log.scan([]).num_rows == 0


def test_a_vote_with_an_id_that_the_log_has_is_left_out(log):
    people = rows((0, 1, "x"), (1, 1, "y"), (0, 1, "z"), id=["u", "v", "u"])
    log.append(people)
    log.append(pa.concat_tables([people, rows((2, 1, "w"), id=["w"])]))
    log.append(people)
    log.append(rows((3, 0, "m"), (3, 0, "m")))
    assert log.scan()["answer"].to_pylist() == ["x", "y", "w", "m", "m"]
    assert log.scan()["id"].to_pylist() == ["u", "v", "w", None, None]


def test_a_source_is_its_name_kind_and_version(log):
    changed = Source("a", description="dearer", cost_usd=2.0)
    assert log.register([changed]).tolist() == [0]
    assert log.register([Source("a", version="new"), changed]).tolist() == [3, 0]
    assert log.register([Source("a", SourceKind.RULE)]).tolist() == [4]
    assert log.sources()[0] == changed
    assert LanceVotes(log.folder).sources() == log.sources()
    size = (log.folder / "sources.jsonl").stat().st_size
    log.register(list(log.sources()))
    assert (log.folder / "sources.jsonl").stat().st_size == size


def test_a_source_with_every_detail_comes_back(log):
    source = Source("né\u00e9", SourceKind.PROMPT, "v", 0.25, 1.5, 0.75, "says\nmuch")
    number = log.register([source])[0]
    assert log.sources()[number] == source


def test_a_damaged_list_of_sources_is_a_storage_error(log):
    with (log.folder / "sources.jsonl").open("a") as file:
        file.write(json.dumps({"name": "", "kind": "no such"}) + "\n")
    with pytest.raises(StorageError, match="a source is damaged"):
        log.sources()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (rows((0, 3, "x")), "source number 3, which does not exist"),
        (rows((-1, 0, "x")), "item number -1"),
        (rows((0, 0, "x")).drop_columns(["round"]), "need the column 'round'"),
        (rows((0, 0, "x"), item=pa.array([None], pa.int64())), "'item' of votes must not be null"),
        (rows((0, 0, "x"), confidence=["much"]), "'confidence' of votes does not fit"),
    ],
)
def test_rows_that_make_no_sense_are_refused(log, bad, message):
    with pytest.raises(VotesError, match=message):
        log.append(bad)
    assert log.count() == 0


def test_an_unknown_column_is_named(log):
    with pytest.raises(UnknownNameError, match="no column 'label'"):
        log.scan(columns=["label"])


def test_a_log_of_an_older_release_reads_null_and_can_be_added_to(log):
    kept = [name for name in VOTE_SCHEMA.names if name not in ("reason", "seconds")]
    older = pa.schema([_PHYSICAL.field(name) for name in kept])
    table = LanceTable(log.folder / "log.lance")
    table.create(older)
    row = {"item": 0, "source": 0, "state": 0, "answer": "x", "round": 0}
    table.append(older, pa.Table.from_pylist([row], schema=older).to_batches())
    assert log.scan()["reason"].to_pylist() == [None]
    assert log.scan(columns=["seconds"])["seconds"].to_pylist() == [None]
    log.append(rows((1, 0, "y"), seconds=[2.5], reason=["because"]))
    read = log.scan()
    assert read.schema == VOTE_SCHEMA
    assert read["answer"].to_pylist() == ["x", "y"]
    assert read["reason"].to_pylist() == [None, "because"]
    assert read["seconds"].to_pylist() == [None, 2.5]


def test_compaction_keeps_every_row_in_order(log):
    for place in range(70):
        log.append(rows((place, place % 3, f"answer {place}"), id=[f"vote {place}"]))
    before = log.scan()
    assert log.compact()
    assert not log.compact()
    assert log.scan().equals(before)
    log.append(rows((0, 0, "again"), id=["vote 3"]))
    assert log.count() == 70


def test_a_machines_row_takes_a_handful_of_bytes(log):
    count = 200_000
    item = np.arange(count)
    answer = pa.array(np.where(item % 3 == 0, "spam", None), pa.string())
    log.append(ballot_rows(Ballot(answer), item, 0, time=datetime(2026, 1, 1, tzinfo=UTC)))
    files = (log.folder / "log.lance").rglob("*")
    assert sum(file.stat().st_size for file in files if file.is_file()) < 5 * count


def test_a_ballot_keeps_abstained_and_failed_apart(log):
    ballot = Ballot(
        pa.array(["x", None, None]), np.array([0.5, math.nan, 0.1], np.float32), {2: "it broke"}
    )
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    log.append(ballot_rows(ballot, np.array([7, 8, 9]), 2, round_=4, time=moment, seconds=0.25))
    read = log.scan().to_pydict()
    assert read["item"] == [7, 8, 9]
    assert read["source"] == [2, 2, 2]
    assert read["state"] == [VoteState.VOTED, VoteState.ABSTAINED, VoteState.FAILED]
    assert read["answer"] == ["x", None, None]
    assert read["confidence"] == [0.5, None, pytest.approx(0.1)]
    assert read["seconds"] == [0.25] * 3
    assert read["time"] == [moment] * 3
    assert read["round"] == [4] * 3
    assert read["reason"] == [None, None, "it broke"]


def test_an_item_that_was_not_asked_about_has_no_row(log):
    ballot = Ballot(pa.array(["x", None, None]), asked=np.array([True, False, True]))
    log.append(ballot_rows(ballot, np.array([7, 8, 9]), 0))
    assert log.scan(columns=["item", "state"]).to_pydict() == {
        "item": [7, 9],
        "state": [VoteState.VOTED, VoteState.ABSTAINED],
    }


def test_votes_of_people_keep_everything(log):
    moment = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    votes = [
        Vote("k", "b", "x", 0.5, 3.0, moment, "1"),
        Vote("k", "b", None, id="2", supersedes="1"),
        Vote("k", "b", None, id="3", withdrawn=True),
    ]
    log.append(vote_rows(votes, [5, 5, 5], [1, 1, 1], round_=2))
    log.append(vote_rows([], [], []))
    read = log.scan().to_pydict()
    assert read["state"] == [VoteState.VOTED, VoteState.ABSTAINED, VoteState.WITHDRAWN]
    assert read["id"] == ["1", "2", "3"]
    assert read["supersedes"] == [None, "1", None]
    assert read["time"] == [moment, None, None]
    assert read["seconds"] == [3.0, None, None]
    assert read["round"] == [2, 2, 2]
