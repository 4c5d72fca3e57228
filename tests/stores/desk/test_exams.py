"""Test questions at the desk: made for one person, seen by nobody else."""

from datetime import UTC, datetime

import pytest

from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores import Database, DeskExams, SqlDesk

LEASE = 10.0


@pytest.fixture
def desk(tmp_path):
    desk = SqlDesk(Database(f"sqlite:///{tmp_path}/desk.sqlite", "p"), LEASE)
    yield desk
    desk.database.close()


@pytest.fixture
def exams(desk):
    return DeskExams(desk.database, LEASE)


def hand(exams, person, *items, now=0.0):
    questions = [Assignment(item, person, 1.0, False, "", 0.0) for item in items]
    work = exams.handing(person, now, questions, [f"id {item}" for item in items])
    return [one.assignment.item for one in exams.database.write(work)]


def give(desk, item, person="ann", answer="x", **more):
    vote = Vote(f"id {item}", person, answer, time=datetime.now(UTC),
                **{"id": f"{person} {item}", **more})  # fmt: skip
    desk.answer(vote)
    return vote


def test_a_test_is_held_until_it_is_answered_and_then_on_record(desk, exams):
    assert hand(exams, "ann", 1, 2) == [1, 2]
    assert exams.held("ann", 0.0) == 2
    give(desk, 1)
    assert exams.held("ann", 0.0) == 1
    assert [told.vote.item for told in exams.said("ann")] == ["id 1"]
    assert exams.said("bob") == []


def test_what_waits_is_told_though_no_test_was_handed_out(desk, exams):
    late = give(desk, 7)
    assert [told.vote.item for told in exams.said("ann")] == ["id 7"]
    desk.mark_drained([late.id])
    assert exams.said("ann") == []


def test_nobody_gets_a_test_twice(desk, exams):
    hand(exams, "ann", 1)
    assert hand(exams, "ann", 1, 3) == [3]
    assert hand(exams, "bob", 1) == [1]
    assert exams.unseen("ann", ["id 1", "id 2", "id 3", "id 4"], 1) == ["id 2"]
    assert exams.unseen("ann", ["id 1"], 5) == []


def test_a_test_that_lapsed_or_was_skipped_goes_to_nobody(desk, exams):
    hand(exams, "ann", 1, 2)
    desk.database.write(desk.skipping("ann", "id 1"))
    hand(exams, "bob", now=LEASE + 1)
    assert desk.claim("cid", LEASE + 1, 5) == []
    assert exams.held("ann", LEASE + 1) == 0


def test_all_that_was_said_of_a_test_is_told_what_was_corrected_too(desk, exams):
    hand(exams, "ann", 1)
    first = give(desk, 1, answer="y")
    desk.database.write(desk.undoing("ann", first.id, "new", 0.0, datetime.now(UTC)))
    give(desk, 1, answer="x", id="again", supersedes=first.id)
    desk.mark_drained([first.id, "new", "again"])
    said = [(told.vote.answer, told.vote.withdrawn) for told in exams.said("ann")]
    assert said == [("y", False), (None, True), ("x", False)]
    assert exams.vote("ann", first.id).vote.answer == "y"
    assert exams.vote("bob", first.id) is None


def test_more_people_are_asked_only_beyond_those_under_way(desk):
    question = [Assignment(1, "", 1.0, False, "", 0.0, people=2)]
    assert desk.offer(question, ["id 1"], copies=None) == 2
    assert [one.item for one in desk.claim("ann", 0.0)] == [1]
    # Ann holds one, so that one more is open.
    assert desk.offer(question, ["id 1"], copies=None) == 0
    give(desk, 1)
    assert desk.busy() == [1]
    assert desk.busy(done=False) == [1]
    give(desk, 1, person="bob")
    assert desk.busy(done=False) == []
    assert desk.offer(question, ["id 1"], copies=None) == 0
    desk.mark_drained(["ann 1", "bob 1"])
    assert desk.offer(question, ["id 1"], copies=None) == 2
