"""Hidden test questions, trust and second opinions at the desk."""

import uuid

import pytest

import labelwright as lw
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.server.jobs import Done, Job
from serving import client_of, make_project, offer, open_office, person, vote_of

EXAM = "\n[crowd]\nquiz = 3\ntest_rate = 0.0\nbar = 0.75\n"
TESTS = range(0, 60, 10)
GOLD = {item: ("spam", "ham", "ham")[item % 3] for item in TESTS}
OTHER = {"spam": "ham", "ham": "spam"}


@pytest.fixture(scope="module")
def examining(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exams") / "reviews"
    make_project(folder, settings=EXAM)
    return folder


@pytest.fixture
def office(examining, tmp_path):
    office = open_office(examining, database=f"sqlite:///{tmp_path}/desk.sqlite", questions=0)
    questions = [item for item in range(1, 41) if item % 10]
    offer(office, questions)
    yield office
    office.close()


@pytest.fixture
def ann(office):
    return signed_in(office, "Ann")


def signed_in(office, name, role="labeller"):
    client = client_of(office)
    client.headers |= person(office, name, role)
    return client


def following(client, count=1, **more):
    return client.post("/api/v1/queue/next", json={"count": count, **more}).json()


def items(answer):
    return [one["content"]["item"] for one in answer["questions"]]


def cast(client, *votes):
    return client.post("/api/v1/votes", json={"votes": votes}).json()["results"]


def answers(client, asked, *, right=True):
    """Votes on the test questions among those asked."""
    votes = [
        vote_of(item, GOLD[item] if right else OTHER[GOLD[item]]) for item in asked if item in GOLD
    ]
    return votes, cast(client, *votes)


def test_a_newcomer_s_first_questions_are_a_quiz_that_looks_like_any_other(ann):
    first = following(ann, 5)
    assert [item in GOLD for item in items(first)] == [True] * 3 + [False] * 2
    assert first["exam"] == {"tested": 0, "right": 0, "quiz": 3, "held_back": False}
    looks = [{**one, "content": None, "lease_until": 0} for one in first["questions"]]
    assert all(look == looks[0] for look in looks)
    assert looks[0]["suggestion"] is None


def test_tests_that_are_held_count_and_nobody_gets_one_twice(ann):
    first = [item for item in items(following(ann, 2)) if item in GOLD]
    second = [item for item in items(following(ann, 2)) if item in GOLD]
    assert (len(first), len(second)) == (2, 1)
    assert not set(first) & set(second)
    again = items(following(ann, 4, resume=True))
    assert set(first + second) <= set(again)


def test_a_wrong_answer_is_told_with_the_reason_and_a_right_one_is_not(ann):
    asked = items(following(ann, 3))
    votes, results = answers(ann, asked[:1])
    assert results[0]["told"] == ""
    votes, results = answers(ann, asked[1:2], right=False)
    assert results[0]["told"].startswith("this was a test question; the answer is")
    assert cast(ann, votes[0])[0] == {**results[0], "status": "known"}


def test_what_was_told_cannot_be_answered_anew(ann):
    asked = items(following(ann, 3))
    (wrong,), _ = answers(ann, asked[:1], right=False)
    undo = {"id": uuid.uuid4().hex, "vote": wrong["id"]}
    assert ann.post("/api/v1/votes/undo", json=undo).status_code == 409
    better = vote_of(asked[0], GOLD[asked[0]], supersedes=wrong["id"])
    (result,) = cast(ann, better)
    assert result["status"] == "refused"
    assert "forgive" in result["detail"]


def test_a_second_answer_is_refused_also_where_it_does_not_say_that_it_is_one(ann):
    asked = items(following(ann, 3))
    (wrong,), (told,) = answers(ann, asked[:1], right=False)
    (result,) = cast(ann, vote_of(asked[0], GOLD[asked[0]]))
    assert (result["status"], "forgive" in result["detail"]) == ("refused", True)
    assert cast(ann, wrong)[0] == {**told, "status": "known"}
    assert following(ann)["exam"]["right"] == 0


def test_browser_report_and_labels_hold_the_same_people_back(tmp_path):
    make_project(tmp_path / "p", settings=EXAM)
    office = open_office(tmp_path / "p", questions=0)
    ann = signed_in(office, "Ann")
    asked = items(following(ann, 3))
    answers(ann, asked[:1])
    # One is answered when its lease is long over, and both again from a page that was open still.
    lapse = "update slots set until = 0 where state = 1"
    office.desk.database.write(lambda connection: connection.exec_driver_sql(lapse) and None)
    following(signed_in(office, "Bea"))
    answers(ann, asked[1:], right=False)
    again, results = answers(ann, asked[1:])
    assert [one["status"] for one in results] == ["refused"] * 2
    before = following(ann)["exam"]
    # The first answer is what counts even if the second has come in by another way.
    project = lw.open(tmp_path / "p")
    collect_answers(project.workspace)
    for vote in again:
        project.answer(f"k{vote['item']}", vote["answer"], person="Ann")
    project.label()
    office.refresh()
    (told,) = signed_in(office, "Rob", "reviewer").get("/api/v1/crowd").json()["people"]
    (person_,) = project.crowd.report().people
    after = following(ann)["exam"]
    assert before == after == {"tested": 3, "right": 1, "quiz": 3, "held_back": True}
    for one in (told["tested"], person_.tested):
        assert one == 3
    for one in (told["right"], person_.right):
        assert one == 1
    assert told["state"] == person_.state == "held back"
    labels = project.label().votes
    names = [source.name for source in labels.sources]
    assert names.index("Ann") not in labels.source
    assert not set(items(following(ann, 40))) & set(asked)
    office.close()


def test_a_right_answer_to_a_test_can_be_undone_like_any_other(ann):
    asked = items(following(ann, 4))
    (right,), _ = answers(ann, asked[:1])
    plain = vote_of(asked[3], "spam")
    cast(ann, plain)
    for vote in (right, plain):
        undo = {"id": uuid.uuid4().hex, "vote": vote["id"]}
        assert ann.post("/api/v1/votes/undo", json=undo).status_code == 200
    assert following(ann)["exam"]["tested"] == 0


def test_whoever_passes_gets_ordinary_questions(ann):
    answers(ann, items(following(ann, 3)))
    after = following(ann, 5)
    assert after["exam"] == {"tested": 3, "right": 3, "quiz": 3, "held_back": False}
    assert not any(item in GOLD for item in items(after))


def test_whoever_fails_gets_only_tests_and_then_nothing(ann):
    answers(ann, items(following(ann, 3)), right=False)
    after = following(ann, 10)
    assert after["exam"]["held_back"]
    assert sorted(items(after)) == sorted(set(items(after)) & set(GOLD))
    answers(ann, items(after), right=False)
    assert following(ann, 10)["questions"] == []
    assert not following(ann, 10)["refilling"]


def test_a_skipped_test_is_nobody_else_s_and_does_not_come_again(ann, office):
    (first,) = items(following(ann, 1))
    ann.post("/api/v1/queue/skip", json={"item": first})
    boss = signed_in(office, "Bo", "owner")
    following(signed_in(office, "Cid"), 1)
    assert first not in items(following(ann, 5))
    assert not any(item in GOLD for item in items(following(boss, 40)))


def test_owners_and_reviewers_are_not_examined(office):
    for role in ("owner", "reviewer"):
        found = following(signed_in(office, f"a {role}", role), 3)
        assert found["exam"] is None
        assert not any(item in GOLD for item in items(found))


def test_a_forgiven_test_lifts_its_person_over_the_bar(tmp_path):
    make_project(tmp_path / "p", settings=EXAM)
    office = open_office(tmp_path / "p", questions=0)
    ann = signed_in(office, "Ann")
    asked = items(following(ann, 3))
    answers(ann, asked[:2])
    answers(ann, asked[2:], right=False)
    collect_answers(office.workspace)
    assert following(ann)["exam"]["held_back"]
    reviewer = signed_in(office, "Rob", "reviewer")
    body = {"item": asked[2], "person": "Ann", "note": "it is cut off"}
    assert reviewer.post("/api/v1/crowd/forgive", json=body).json() == {"new": True}
    assert reviewer.post("/api/v1/crowd/forgive", json=body).json() == {"new": False}
    after = following(ann)["exam"]
    assert (after["tested"], after["right"], after["held_back"]) == (2, 2, False)
    office.close()


def test_the_crowd_is_told_as_far_as_the_labels_know_it(tmp_path):
    folder = tmp_path / "p"
    project = make_project(folder, settings=EXAM)
    for item in (0, 10, 20, 1, 2):
        project.answer(f"k{item}", OTHER[GOLD[item]] if item in GOLD else "spam", person="Ann")
    project.label()
    office = open_office(folder)
    told = signed_in(office, "Rob", "reviewer").get("/api/v1/crowd").json()
    (ann,) = told["people"]
    assert (ann["name"], ann["answers"], ann["tested"], ann["right"]) == ("Ann", 5, 3, 0)
    assert ann["state"] == "held back"
    assert 0 <= ann["agreement"] <= 1
    assert told["tests"] == 6
    empty = lw.init(tmp_path / "empty", classes=["a", "b"])
    nothing = open_office(empty.folder)
    assert signed_in(nothing, "Rob", "reviewer").get("/api/v1/crowd").status_code == 409
    assert following(signed_in(nothing, "Ann"))["exam"] is None
    for one in (office, nothing):
        one.close()


SECOND = "\n[crowd]\nleast = 2\nmost = 3\nconfidence = 0.9\n"


def everything(client):
    return {*items(following(client, 50)), *items(following(client, 50))}


def picked(office):
    """What the job in the background does: collect, label, pick, and put it on the desk."""
    project = lw.Project.open(office.folder, desk=office.desk.database.url)
    found = project.pick(100, taken=office.taken(fresh=True))
    done = Done(found, tuple(office.snapshot.id_of(one.item) for one in found))
    office._finished(Job("questions"), done)
    return {one.item: one.people for one in found}


def test_only_what_stays_in_doubt_is_asked_once_more(tmp_path):
    folder = tmp_path / "p"
    make_project(folder, settings=SECOND)
    office = open_office(folder, questions=0)
    wanted = picked(office)
    assert set(wanted.values()) == {2}
    people = [signed_in(office, name, "reviewer") for name in ("Ann", "Bob", "Cid", "Dan")]
    first = everything(people[0])
    assert everything(people[1]) == first
    assert everything(people[2]) == set()
    divided = {5, 11, 17, 23}
    for item in first:
        said = "spam" if item % 3 == 0 else "ham"
        cast(people[0], vote_of(item, said))
        cast(people[1], vote_of(item, OTHER[said] if item in divided else said))
    # Before the labels know the answers nobody is asked again.
    assert set(office.taken()) == first
    assert picked(office) == dict.fromkeys(divided, 1)
    # These wait at the desk now.
    assert picked(office) == {}
    third = everything(people[2])
    assert third == divided
    assert everything(people[0]) == set()
    for item in third:
        cast(people[2], vote_of(item, "spam"))
    # Three answers are all that an item may get.
    assert not set(picked(office)) & third
    assert everything(people[3]) == set()
    office.close()
