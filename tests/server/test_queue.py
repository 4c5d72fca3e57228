import uuid

import pytest

import labelwright as lw
from labelwright.server.hot_routes import ROUTES
from serving import client_of, make_project, offer, open_office, person, vote_of


@pytest.fixture
def ann(client, office):
    client.headers |= person(office, "Ann")
    return client


def ask(client, **given):
    return client.post("/api/v1/queue/next", json=given).json()["questions"]


def cast(client, *votes):
    return [
        one["status"]
        for one in client.post("/api/v1/votes", json={"votes": votes}).json()["results"]
    ]


def test_a_question_has_what_a_person_needs(ann):
    (first,) = ask(ann)
    assert first["content"]["fields"]["text"].startswith("😀 message 0 says free")
    assert list(first["content"]["fields"]) == ["text", "price"]
    assert first["suggestion"]["answer"] == "spam"
    assert (first["shown"], first["ask"], first["reason"]) == ("prelabel", "new", "why not")
    assert [one["content"]["item"] for one in ask(ann, count=3)] == [1, 2, 3]


def test_a_page_loaded_anew_gets_what_it_held(ann):
    held = [one["content"]["item"] for one in ask(ann, count=2)]
    assert [one["content"]["item"] for one in ask(ann, count=3, resume=True)] == [*held, 2]


def test_a_vote_is_taken_once_and_a_wrong_one_said_to_be(ann, office):
    (question,) = ask(ann)
    vote = vote_of(question["content"]["item"], "spam", seconds=2.5, shown="prelabel")
    assert cast(ann, vote) == ["taken"]
    assert cast(ann, vote, vote_of(3, "no class"), vote_of(999, "spam")) == [
        "known",
        "refused",
        "refused",
    ]
    (told,) = office.desk.votes_of("Ann", 5)
    assert (told.vote.answer, told.vote.seconds, told.shown) == ("spam", 2.5, "prelabel")
    assert told.schema_version == office.snapshot.schema_version


def test_a_client_that_does_not_say_what_it_showed_is_not_believed_to_be_blind(ann, office):
    assert cast(ann, vote_of(3, "ham")) == ["taken"]
    (told,) = office.desk.votes_of("Ann", 5)
    assert told.shown == "unsaid"


def test_an_id_of_somebody_else_s_vote_is_refused(ann, office):
    vote = vote_of(1, "spam")
    assert cast(ann, vote) == ["taken"]
    other = client_of(office)
    other.headers |= person(office, "Bob")
    assert cast(other, vote) == ["refused"]


def test_undo_gives_the_question_back_and_a_new_answer_supersedes(ann, office):
    (question,) = ask(ann)
    item = question["content"]["item"]
    vote = vote_of(item, "spam")
    cast(ann, vote)
    undo = {"id": uuid.uuid4().hex, "vote": vote["id"]}
    for _ in range(2):
        again = ann.post("/api/v1/votes/undo", json=undo).json()["question"]
        assert again["content"] == question["content"]
    assert cast(ann, vote_of(item, "ham", supersedes=vote["id"])) == ["taken"]
    mine = ann.get("/api/v1/votes/mine").json()["votes"]
    assert [(one["item"], one["answer"], one["withdrawn"]) for one in mine] == [
        (item, "ham", False),
        (item, None, True),
        (item, "spam", False),
    ]
    other = client_of(office)
    other.headers |= person(office, "Bob")
    assert other.post("/api/v1/votes/undo", json=undo).status_code == 404


def test_undo_works_where_no_question_was_asked(ann):
    vote = vote_of(55, "ham")
    cast(ann, vote)
    undo = {"id": uuid.uuid4().hex, "vote": vote["id"]}
    again = ann.post("/api/v1/votes/undo", json=undo).json()["question"]
    assert again["content"]["item"] == 55


