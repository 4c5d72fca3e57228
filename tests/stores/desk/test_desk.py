import itertools
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.errors import (
    DataError,
    ProjectError,
    SettingsError,
    StorageError,
    UnknownNameError,
)
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores import Database, DeskVote, Flagged, Receipt, SqlDesk
from labelwright.stores.desk.led_votes import LED, UNSAID
from labelwright.testing.stores import (
    check_a_claim_never_gives_an_item_twice,
    check_desk_takes_each_vote_once,
)
from postgres_server import WHY_NOT, postgres_server, programs

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
PATIENT = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def server():
    if programs() is None:
        pytest.skip(WHY_NOT)
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_desk(request, tmp_path):
    """Makes empty desks on either database."""
    opened = []
    made = itertools.count()

    def new(name=None):
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/{name or next(made)}.sqlite"
        else:
            url = postgres_database(
                request.getfixturevalue("server"), keep=name is not None and bool(opened)
            )
        opened.append(SqlDesk(Database(url, "project"), lease_s=10.0))
        return opened[-1]

    yield new
    for desk in opened:
        desk.database.close()


def postgres_database(server, *, keep):
    """The one database, emptied unless it shall be opened again."""
    import psycopg

    if not keep:
        with psycopg.connect(f"{server}/desk", autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return f"{server}/desk"


@pytest.fixture
def desk(new_desk):
    return new_desk()


def offer(desk, *items, **more):
    questions = [Assignment(item, "", 1.0, False, "why", 0.0) for item in items]
    return desk.offer(questions, [f"id {item}" for item in items], **more)


def claim(desk, person, now=0.0, count=1):
    return [one.item for one in desk.claim(person, now, count)]


def vote(item, person="ann", answer="x", **more):
    return Vote(f"id {item}", person, answer, time=WHEN, **{"id": f"{person} on {item}", **more})


@PATIENT
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 3.0, 11.0]), st.integers(1, 3)),
        max_size=12,
    )
)
def test_a_claim_never_gives_an_item_twice(new_desk, claims):
    desk = new_desk()
    offer(desk, *range(8))
    check_a_claim_never_gives_an_item_twice(desk, claims, 10.0)


def test_the_desk_takes_each_vote_once(new_desk):
    desk = new_desk("again")
    votes = [
        vote(n % 3, id=f"v{n % 4}") if n % 3 == n % 4 else vote(n, id=f"w{n}") for n in range(8)
    ]
    check_desk_takes_each_vote_once(desk, votes, lambda: new_desk("again"))


def test_the_most_valuable_question_comes_first(desk):
    offer(desk, 5, 3, 9)
    assert claim(desk, "ann", count=2) == [5, 3]
    assert claim(desk, "bob", count=5) == [9]


def test_redundancy_asks_so_many_people_and_none_twice(desk):
    assert offer(desk, 1, copies=2) == 2
    assert claim(desk, "ann", count=5) == [1]
    assert claim(desk, "ann") == []
    assert claim(desk, "bob") == [1]
    assert claim(desk, "cid") == []


def test_a_lease_that_ran_out_goes_to_somebody_else(desk):
    offer(desk, 1)
    assert claim(desk, "ann", now=0.0) == [1]
    assert claim(desk, "bob", now=9.9) == []
    assert claim(desk, "bob", now=10.0) == [1]
    assert claim(desk, "ann", now=25.0) == []


def test_an_answer_that_comes_too_late_counts_still(desk):
    offer(desk, 1)
    claim(desk, "ann", now=0.0)
    claim(desk, "bob", now=20.0)
    desk.answer(vote(1, "ann"))
    assert [one.source for one in desk.drain()] == ["ann"]


def test_what_somebody_held_before_the_page_was_loaded_anew_comes_again(desk):
    offer(desk, 1, 2, 3)
    claim(desk, "ann", count=2)
    again = desk.database.write(desk.claiming("ann", 1.0, 3, resume=True))
    assert [one.assignment.item for one in again] == [1, 2, 3]


