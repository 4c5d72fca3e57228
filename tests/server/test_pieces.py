"""The screens and the API of a task whose answers are made of pieces."""

import pytest

from labelwright.core.task import Task
from labelwright.server.wire.values import MAX_ANSWER_BYTES
from labelwright.tasks import kind_of
from serving import client_of, make_project, open_office, person, vote_of

RULES = """
[[rules]]
name = "says free"
vote = [{ label = "spam", box = [1, 2, 30, 40] }, { label = "ham", box = [50, 2, 80, 40] }]
when = { field = "text", keywords = ["free", "prize"] }

[[rules]]
name = "says lunch"
vote = [{ label = "ham", box = [1, 2, 30, 40.5] }, { label = "ham", box = [50, 60, 80, 90] }]
when = { field = "text", keywords = ["lunch"] }

[[rules]]
name = "says tomorrow"
vote = []
when = { field = "text", keywords = ["tomorrow"] }
"""
BOX = {"label": "ham", "box": [1, 2, 30, 40.5]}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pieces") / "boxes"
    make_project(folder, kind="boxes", rules=RULES)
    office = open_office(folder)
    yield office
    office.close()


@pytest.fixture(scope="module")
def olga(office):
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    return client


def found(client, **query):
    page = client.post("/api/v1/items/browse", json={"limit": 200, **query}).json()
    return {row["content"]["item"] for row in page["items"]}


def test_items_are_found_by_the_class_of_any_of_their_pieces(olga):
    free, lunch, tomorrow = (set(range(first, 60, 3)) for first in range(3))
    assert found(olga, label="spam") == free
    assert found(olga, label="ham") == free | lunch
    assert found(olga, label="[]") == tomorrow
    assert found(olga, label="box") == set()


def test_votes_are_found_by_the_class_of_any_of_their_pieces(olga):
    free, lunch = (set(range(first, 60, 3)) for first in range(2))
    assert found(olga, source="says free") == free
    assert found(olga, source="says free", answer="ham") == free
    assert found(olga, source="says lunch", answer="spam") == set()
    assert found(olga, source="says lunch", answer="ham") == lunch


def test_the_audit_lists_items_under_the_class_of_each_piece_and_those_without_any(olga):
    groups = olga.post("/api/v1/audit/grid", json={}).json()["groups"]
    assert {one["name"]: one["items"] for one in groups} == {"ham": 40, "spam": 20, "[]": 20}
    for name, count in (("ham", 40), ("[]", 20)):
        grid = olga.post("/api/v1/audit/grid", json={"group": name, "limit": 200}).json()
        assert len(grid["items"]) == count


def test_an_answer_that_is_too_large_is_refused_and_those_beside_it_are_taken(olga):
    large = [{"label": "ham", "box": [1, 2, 30, 40 + n]} for n in range(8000)]
    votes = [vote_of(1, [BOX]), vote_of(2, large), vote_of(3, []), vote_of(4, large[:4000])]
    results = olga.post("/api/v1/votes", json={"votes": votes}).json()["results"]
    assert [one["status"] for one in results] == ["taken", "refused", "taken", "taken"]
    assert f"at most {MAX_ANSWER_BYTES:,} bytes" in results[1]["detail"]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/gold", lambda large: {"answers": [{"id": "k1", "answer": large}]}),
        ("/rules/preview", lambda large: {"vote": large, "when": {"keywords": ["free"]}}),
        ("/rules/suggest", lambda large: {"vote": large, "words": ["free"]}),
    ],
)
def test_a_request_with_an_answer_that_is_too_large_says_so(olga, route, body):
    text = "x" * (MAX_ANSWER_BYTES - 2)
    refused = olga.post(f"/api/v1{route}", json=body([text, ""]))
    assert refused.status_code == 422, refused.text
    assert f"at most {MAX_ANSWER_BYTES:,} bytes" in refused.json()["detail"]
    assert text not in refused.text
    # One that just fits is judged by its kind.
    assert "bytes" not in olga.post(f"/api/v1{route}", json=body(text)).text[:500]


@pytest.mark.parametrize("kind", ["classification", "multilabel", "boxes"])
def test_the_description_of_the_project_tells_the_form_of_an_answer(tmp_path, kind):
    make_project(tmp_path / "project", count=6, kind=kind, rules="", gold=False)
    office = open_office(tmp_path / "project")
    client = client_of(office)
    client.headers |= person(office, "Ann")
    seen = client.get("/api/v1/project").json()
    office.close()
    task = Task(kind, ("spam", "ham"))
    assert seen["answer_schema"] == kind_of(task).schema(task)
