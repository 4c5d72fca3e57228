"""A user's own column that is called like an answer: who is asked never gets it."""

import pytest

import labelwright as lw
from labelwright.core.task import Task
from serving import client_of, open_office, person


@pytest.fixture
def office(tmp_path):
    project = lw.Project.create(tmp_path / "p", Task("classification", ("spam", "ham")))
    rows = [f"k{place},message {place},spam,17,their id" for place in range(20)]
    (tmp_path / "items.csv").write_text("\n".join(["key,text,label,price,id", *rows]))
    project.import_items(tmp_path / "items.csv", id="key", text="text")
    office = open_office(project.folder, database=f"sqlite:///{tmp_path}/desk.sqlite")
    yield office
    office.close()


def signed_in(office, role):
    client = client_of(office)
    client.headers |= person(office, role, role)
    return client


@pytest.mark.parametrize("role", ["labeller", "reviewer", "owner"])
def test_a_question_holds_no_field_that_is_called_like_an_answer(office, role):
    asked = signed_in(office, role).post("/api/v1/queue/next", json={"count": 5}).json()
    assert len(asked["questions"]) == 5
    assert {tuple(one["content"]["fields"]) for one in asked["questions"]} == {
        ("text", "price", "id")
    }


def test_nor_does_an_item_that_a_labeller_looks_up(office):
    client = signed_in(office, "labeller")
    item = client.post("/api/v1/queue/next", json={}).json()["questions"][0]["content"]["item"]
    assert "label" not in client.get(f"/api/v1/items/{item}").json()["content"]["fields"]


def test_a_reviewer_sees_it_under_the_name_that_it_has_beside_ours(office):
    client = signed_in(office, "reviewer")
    assert client.get("/api/v1/items/0").json()["content"]["fields"]["label"] == "spam"
    called = client.get("/api/v1/project").json()["called"]
    assert called == {"label": "label_of_item", "id": "id_of_item"}


def test_what_is_shown_follows_the_settings_without_a_restart(office):
    client = signed_in(office, "labeller")
    client.post("/api/v1/queue/next", json={"count": 2})
    with (office.folder / "labelwright.toml").open("a") as file:
        file.write('\n[desk]\nfields = ["text", "label"]\n')
    office.refresh()
    again = client.post("/api/v1/queue/next", json={"count": 2, "resume": True}).json()
    assert {tuple(one["content"]["fields"]) for one in again["questions"]} == {("text", "label")}