def test_a_skipped_question_goes_to_others_and_stays_when_new_ones_are_offered(desk):
    offer(desk, 1)
    claim(desk, "ann")
    desk.database.write(desk.skipping("ann", "id 1"))
    assert claim(desk, "ann") == []
    offer(desk, 2)
    assert desk.busy() == [1]
    assert claim(desk, "bob", count=5) == [1, 2]


def test_new_questions_replace_those_that_nobody_saw_but_not_an_audit(desk):
    offer(desk, 1, 2)
    offer(desk, 7, ask="audit")
    claim(desk, "ann")
    offer(desk, 3, 1)
    assert sorted(claim(desk, "bob", count=9)) == [3, 7]


def test_questions_of_one_kind_are_claimed_alone_and_taken_back_unless_they_are_answered(desk):
    offer(desk, 1, 2)
    offer(desk, 5, 6, 7, ask="audit")

    def claims(person, **more):
        return [
            one.assignment.item
            for one in desk.database.write(desk.claiming(person, 0.0, 9, **more))
        ]

    assert claims("ann", ask="audit") == [5, 6, 7]
    assert claims("ann") == [1, 2]
    assert claims("ann", resume=True, ask="audit") == [5, 6, 7]
    desk.answer(vote(5))
    assert desk.retract("audit") == 2
    assert claims("bob") == []
    assert claims("ann", resume=True) == [1, 2]
    # Who held one may answer it still.
    desk.answer(vote(6))
    assert [told.item for told in desk.drain()] == ["id 5", "id 6"]


def test_what_waits_for_an_honest_answer_is_known(desk):
    at_random, chosen = (Assignment(item, "", 0.5, item == 3, "", 0.0) for item in (3, 4))
    desk.offer([at_random, chosen], ["id 3", "id 4"])
    assert desk.honest() == [3]
    assert desk.honest(held="new") == []
    desk.claim("ann", 0.0, 2)
    assert desk.honest() == desk.honest(held="new") == [3]
    assert desk.honest(held="audit") == []
    desk.answer(vote(3))
    assert desk.honest() == []


def test_an_answered_item_is_not_asked_again_and_closes_its_open_question(desk):
    offer(desk, 1, 2)
    desk.answer(vote(1, "ann"))
    assert claim(desk, "bob", count=5) == [2]
    assert desk.open() == 0


def test_a_vote_taken_back_opens_its_question_for_the_same_person(desk):
    offer(desk, 1)
    claim(desk, "ann")
    desk.answer(vote(1, id="first"))
    asked = desk.database.write(desk.undoing("ann", "first", "undo", 5.0, WHEN))
    assert (asked.assignment.item, asked.id, asked.assignment.lease_until) == (1, "id 1", 15.0)
    again = desk.database.write(desk.undoing("ann", "first", "undo", 5.0, WHEN))
    assert again.assignment.item == 1
    assert [one.state.name for one in desk.drain()] == ["VOTED", "WITHDRAWN"]
    desk.answer(vote(1, id="second", supersedes="first"))
    assert claim(desk, "bob", now=30.0) == []


def test_a_withdrawal_sent_as_a_vote_opens_the_question_for_all(desk):
    offer(desk, 1)
    claim(desk, "ann")
    desk.answer(vote(1, id="first"))
    desk.answer(vote(1, id="back", answer=None, supersedes="first", withdrawn=True))
    assert claim(desk, "ann") == [1]


def test_undoing_an_answer_without_a_question_names_its_item(desk):
    desk.answer(vote(4, id="browsed"))
    asked = desk.database.write(desk.undoing("ann", "browsed", "undo", 0.0, WHEN))
    assert (asked.assignment.item, asked.id) == (-1, "id 4")


