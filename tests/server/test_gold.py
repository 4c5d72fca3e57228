"""True answers come in by the ids of items."""

import pytest

import labelwright as lw
from serving import client_of, make_project, open_office, person


@pytest.fixture(params=["classification", "multilabel"])
def served(request, tmp_path):
    """The folder of a project without gold, and a client of its owner."""
    make_project(tmp_path / "reviews", count=12, kind=request.param, rules="", gold=False)
    office = open_office(tmp_path / "reviews")
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    yield request.param, tmp_path / "reviews", client
    office.close()


def answers(*pairs):
    return [{"id": id_, "answer": answer} for id_, answer in pairs]


def gold_of(folder):
    log = lw.open(folder).workspace.log
    return {row["item"]: row["answer"] for row in log.scan(None, ["item", "answer"]).to_pylist()}


def test_an_owner_gives_gold_by_id_once(served):
    _, folder, client = served
    given = {"answers": answers(("k1", "spam"), ("k2", "ham"), ("k3", None), ("nobody", "spam"))}
    made = client.post("/api/v1/gold", json=given).json()
    assert (made["added"], made["unchanged"]) == (2, 0)
    assert made["refused"] == [
        {"place": 4, "id": "nobody", "reason": "there is no such item in the project"}
    ]
    again = client.post("/api/v1/gold", json=given).json()
    assert (again["added"], again["unchanged"]) == (0, 2)
    assert set(gold_of(folder)) == {1, 2}


def test_an_answer_that_the_task_does_not_know_is_refused_and_the_others_are_taken(served):
    _, _, client = served
    given = {"answers": answers(("k1", "egg"), ("k2", "ham"))}
    made = client.post("/api/v1/gold", json=given).json()
    assert made["added"] == 1
    assert [(one["place"], one["reason"]) for one in made["refused"]] == [
        (1, "the task does not allow this answer")
    ]


def test_what_an_empty_answer_means_is_asked_where_it_means_something(served):
    kind, folder, client = served
    given = {"answers": answers(("k1", []), ("k2", ["spam"] if kind == "multilabel" else "spam"))}
    asked = client.post("/api/v1/gold", json=given)
    if kind == "classification":
        assert [one["place"] for one in asked.json()["refused"]] == [1]
        return
    assert asked.status_code == 422
    assert "empty='none'" in asked.json()["detail"]
    assert gold_of(folder) == {}
    assert client.post("/api/v1/gold", json={**given, "empty": "none"}).json()["added"] == 2
    assert gold_of(folder) == {1: "[]", 2: '["spam"]'}
    assert client.post("/api/v1/gold", json={**given, "empty": "some"}).status_code == 422


def test_gold_from_the_browser_shows_in_the_history_of_its_item(served):
    _, _, client = served
    client.post("/api/v1/gold", json={"answers": answers(("k1", "spam"))})
    (row,) = client.get("/api/v1/items/1/history").json()["rows"]
    assert (row["source"], row["kind"]) == ("gold", "gold")