def test_a_time_that_cannot_be_is_replaced_by_now(ann, office):
    import time

    now = time.time()
    cast(ann, vote_of(1, "spam", at=now - 3600), vote_of(2, "spam", at=5.0), vote_of(3, None))
    third, second, first = office.desk.votes_of("Ann", 3)
    assert abs(first.vote.time.timestamp() - (now - 3600)) < 1
    assert abs(second.vote.time.timestamp() - now) < 60
    assert third.vote.answer is None


def test_a_skipped_question_is_somebody_else_s(ann, office):
    (question,) = ask(ann)
    item = question["content"]["item"]
    assert ann.post("/api/v1/queue/skip", json={"item": item}).json() == {"done": True}
    assert ask(ann)[0]["content"]["item"] != item
    other = client_of(office)
    other.headers |= person(office, "Bob")
    assert ask(other)[0]["content"]["item"] == item


def test_a_flag_reaches_the_reviewers(ann, office):
    ann.post("/api/v1/queue/flag", json={"item": 3, "note": "<script>"})
    reviewer = client_of(office)
    reviewer.headers |= person(office, "Rob", "reviewer")
    (flag,) = reviewer.get("/api/v1/queue/flags").json()["flags"]
    assert (flag["item"], flag["id"], flag["person"], flag["note"]) == (3, "k3", "Ann", "<script>")


def test_the_random_share_and_audits_are_shown_blind(ann, office):
    from labelwright.core.pool import Assignment

    office.desk.offer(
        [Assignment(50, "", 0.5, random=True, reason="the model says spam", lease_until=0.0)],
        ["k50"],
    )
    offer(office, [51], ask="audit")
    found = {one["content"]["item"]: one for one in ask(ann, count=50)}
    for item in (50, 51):
        assert (found[item]["suggestion"], found[item]["shown"]) == (None, "blind")
        assert "spam" not in found[item]["reason"]


def test_in_a_blind_project_labellers_see_no_suggestion_and_no_reason(tmp_path):
    folder = tmp_path / "blind"
    make_project(folder, settings="\n[desk]\nprelabel = false\n")
    office = open_office(folder)
    client = client_of(office)
    client.headers |= person(office, "Ann")
    (question,) = ask(client)
    assert (question["suggestion"], question["reason"], question["shown"]) == (None, "", "blind")
    assert client.get("/api/v1/project").json()["blind"]
    item = question["content"]["item"]
    assert client.get(f"/api/v1/items/{item}/why").status_code == 403
    client.headers |= person(office, "Rob", "reviewer")
    assert ask(client)[0]["suggestion"] is not None
    office.close()


def test_multilabel_answers_are_lists(tmp_path):
    folder = tmp_path / "topics"
    make_project(folder, kind="multilabel", rules=RULES_OF_LISTS)
    office = open_office(folder)
    client = client_of(office)
    client.headers |= person(office, "Ann", "owner")
    (question,) = ask(client)
    assert question["suggestion"]["answer"] == ["spam"]
    given = [vote_of(1, []), vote_of(2, ["ham", "spam"]), vote_of(3, "spam")]
    assert cast(client, *given) == ["taken", "taken", "refused"]
    assert client.get("/api/v1/votes/mine").json()["votes"][0]["answer"] == ["spam", "ham"]
    why = client.get("/api/v1/items/0/why").json()
    assert [unit["name"] for unit in why["units"]] == ["spam", "ham"]
    rows = client.post("/api/v1/items/browse", json={"label": "spam"}).json()
    assert rows["total"] == 20
    assert client.get("/api/v1/board").status_code == 200
    assert client.get("/api/v1/sources/0/disagreements").status_code == 200
    assert client.post("/api/v1/rules/suggest", json={}).json() == {"suggestions": []}
    office.close()