def test_nobody_takes_back_or_corrects_the_vote_of_another(desk):
    desk.answer(vote(1, "ann", id="hers"))
    with pytest.raises(UnknownNameError, match="of yours"):
        desk.database.write(desk.undoing("bob", "hers", "undo", 0.0, WHEN))
    with pytest.raises(UnknownNameError, match="of yours"):
        desk.answer(vote(1, "bob", id="his", supersedes="hers"))
    with pytest.raises(UnknownNameError, match="of yours"):
        desk.answer(vote(2, "ann", id="other item", supersedes="hers"))
    assert len(list(desk.drain())) == 1


def test_an_id_that_is_that_of_another_vote_is_refused(desk):
    desk.answer(vote(1, "ann", id="same"))
    with pytest.raises(DataError, match="another vote"):
        desk.answer(vote(1, "bob", id="same"))
    with pytest.raises(DataError, match="needs an id"):
        desk.answer(vote(1, id=None))


def test_drained_votes_are_drained_once(desk):
    desk.answer(vote(1, id="a"))
    desk.answer(vote(2, id="b"))
    assert len([*desk.drain()]) == 2
    desk.mark_drained(["a"])
    desk.mark_drained(["a"])
    desk.mark_drained([])
    assert [one.id for one in desk.drain()] == ["b"]
    assert [told.vote.id for told in desk.waiting_on("id 2")] == ["b"]
    assert desk.answered_lately() == ["id 2"]


def test_answers_on_items_drawn_at_random_keep_their_chance(desk):
    questions = [Assignment(n, "", 0.25, n == 1, "", 0.0) for n in (1, 2)]
    desk.offer(questions, ["id 1", "id 2"])
    claim(desk, "ann", count=2)
    desk.answer(vote(1, id="one"))
    desk.answer(vote(2, id="two"))
    assert [(told.vote.id, told.probability, told.ask) for told in desk.drawn()] == [
        ("one", 0.25, "new")
    ]
    desk.answer(vote(1, id="three", supersedes="one"))
    assert desk.standing_drawn() == []
    assert desk.drawn("audit") == []
    assert [one.id for one in desk.corrections()] == ["three"]


@pytest.mark.parametrize("shown", [one for one in LED if one != UNSAID])
def test_an_answer_with_a_label_in_view_leaves_a_random_question_to_be_answered_blind(desk, shown):
    desk.offer([Assignment(1, "", 0.25, random=True, reason="", lease_until=0.0)], ["id 1"])
    desk.database.write(desk.answering(DeskVote(vote(1, id="seen"), shown)))
    assert desk.standing_drawn() == []
    assert desk.honest() == [1]
    assert desk.led(["id 1", "id 2"]) == {("ann", "id 1")}
    assert claim(desk, "ann") == [1]
    desk.database.write(desk.answering(DeskVote(vote(1, id="again"), shown)))
    desk.database.write(desk.answering(DeskVote(vote(1, id="blind"), "blind")))
    assert (desk.honest(), claim(desk, "ann")) == ([], [])
    assert [told.vote.id for told in desk.standing_drawn()] == ["blind"]
    assert desk.led(["id 1"]) == set()


def test_an_answer_that_does_not_say_what_was_in_view_is_blind_where_a_random_question_is_held(
    desk,
):
    questions = [Assignment(n, "", 0.25, random=True, reason="", lease_until=0.0) for n in (1, 2)]
    desk.offer(questions, ["id 1", "id 2"])
    assert claim(desk, "ann") == [1]
    for number, id_ in ((1, "held"), (2, "unasked")):
        told = DeskVote(vote(number, id=id_), UNSAID)
        assert desk.database.write(desk.answering(told)) is Receipt.TAKEN
    assert [told.vote.id for told in desk.standing_drawn()] == ["held"]
    assert desk.honest() == [2]
    assert desk.led(["id 1", "id 2"]) == {("ann", "id 2")}


