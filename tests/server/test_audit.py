"""Auditing in a served project: pages that go on, a sample of its own, one number everywhere."""

import time

import pytest

import labelwright as lw
from labelwright.core.pool import Assignment
from serving import client_of, make_project, open_office, person, vote_of

SURE = """
[sources."says free"]
accuracy = 0.999

[sources."says lunch"]
accuracy = 0.999
"""


@pytest.fixture
def office(tmp_path):
    make_project(tmp_path / "reviews", count=600, settings=SURE)
    office = open_office(tmp_path / "reviews", questions=5)
    yield office
    office.close()


@pytest.fixture
def olga(office):
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    return client


def post(client, path, **body):
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(page):
    return [row["content"]["item"] for row in page["items"]]


def accept(client, page):
    votes = [vote_of(row["content"]["item"], row["label"], shown="audit") for row in page["items"]]
    assert {one["status"] for one in post(client, "votes", votes=votes)["results"]} == {"taken"}


def test_page_after_page_is_accepted_until_the_class_is_done(olga):
    page = post(olga, "audit/grid", limit=24)
    (name, waiting) = page["group"], {one["name"]: one["items"] for one in page["groups"]}
    seen = []
    while page["items"]:
        assert {one["name"]: one["items"] for one in page["groups"]}[name] == waiting[name] - len(
            seen
        )
        seen += numbers(page)
        accept(olga, page)
        page = post(olga, "audit/grid", group=name, limit=24)
    assert len(seen) == len(set(seen)) == waiting[name] > 100
    left = {one["name"]: one["items"] for one in page["groups"]}
    assert left == {other: count for other, count in waiting.items() if other != name}


def test_a_page_that_is_left_stays_for_later_and_a_cursor_skips_nothing(olga):
    first = post(olga, "audit/grid", limit=24)
    second = post(olga, "audit/grid", group=first["group"], limit=24, cursor=first["cursor"])
    accept(olga, first)
    again = post(olga, "audit/grid", group=first["group"], limit=24, cursor=first["cursor"])
    assert numbers(again) == numbers(second)
    accept(olga, second)
    third = post(olga, "audit/grid", group=first["group"], limit=24)
    assert not {*numbers(first), *numbers(second)} & {*numbers(third)}
    seen, page = numbers(third), third
    while page["cursor"]:
        page = post(olga, "audit/grid", group=first["group"], limit=24, cursor=page["cursor"])
        seen += numbers(page)
    total = {one["name"]: one["items"] for one in third["groups"]}[first["group"]]
    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize("sample", [59, 60, 92, 93])
def test_a_target_that_few_answers_can_just_show_is_planned(olga, sample):
    plan = post(olga, "audit/target", target=0.95, sample=sample)
    assert (plan["state"], plan["sampled"]) == ("answering", sample)
    assert 0.9 < plan["threshold"] <= 1
    too_few = olga.post("/api/v1/audit/target", json={"target": 0.95, "sample": 58})
    assert "at least 59" in too_few.json()["detail"]


def answers_audit(client, count, *, wrong=0):
    given = []
    while len(given) < count:
        for question in post(client, "queue/next", count=10, ask="audit")["questions"]:
            assert (question["ask"], question["suggestion"]) == ("audit", None)
            if len(given) == count:
                continue
            item = question["content"]["item"]
            right = "spam" if item % 3 == 0 else "ham"
            said = right if len(given) >= wrong else {"spam": "ham", "ham": "spam"}[right]
            post(client, "votes", votes=[vote_of(item, said)])
            given.append(item)
    return given


def test_an_audit_asks_its_own_questions_tells_how_far_it_is_and_can_be_cancelled(olga, office):
    post(olga, "audit/target", target=0.95, sample=60)
    sample = set(office.desk.honest())
    given = answers_audit(olga, 7)
    assert set(given) < sample
    step = olga.get("/api/v1/audit/target").json()
    assert (step["state"], step["answered"], step["right"]) == ("answering", 7, 7)
    assert "7 of 60 answered" in step["sentence"]
    # Where an honest answer is waited for, the grid does not show what the machine thinks.
    shown = numbers(post(olga, "audit/grid", limit=200))
    assert not set(shown) & sample
    assert post(olga, "audit/target/cancel")["state"] == "none"
    assert olga.get("/api/v1/audit/target").json()["state"] == "none"
    assert office.desk.honest() == []
    assert post(olga, "queue/next", count=10, ask="audit")["questions"] == []
    # A late answer of somebody who holds one still is an answer like any other.
    late = next(iter(sample - set(given)))
    assert post(olga, "votes", votes=[vote_of(late, "spam")])["results"][0]["status"] == "taken"
    assert post(olga, "audit/target/cancel")["state"] == "none"
    again = post(olga, "audit/target", target=0.95, sample=60)
    assert (again["state"], again["answered"]) == ("answering", 0)
    assert not set(office.desk.honest()) & {*given, late}


