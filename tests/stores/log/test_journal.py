from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError, StorageError
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores import JournalDesk, Reject, Rejects
from labelwright.testing.stores import (
    check_a_claim_never_gives_an_item_twice,
    check_desk_takes_each_vote_once,
)

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def new_desk(tmp_path):
    made = iter(range(10_000))
    return lambda: JournalDesk(tmp_path / f"desk-{next(made)}.jsonl", lease_s=10.0)


@pytest.fixture
def desk(new_desk):
    return new_desk()


def question(item, person=""):
    return Assignment(item, person, 1.0, False, "why not", 0.0)


def offer(desk, *questions):
    desk.offer(questions, [f"id {one.item}" for one in questions])


def vote(item, id_, person="ann", **more):
    return Vote(f"id {item}", person, "x", id=id_, **more)


@QUICK
@given(
    st.lists(st.sampled_from(["", "ann", "bob"]), max_size=6),
    st.lists(
        st.tuples(st.sampled_from(["ann", "bob"]), st.floats(0, 20), st.integers(0, 3)),
        max_size=12,
    ),
)
def test_a_claim_never_gives_an_item_twice(new_desk, people, claims):
    desk = new_desk()
    offer(desk, *(question(item, person) for item, person in enumerate(people)))
    for assignment in check_a_claim_never_gives_an_item_twice(desk, claims, lease_s=10.0):
        assert people[assignment.item] in ("", assignment.person)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcd")), max_size=8))
def test_a_vote_is_taken_once(new_desk, sent):
    desk = new_desk()
    votes = [vote(item, id_) for item, id_ in sent]
    check_desk_takes_each_vote_once(desk, votes, lambda: JournalDesk(desk.path))


def test_everything_about_a_vote_comes_back(desk):
    full = Vote(
        "é\0\n", "ann", None, 0.5, 2.5, datetime(2026, 5, 1, 9, 0, 0, 7, UTC), "1", "0", True
    )
    desk.answer(full)
    assert list(JournalDesk(desk.path).drain()) == [full]


def test_the_most_valuable_question_comes_first_and_answered_ones_stay_away(desk):
    offer(desk, question(3), question(1), question(2))
    assert [one.item for one in desk.claim("ann", 0.0, 2)] == [3, 1]
    desk.answer(vote(3, "a"))
    assert [one.item for one in desk.claim("bob", 100.0, 5)] == [1, 2]
    again = JournalDesk(desk.path)
    offer(again, question(3), question(1))
    assert [one.item for one in again.claim("ann", 0.0, 5)] == [1]


def test_an_answer_that_is_taken_back_opens_the_question_again(desk):
    offer(desk, question(3))
    desk.claim("ann", 0.0)
    desk.answer(vote(3, "a"))
    assert desk.claim("ann", 1.0) == []
    desk.answer(vote(3, "b", withdrawn=True, supersedes="a"))
    desk.answer(vote(3, "a"))
    assert [one.item for one in desk.claim("ann", 2.0)] == [3]


def test_a_new_offer_replaces_what_nobody_holds(desk):
    offer(desk, question(1), question(2))
    desk.claim("ann", 0.0)
    offer(desk, question(5))
    assert [one.item for one in desk.claim("bob", 20.0, 9)] == [1, 5]


def test_drained_votes_come_once_and_again_after_a_crash_before_the_mark(desk):
    for place in range(3):
        desk.answer(vote(place, str(place)))
    drained = [one.id for one in desk.drain()]
    assert drained == ["0", "1", "2"]
    assert [one.id for one in JournalDesk(desk.path).drain()] == drained
    desk.mark_drained(drained[:2])
    desk.mark_drained(drained[:2])
    desk.mark_drained([])
    assert [one.id for one in desk.drain()] == ["2"]
    assert [one.id for one in JournalDesk(desk.path).drain()] == ["2"]
    desk.answer(vote(0, "0"))
    assert [one.id for one in desk.drain()] == ["2"]


def test_a_torn_last_line_is_ignored_and_kept_aside(desk):
    desk.answer(vote(0, "a"))
    with desk.path.open("a") as file:
        file.write('{"vote": {"item": "id 1", "sou')
    assert [one.id for one in JournalDesk(desk.path).drain()] == ["a"]
    other = JournalDesk(desk.path)
    other.answer(vote(2, "c"))
    assert [one.id for one in other.drain()] == ["a", "c"]
    assert [one.id for one in desk.drain()] == ["a", "c"]
    assert '"id 1"' in desk.path.with_name(f"{desk.path.name}.torn").read_text()


def test_two_desks_on_one_journal_see_each_other(desk):
    other = JournalDesk(desk.path)
    desk.answer(vote(0, "a"))
    other.answer(vote(0, "a"))
    other.answer(vote(1, "b", "bob"))
    assert [one.id for one in desk.drain()] == ["a", "b"]


def test_a_vote_without_an_id_is_refused(desk):
    with pytest.raises(DataError, match="needs an id"):
        desk.answer(Vote("id 1", "ann", "x"))
    assert not desk.path.exists()


@pytest.mark.parametrize("line", ["rubbish", "[]", '{"vote": {"item": "a"}}'])
def test_a_damaged_line_in_the_middle_is_named(desk, line):
    desk.path.write_text(f"{line}\n")
    with pytest.raises(StorageError, match="is damaged"):
        list(desk.drain())


def test_a_bad_row_is_set_aside_once(tmp_path):
    rejects = Rejects(tmp_path / "rejects.jsonl")
    assert rejects.count() == 0
    assert rejects.list() == []
    bad = [
        Reject("data.csv", "", 3, "no id", "raw\0ü\n"),
        Reject("data.csv", "", 9, "bad quotes", "x" * 9_000),
        Reject("data.csv", "", 9, "bad quotes", "x" * 9_000),
        Reject("data.csv", "", 0, "two contents", "id 1"),
        Reject("data.csv", "", 0, "two contents", "id 2"),
    ]
    assert rejects.add(iter(bad), {"data.csv": "h1"}) == 4
    assert rejects.add(iter(bad), {"data.csv": "h1"}) == 0
    renamed = Reject("renamed.csv", "", 3, "no id", "raw\0ü\n")
    assert rejects.add([renamed], {"renamed.csv": "h1"}) == 0
    assert rejects.add([renamed]) == 1
    assert rejects.add([renamed]) == 0
    assert rejects.count() == 5
    assert rejects.list()[0] == Reject("data.csv", "h1", 3, "no id", "raw\0ü\n")
    assert len(rejects.list()[1].excerpt) == 500
    assert [one.file_hash for one in rejects.list(1)] == ["renamed.csv"]