def test_an_answer_with_a_label_in_view_closes_a_question_that_was_chosen(desk):
    desk.offer([Assignment(1, "", 1.0, random=False, reason="", lease_until=0.0)], ["id 1"])
    desk.database.write(desk.answering(DeskVote(vote(1), "browse")))
    assert (claim(desk, "ann"), claim(desk, "bob")) == ([], [])


def test_the_desk_keeps_what_was_shown_and_the_schema(desk):
    receipt = desk.database.write(desk.answering(DeskVote(vote(1), "prelabel", "v1")))
    assert receipt is Receipt.TAKEN
    (told,) = desk.votes_of("ann", 5)
    assert (told.shown, told.schema_version, told.vote) == ("prelabel", "v1", vote(1))
    assert desk.saw("ann", "id 1")
    assert not desk.saw("bob", "id 1")


def test_flags_come_newest_first(desk):
    for time in (1.0, 2.0):
        desk.database.write(desk.flagging(Flagged("id 1", "ann", f"at {time}", time)))
    assert [flag.note for flag in desk.flags()] == ["at 2.0", "at 1.0"]


def test_many_at_once_get_different_questions(desk):
    offer(desk, *range(60))
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: claim(desk, f"person {n % 8}", count=2), range(24)))
    items = [item for some in got for item in some]
    assert len(items) == len(set(items)) == 48


def test_one_who_asks_twice_at_once_gets_different_items(desk):
    offer(desk, *range(4), copies=3)
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda _: claim(desk, "ann"), range(6)))
    items = [item for some in got for item in some]
    assert sorted(items) == [0, 1, 2, 3]


def test_a_piece_that_fails_harms_no_other_of_its_group(desk):
    database = desk.database

    def fails(_):
        raise DataError("on purpose")

    futures = [database.submit(desk.answering(DeskVote(vote(n)))) for n in range(5)]
    broken = database.submit(fails)
    futures += [database.submit(desk.answering(DeskVote(vote(n)))) for n in range(5, 9)]
    with pytest.raises(DataError, match="on purpose"):
        broken.result()
    assert [future.result() for future in futures] == [Receipt.TAKEN] * 9
    assert len([*desk.drain()]) == 9


def test_a_database_of_another_project_or_a_newer_release_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path}/desk.sqlite"
    database = Database(url, "one")
    with pytest.raises(ProjectError, match="'one', not of 'two'"):
        Database(url, "two")
    database.write(
        lambda connection: (
            connection.exec_driver_sql("UPDATE about SET value = '99' WHERE name = 'format'")
            and None
        )
    )
    with pytest.raises(ProjectError, match="format 99"):
        Database(url, "one")
    database.close()
    with pytest.raises(StorageError, match="closed"):
        database.write(lambda _: None)


@pytest.mark.parametrize("url", ["mysql://x", "nonsense", "postgresql+other://user:secret@host/x"])
def test_a_url_that_is_none_is_refused_without_telling_its_password(url):
    with pytest.raises(SettingsError) as caught:
        Database(url, "project")
    assert "secret" not in str(caught.value)


def test_a_database_that_cannot_be_reached_says_so(tmp_path):
    with pytest.raises(StorageError, match="refused"):
        Database(f"sqlite:///{tmp_path}/no/such/folder.sqlite", "project")


WRITER = """
import sys
from labelwright.core.votes import Vote
from labelwright.stores import Database, SqlDesk
desk = SqlDesk(Database(sys.argv[1], "project"))
for n in range(100_000):
    desk.answer(Vote(f"item {n}", "ann", "x", id=f"v{n}"))
    print(n, flush=True)
"""


def test_no_acknowledged_vote_is_lost_when_the_process_is_killed(tmp_path):
    url = f"sqlite:///{tmp_path}/desk.sqlite"
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        acknowledged = [int(writer.stdout.readline()) for _ in range(25)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.strip()]
    desk = SqlDesk(Database(url, "project"))
    kept = {one.id for one in desk.drain()}
    assert {f"v{n}" for n in acknowledged} <= kept
    desk.database.close()