RULES_OF_LISTS = """
[[rules]]
name = "says free"
vote = ["spam"]
when = { field = "text", keywords = ["free"] }
"""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"count": 0}',
        b'{"count": "many"}',
        b'{"other": 1}',
        b"\xff",
        b'{"votes": []}',
        b'{"votes": [{"id": "x"}]}',
    ],
)
@pytest.mark.parametrize("path", ROUTES)
def test_the_quick_requests_refuse_what_the_framework_would(ann, path, body):
    if (path.endswith("votes")) == (b"count" in body) or body == b"{}":
        pytest.skip("not for this request")
    answer = ann.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_quick_requests_answer_as_the_framework_does(office):
    from starlette.testclient import TestClient

    from labelwright.server import questions as asking
    from labelwright.server.wire.queue import Next, VotesTaken

    quick = client_of(office)
    quick.headers |= person(office, "Ann")
    # The app inside the guard and the quick way.
    declared = TestClient(quick.app.app.app, headers=quick.headers)
    assert asking
    for client in (quick, declared):
        answer = client.post("/api/v1/queue/next", json={"count": 1})
        Next.model_validate_json(answer.content)
        item = answer.json()["questions"][0]["content"]["item"]
        answer = client.post("/api/v1/votes", json={"votes": [vote_of(item, "spam")]})
        VotesTaken.model_validate_json(answer.content)
        assert answer.headers["content-type"] == "application/json"
        assert client.post("/api/v1/votes", json={}).status_code == 422
    for path in ROUTES:
        assert TestClient(quick.app.app.app).post(path, json={}).status_code == 401


def test_the_first_questions_are_random_and_it_is_said_how_many_are_missing(tmp_path):
    make_project(tmp_path / "reviews", gold=False)
    project = lw.open(tmp_path / "reviews")
    office = open_office(project.folder, questions=0)
    try:
        picked = project.pick(30)
        assert [one.random for one in picked[:20]] == [True] * 20
        office.desk.offer(picked, [office.snapshot.id_of(one.item) for one in picked])
        ann = client_of(office)
        ann.headers |= person(office, "Ann")
        first = ann.post("/api/v1/queue/next", json={"count": 5}).json()
        assert (first["random_first"]["answers"], first["random_first"]["missing"]) == (0, 20)
        assert "how frequent each class is" in first["random_first"]["why"]
        assert {one["suggestion"] for one in first["questions"]} == {None}
        votes = [vote_of(one["content"]["item"], "ham") for one in first["questions"]]
        assert cast(ann, *votes) == ["taken"] * 5
        then = ann.post("/api/v1/queue/next", json={"count": 15}).json()
        assert then["random_first"]["missing"] == 15
        olga = client_of(office)
        olga.headers |= person(office, "Olga", "owner")
        steps = [one["text"] for one in olga.get("/api/v1/board").json()["steps"]]
        assert "Answer 15 more random questions" in steps
        # Those on the desk count: no more are drawn than are wanted.
        taken = [one.item for one in picked]
        assert sum(one.random for one in project.pick(10, taken=taken)) < 10
        cast(ann, *[vote_of(one["content"]["item"], "ham") for one in then["questions"]])
        assert ann.post("/api/v1/queue/next", json={}).json()["random_first"] is None
        assert project.label().balance.worth >= 20
    finally:
        office.close()


def test_the_first_twenty_stay_random_when_questions_are_picked_anew_meanwhile(tmp_path):
    """What lies open is replaced by what is picked next: it must not count as asked."""
    make_project(tmp_path / "reviews", gold=False)
    project = lw.open(tmp_path / "reviews")
    office = open_office(project.folder, questions=0)
    try:
        ann = client_of(office)
        ann.headers |= person(office, "Ann")
        asked = []
        for _ in range(4):
            picked = project.pick(30, taken=office.desk.busy())
            office.desk.offer(picked, [office.snapshot.id_of(one.item) for one in picked])
            questions = ask(ann, count=5, resume=True)
            asked += [one["suggestion"] is None for one in questions[:3]]
            cast(ann, *[vote_of(one["content"]["item"], "ham") for one in questions[:3]])
        assert asked == [True] * 12
        drawn = len(office.desk.standing_drawn("new"))
        assert drawn == 12
        assert sum(one.random for one in project.pick(30, taken=office.desk.busy())) >= 20 - 12 - 2
    finally:
        office.close()
