import asyncio
import time

import pytest

from serving import client_of, make_project, open_office, person, vote_of

# Rules of which each votes alone are as sure as their owner is.
BELIEVED = """
[sources."says free"]
accuracy = 0.95

[sources."says lunch"]
accuracy = 0.95
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """An office whose project may be changed, with an owner signed in."""
    folder = tmp_path_factory.mktemp("shop") / "reviews"
    make_project(folder, count=300, settings=BELIEVED)
    office = open_office(folder)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    yield client, office
    office.close()


@pytest.fixture
def olga(shop):
    return shop[0]


@pytest.fixture
def office(shop):
    return shop[1]


def browse(client, **query):
    return client.post("/api/v1/items/browse", json=query).json()


def test_the_project_at_a_glance(olga):
    seen = olga.get("/api/v1/project").json()
    assert [(one["name"], one["key"]) for one in seen["classes"]] == [("spam", "s"), ("ham", "h")]
    assert [one["keys"] for one in seen["classes"]] == [["s", "1"], ["h", "2"]]
    assert seen["keys"]["none"] is None
    assert (seen["items"], seen["fields"], seen["text"]) == (300, ["text", "price"], "text")
    assert seen["may"] == ["label", "review", "write_rules", "run_rounds", "manage_people"]


def test_items_are_found_by_words_labels_sources_and_doubt(olga):
    assert browse(olga)["total"] == 300
    assert browse(olga, search="MESSAGE free")["total"] == 100
    assert browse(olga, search="message 7 ")["total"] > 0
    assert browse(olga, search="nowhere")["total"] == 0
    assert browse(olga, label="spam")["total"] == browse(olga, source="says free")["total"] == 100
    assert browse(olga, label="")["total"] == 90
    assert browse(olga, source="says free", answer="ham")["total"] == 0
    assert browse(olga, answered=True)["total"] == 30
    assert browse(olga, disputed=True)["total"] + browse(olga, disputed=False)["total"] == 300
    assert browse(olga, split="test")["total"] == 0
    assert browse(olga, confidence_min=0.5, confidence_max=0.7)["total"] >= 0
    assert olga.post("/api/v1/items/browse", json={"source": "nobody"}).status_code == 404
    assert olga.post("/api/v1/items/browse", json={"sort": "colour"}).status_code == 422


@pytest.mark.parametrize("sort", ["number", "confidence", "doubt", "disagreement"])
def test_pages_follow_each_other_without_gaps_or_repetition(olga, sort):
    seen, cursor = [], None
    while True:
        page = browse(olga, sort=sort, descending=True, cursor=cursor, limit=70)
        seen += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert sorted(one["content"]["item"] for one in seen) == list(range(300))
    if sort != "number":
        key = {"doubt": lambda one: 1 - one["confidence"]}.get(sort, lambda one: one[sort])
        values = [key(one) for one in seen]
        assert values == sorted(values, reverse=True)
    assert browse(olga, sort=sort, cursor="150", limit=1)["items"]
    assert olga.post("/api/v1/items/browse", json={"cursor": "-1"}).status_code == 422


def test_sources_say_how_good_they_are_and_where_they_disagree(olga):
    table = olga.get("/api/v1/sources").json()
    names = {row["name"]: row for row in table["sources"]}
    assert set(names) == {"gold", "says free", "says lunch"}
    free = names["says free"]
    assert (free["votes"], free["kind"], free["judged"]) == (100, "rule", 10)
    assert free["tested"]["low"] < free["tested"]["value"] == 1.0
    confusion = olga.get(f"/api/v1/sources/{free['number']}/confusion").json()
    assert confusion["classes"] == ["spam", "ham"]
    assert olga.get(f"/api/v1/sources/{free['number']}/disagreements").json()["total"] == 0
    assert olga.get("/api/v1/sources/99/confusion").status_code == 404
    assert olga.get("/api/v1/sources/99/disagreements").status_code == 404


def test_the_board_counts_and_says_what_to_do_next(olga):
    board = olga.get("/api/v1/board").json()
    assert board["funnel"]["items"] == 300
    assert board["funnel"]["covered"] == 210
    # Gold knows thirty items, but nobody has answered or checked anything.
    assert (board["funnel"]["answered"], board["funnel"]["audited"]) == (0, 0)
    assert (board["standing"]["items"], board["standing"]["of"]) == (300, 20)
    assert board["standing"]["truth"] == "gold"
    assert board["quality"] == []
    assert board["forecast"]["reachable"] is None
    assert board["steps"][0]["text"] == "Run a first round"
    assert olga.get("/api/v1/board?target=2").status_code == 422


def test_the_audit_grid_is_a_page_of_one_class_most_doubtful_first(olga):
    grid = olga.post("/api/v1/audit/grid", json={"limit": 5}).json()
    assert {one["name"]: one["items"] for one in grid["groups"]} == {"spam": 90, "ham": 90}
    confidence = [row["confidence"] for row in grid["items"]]
    assert confidence == sorted(confidence)
    item = grid["items"][0]["content"]["item"]
    olga.post("/api/v1/votes", json={"votes": [vote_of(item, grid["group"], shown="audit")]})
    again = olga.post("/api/v1/audit/grid", json={"limit": 5, "group": grid["group"]}).json()
    assert item not in [row["content"]["item"] for row in again["items"]]
    assert olga.post("/api/v1/audit/grid", json={"group": "none"}).json()["items"] == []


def test_a_target_is_planned_answered_passed_and_accepted(olga, office):
    assert olga.get("/api/v1/audit/target").json()["state"] == "none"
    too_few = olga.post("/api/v1/audit/target", json={"target": 0.98, "sample": 30})
    assert too_few.status_code == 422
    assert "audit at least 149" in too_few.json()["detail"]
    assert olga.post("/api/v1/audit/target", json={"target": 1 - 1e-15}).status_code == 422
    assert olga.post("/api/v1/audit/target/accept", json={}).json()["state"] == "none"
    plan = olga.post("/api/v1/audit/target", json={"target": 0.75, "sample": 30}).json()
    assert (plan["state"], plan["sampled"], plan["answered"]) == ("answering", 30, 0)
    assert olga.post("/api/v1/audit/target/accept", json={}).status_code == 409
    answered = 0
    until = time.monotonic() + 60
    while answered < 30:
        assert time.monotonic() < until
        for question in olga.post("/api/v1/queue/next", json={"count": 50}).json()["questions"]:
            item = question["content"]["item"]
            if question["ask"] == "audit":
                assert question["suggestion"] is None
                answer = "spam" if item % 3 == 0 else "ham"
                olga.post("/api/v1/votes", json={"votes": [vote_of(item, answer)]})
                answered += 1
    passed = olga.get("/api/v1/audit/target").json()
    assert (passed["state"], passed["right"], passed["correct"]["value"]) == ("passed", 30, 1.0)
    accepted = olga.post("/api/v1/audit/target/accept", json={"note": "good"}).json()
    assert accepted["state"] == "accepted"
    assert set(office.taken()) >= set(range(0, 30, 30))
    assert len(office.taken()) >= plan["candidates"]
    grid = olga.post("/api/v1/audit/grid", json={"accepted": True, "limit": 5}).json()
    assert grid["accepted"] == sum(one["items"] for one in grid["groups"])
    assert grid["accepted"] > 0
    rest = olga.post("/api/v1/audit/grid", json={"limit": 200}).json()
    shown = {row["content"]["item"] for row in grid["items"]}
    assert shown
    assert not shown & {row["content"]["item"] for row in rest["items"]}


def test_an_iterator_that_ends_in_a_thread_is_an_error_and_keeps_nobody_waiting(office):
    with pytest.raises(RuntimeError, match="ended early"):
        asyncio.run(asyncio.wait_for(office.run(next, iter(())), 20))


def test_stated_quality_speaks_of_nothing_before_anything_was_audited(olga):
    stated = olga.get("/api/v1/audit/quality").json()
    assert (stated["audited"], stated["correct"]["value"]) == (0, None)
    assert "none was audited" in stated["sentence"]


def preview(client, when, vote="spam", **more):
    return client.post("/api/v1/rules/preview", json={"vote": vote, "when": when, **more}).json()


def test_a_preview_counts_what_a_rule_would_do(olga):
    seen = preview(olga, {"keywords": ["tomorrow"]}, "ham")
    assert (seen["error"], seen["items"], seen["hits"], seen["new"]) == (None, 300, 100, 90)
    assert (seen["judged"], seen["right"], seen["precision"]["value"]) == (10, 10, 1.0)
    assert len(seen["random"]) == len(seen["doubtful"]) == 5
    assert seen["random"][0]["highlights"][0]["field"] == "text"
    mine = preview(olga, {"keywords": ["free"]}, replaces="says free")
    assert (mine["hits"], mine["new"], preview(olga, {"keywords": ["free"]})["new"]) == (100, 90, 0)
    assert preview(olga, {"field": "price", "above": 20})["hits"] == 99
    turned = preview(olga, {"keywords": ["lunch"]}, "spam")
    assert turned["conflict"] > 0.3


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({}, "names no condition"),
        ({"keyword": "x"}, "did you mean 'keywords'"),
        ({"regex": "("}, "regular expression"),
        ({"regex": "(?<=a)b"}, "preview"),
        ({"similar": ["free money"]}, "similarity has no preview"),
        ({"field": "colour", "keywords": ["x"]}, "which no item has"),
        ({"dictionary": "../../../etc/passwd"}, "must lie in the project's folder"),
        ({"any": [{"dictionary": "/etc/passwd"}]}, "must lie in the project's folder"),
        ({"dictionary": ".labelwright/format.json"}, "must lie in the project's folder"),
        ({"dictionary": "none.txt"}, "cannot be read"),
    ],
)
def test_a_rule_that_is_not_whole_yet_says_what_lacks(olga, when, message):
    assert message in preview(olga, when)["error"]


def test_conditions_nested_too_deep_are_refused(olga):
    when = {"keywords": ["x"]}
    for _ in range(40):
        when = {"not": when}
    assert "nested" in preview(olga, when)["error"]
    assert "no class" in preview(olga, {"keywords": ["x"]}, "nothing")["error"]


def test_a_rule_is_saved_in_the_file_and_removed_from_it(olga, office):
    path = office.folder / "labelwright.toml"
    before = path.read_text()
    rules = olga.get("/api/v1/rules").json()
    assert [rule["name"] for rule in rules["rules"]] == ["says free", "says lunch"]
    rule = {
        "name": "says tomorrow",
        "vote": "ham",
        "when": {"keywords": {"any": ["tomorrow"]}},
        "settings": {"description": "later"},
    }
    saved = olga.post("/api/v1/rules", json={"rule": rule, "revision": rules["revision"]}).json()
    assert [one["name"] for one in saved["rules"]][-1] == "says tomorrow"
    # In its canonical form.
    assert 'when = {keywords = ["tomorrow"]}' in path.read_text()
    old = olga.post("/api/v1/rules", json={"rule": rule, "revision": rules["revision"]})
    assert old.status_code == 409
    again = olga.post("/api/v1/rules", json={"rule": rule, "revision": saved["revision"]})
    assert again.status_code == 422
    renamed = rule | {"name": "later", "settings": {}}
    given = {"rule": renamed, "replaces": "says tomorrow", "revision": saved["revision"]}
    saved = olga.post("/api/v1/rules", json=given).json()
    assert "description" not in path.read_text()
    given = {"rule": renamed, "replaces": "gone", "revision": saved["revision"]}
    assert olga.post("/api/v1/rules", json=given).status_code == 422
    gone = {"name": "later", "revision": saved["revision"]}
    assert olga.post("/api/v1/rules/remove", json=gone).status_code == 200
    assert path.read_text().split() == before.split()
    now = olga.get("/api/v1/rules").json()["revision"]
    assert olga.post("/api/v1/rules/remove", json=gone | {"revision": now}).status_code == 422


def test_edits_by_hand_show_up_and_a_broken_file_does_no_harm(olga, office):
    path = office.folder / "labelwright.toml"
    whole = path.read_text()
    path.write_text(whole.replace("says lunch", "mentions lunch"))
    office.refresh()
    assert olga.get("/api/v1/rules").json()["rules"][1]["name"] == "mentions lunch"
    path.write_text(whole + "\n[[rules")
    office.refresh()
    told = olga.get("/api/v1/rules").json()
    assert "labelwright.toml" in told["error"]
    assert olga.post("/api/v1/queue/next", json={}).status_code == 200
    path.write_text(whole)
    office.refresh()
    assert olga.get("/api/v1/rules").json()["error"] is None


def test_rules_are_suggested_from_what_is_known_and_not_covered(olga):
    found = olga.post("/api/v1/rules/suggest", json={}).json()["suggestions"]
    assert found[0]["rule"]["when"] == {"field": "text", "keywords": ["tomorrow"]}
    assert (found[0]["rule"]["vote"], found[0]["new"], found[0]["judged"]) == ("ham", 90, 10)
    assert found[0]["examples"][0]["highlights"]
    assert olga.post("/api/v1/rules/dismiss", json={"key": found[0]["key"]}).json() == {
        "done": True
    }
    left = olga.post("/api/v1/rules/suggest", json={}).json()["suggestions"]
    assert found[0]["key"] not in [one["key"] for one in left]


def test_marked_words_become_rules(olga):
    found = olga.post("/api/v1/rules/suggest", json={"words": ["Tomorrow", "lunch", " "]}).json()[
        "suggestions"
    ]
    whens = [one["rule"]["when"]["keywords"] for one in found]
    assert ["tomorrow"] in whens
    assert ["tomorrow", "lunch"] in whens
    other = olga.post("/api/v1/rules/suggest", json={"words": ["tomorrow"], "vote": "spam"}).json()
    assert other["suggestions"][0]["rule"]["vote"] == "spam"
    wrong = olga.post("/api/v1/rules/suggest", json={"words": ["tomorrow"], "vote": "none"})
    assert wrong.status_code == 422


def test_a_round_in_the_background_takes_answers_in_while_people_go_on(olga, office):
    olga.post("/api/v1/votes", json={"votes": [vote_of(2, "ham"), vote_of(5, "ham")]})
    assert len([*office.desk.drain()]) >= 2
    heard = []
    office.events.tell = heard.append
    begun = olga.post("/api/v1/rounds", json={"note": "from the browser"})
    assert begun.status_code == 202
    assert olga.post("/api/v1/rounds", json={}).status_code == 409
    until, asked = time.monotonic() + 240, 0
    while olga.get("/api/v1/rounds").json()["now"]["state"] == "running":
        assert time.monotonic() < until
        assert olga.post("/api/v1/queue/next", json={}).status_code == 200
        asked += 1
        time.sleep(0.1)
    told = olga.get("/api/v1/rounds").json()
    assert told["now"]["state"] == "idle", told
    assert told["rounds"][0]["note"] == "from the browser"
    assert asked > 1
    assert [*office.desk.drain()] == []
    kinds = {event.kind for event in heard}
    assert {"round", "labels", "queue"} <= kinds
    board = olga.get("/api/v1/board").json()
    assert len(board["quality"]) == 1
    assert olga.get("/api/v1/items/2").json()["prediction"] in ("spam", "ham")
    table = olga.get("/api/v1/sources").json()
    assert "Olga" in [row["name"] for row in table["sources"]]


def test_a_round_that_fails_says_why_and_the_next_may_begin(olga, office):
    path = office.folder / "labelwright.toml"
    whole = path.read_text()
    path.write_text(
        whole + '\n[[rules]]\nname = "wrong"\nvote = "none"\nwhen = { keywords = ["x"] }\n'
    )
    try:
        assert olga.post("/api/v1/rounds", json={}).status_code == 202
        until = time.monotonic() + 120
        while (now := olga.get("/api/v1/rounds").json()["now"])["state"] == "running":
            assert time.monotonic() < until
            time.sleep(0.1)
        assert now["state"] == "failed"
        assert "no class of this task" in now["detail"]
    finally:
        path.write_text(whole)


def test_a_worker_that_is_killed_is_told_of_and_started_anew(olga, office):
    assert olga.post("/api/v1/rounds", json={}).status_code == 202
    until = time.monotonic() + 60
    while office.worker._process is None and time.monotonic() < until:
        time.sleep(0.05)
    office.worker._process.kill()
    while (now := olga.get("/api/v1/rounds").json()["now"])["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "ended" in now["detail"]