def test_planning_anew_takes_the_old_sample_back_and_what_is_taken_over_stays(olga, office):
    post(olga, "audit/target", target=0.95, sample=60)
    answers_audit(olga, 3)
    post(olga, "audit/target", target=0.9, sample=30)
    assert len(office.desk.honest()) == 30
    answers_audit(olga, 30)
    assert olga.get("/api/v1/audit/target").json()["state"] == "passed"
    assert post(olga, "audit/target/accept")["state"] == "accepted"
    refused = olga.post("/api/v1/audit/target/cancel", json={})
    assert (refused.status_code, "taken over" in refused.json()["detail"]) == (409, True)


def test_an_ordinary_queue_goes_on_beside_the_audit(olga):
    post(olga, "audit/target", target=0.95, sample=60)
    kinds = {one["ask"] for one in post(olga, "queue/next", count=50)["questions"]}
    assert kinds == {"new", "audit"}
    assert olga.post("/api/v1/queue/next", json={"ask": "test"}).status_code == 422


def test_an_audit_that_can_no_longer_pass_says_so_at_once(olga):
    post(olga, "audit/target", target=0.95, sample=60)
    answers_audit(olga, 1, wrong=1)
    step = olga.get("/api/v1/audit/target").json()
    assert (step["state"], step["answered"], step["right"]) == ("failed", 1, 0)
    assert post(olga, "audit/target/cancel")["state"] == "none"


def ask_at_random(office, chances):
    """Questions of the random share on these items, each drawn with its chance."""
    questions = [
        Assignment(item, "", chance, random=True, reason="", lease_until=0.0)
        for item, chance in chances.items()
    ]
    office.desk.offer(questions, [office.snapshot.id_of(item) for item in chances])


def test_board_audit_status_and_report_state_one_weighted_number(tmp_path):
    folder = tmp_path / "reviews"
    make_project(folder, count=600, settings=SURE, gold=False)
    project = lw.open(folder)
    project.round()
    office = open_office(folder, questions=0)
    olga = client_of(office)
    olga.headers |= person(office, "Olga", "owner")
    time.sleep(0.01)
    # Many of those drawn with a high chance are right, half of those with a low one wrong.
    likely = [item for item in range(1, 120) if item % 10 and item % 3 == 0]
    rare = [item for item in range(121, 240) if item % 10 and item % 3 == 1][:10]
    ask_at_random(office, dict.fromkeys(likely, 0.5) | dict.fromkeys(rare, 0.05))
    truth = dict.fromkeys(likely, "spam")
    truth |= {item: "ham" if place % 2 else "spam" for place, item in enumerate(rare)}
    post(olga, "votes", votes=[vote_of(item, said, shown="blind") for item, said in truth.items()])
    before = olga.get("/api/v1/audit/quality").json()
    weighted = (len(likely) / 0.5 + 5 / 0.05) / (len(likely) / 0.5 + 10 / 0.05)
    assert before["correct"]["value"] == pytest.approx(weighted)
    assert (before["audited"], before["right"]) == (len(likely) + 10, len(likely) + 5)
    # The sample of a target is drawn from the surest items: it says nothing of all.
    post(olga, "audit/target", target=0.95, sample=60)
    answers_audit(olga, 60)
    board = olga.get("/api/v1/board").json()
    assert olga.get("/api/v1/audit/quality").json() == before
    assert board["standing"]["right"] == before["correct"]
    assert board["quality"][-1]["labels"]["value"] == pytest.approx(weighted)
    assert lw.open(folder).status().labels.standing.right.share == pytest.approx(weighted)
    office.close()


def test_a_vote_is_an_answer_and_checked_is_what_a_person_answered(tmp_path):
    folder = tmp_path / "reviews"
    make_project(folder, count=300)
    project = lw.open(folder)
    for item in (2, 5, 8):
        project.answer(f"k{item}", None, person="Ann")
    project.answer("k11", "spam", person="Ann")
    project.answer("k3", "spam", person="Ann")
    project.round()
    office = open_office(folder, questions=0)
    olga = client_of(office)
    olga.headers |= person(office, "Olga", "owner")
    board = olga.get("/api/v1/board").json()
    assert board["cost"]["votes"] == {"rule": 200, "gold": 30, "person": 2}
    assert project.crowd.report().answered == 2
    funnel = board["funnel"]
    # Two rules vote on 200 items, gold on ten others, a person on one more; content decides all.
    assert (funnel["items"], funnel["covered"]) == (300, 211)
    assert funnel["answered"] == 2
    assert funnel["audited"] <= 2
    office.close()
