"""The screens of a task in which an item may have several classes."""

import pytest

from serving import client_of, make_project, open_office, person, vote_of

RULES = """
[[rules]]
name = "says free"
vote = ["spam", "ham"]
when = { field = "text", keywords = ["free", "prize"] }

[[rules]]
name = "says lunch"
vote = ["ham"]
when = { field = "text", keywords = ["lunch"] }

[[rules]]
name = "says nothing"
vote = { ham = true }
when = { field = "text", keywords = ["nowhere"] }
"""

VOTES = [["spam", "ham"], ["ham"], {"ham": True}]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several") / "tags"
    make_project(folder, kind="multilabel", rules=RULES)
    office = open_office(folder)
    yield office
    office.close()


@pytest.fixture(scope="module")
def olga(office):
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    return client


def test_there_is_a_key_for_none_of_these_and_no_class_has_it(olga):
    seen = olga.get("/api/v1/project").json()
    assert seen["keys"] == {
        "accept": "Enter", "skip": " ", "undo": "z", "flag": "f", "why": "/", "help": "?",
        "none": "0",
    }  # fmt: skip
    assert [one["keys"] for one in seen["classes"]] == [["s", "1"], ["h", "2"]]


def test_items_are_found_by_one_of_their_classes_and_by_all_of_them(olga):
    def found(label):
        return olga.post("/api/v1/items/browse", json={"label": label}).json()["total"]

    assert (found("spam"), found("ham")) == (20, 40)
    assert (found('["spam", "ham"]'), found('["ham"]')) == (20, 20)
    assert found('["ham", "spam"]') == 0


def test_every_group_of_the_audit_has_the_items_that_it_counts(olga):
    groups = olga.post("/api/v1/audit/grid", json={}).json()["groups"]
    assert groups
    for group in groups:
        grid = olga.post("/api/v1/audit/grid", json={"group": group["name"], "limit": 200}).json()
        assert len(grid["items"]) == group["items"]


def test_a_label_is_corrected_by_all_its_classes_and_not_by_the_name_of_one(olga):
    grid = olga.post("/api/v1/audit/grid", json={}).json()
    item = grid["items"][0]["content"]["item"]
    votes = [vote_of(item, "spam", shown="audit"), vote_of(item, ["spam"], shown="audit")]
    results = olga.post("/api/v1/votes", json={"votes": votes}).json()["results"]
    assert [one["status"] for one in results] == ["refused", "taken"]


def test_a_rule_is_told_with_all_that_it_votes_and_saved_so(olga, office):
    rules = olga.get("/api/v1/rules").json()
    assert [one["vote"] for one in rules["rules"]] == VOTES
    for one in rules["rules"]:
        rule = {name: one[name] for name in ("name", "vote", "when", "settings")}
        wanted = {"rule": rule, "replaces": one["name"], "revision": rules["revision"]}
        saved = olga.post("/api/v1/rules", json=wanted)
        assert saved.status_code == 200, saved.text
        rules = saved.json()
    assert [one["vote"] for one in rules["rules"]] == VOTES
    text = (office.folder / "labelwright.toml").read_text()
    assert 'vote = ["spam", "ham"]' in text
