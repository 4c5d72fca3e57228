"""Classes change while people go on answering."""

import pytest

import labelwright as lw
from serving import client_of, make_project, open_office, person, vote_of


@pytest.fixture
def office(tmp_path):
    make_project(tmp_path / "reviews", count=30)
    office = open_office(tmp_path / "reviews")
    yield office
    office.close()


@pytest.fixture
def owner(office):
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    return client


def change(client, **given):
    return client.post("/api/v1/classes/change", json=given)


def cast(client, *votes):
    made = client.post("/api/v1/votes", json={"votes": votes}).json()["results"]
    return [(one["status"], one["detail"]) for one in made]


def schema(client):
    return client.get("/api/v1/project").json()["schema_version"]


def test_an_owner_changes_classes_and_everybody_s_votes_follow(owner, office):
    assert cast(owner, vote_of(1, "ham")) == [("taken", "")]
    made = change(owner, action="rename", name="ham", to="fine").json()
    assert made["what"] == "'ham' is called 'fine'"
    assert made["rules"] == ["says lunch"]
    assert [one["name"] for one in made["now"]["classes"]] == ["spam", "fine"]
    assert [one["answer"] for one in owner.get("/api/v1/votes/mine").json()["votes"]] == ["fine"]
    rows = owner.get("/api/v1/items/1/history").json()["rows"]
    assert {row["answer"] for row in rows} - {None} == {"fine"}
    assert owner.get("/api/v1/classes").json()["changes"][0]["number"] == 1


def test_votes_of_a_page_that_had_not_heard_of_it_are_taken_and_mapped(owner, office):
    before = schema(owner)
    assert change(owner, action="add", name="other").status_code == 200
    assert change(owner, action="merge", names=["ham"], to="other").status_code == 200
    after = schema(owner)
    assert before != after
    votes = [
        vote_of(1, "ham", schema_version=before),
        vote_of(2, "other", schema_version=after),
        # Its page had heard of it, but the question held an older suggestion.
        vote_of(3, "ham", schema_version=after),
        vote_of(4, "nonsense", schema_version=after),
    ]
    assert [status for status, _ in cast(owner, *votes)] == ["taken", "taken", "taken", "refused"]
    project = lw.open(office.folder)
    project.label()
    log, sources = project.workspace.log, project.known_sources()
    number = next(n for n, source in enumerate(sources) if source.name == "Olga")
    rows = log.scan([number], ["item", "answer", "schema"]).to_pylist()
    assert [(row["item"], row["answer"]) for row in rows] == [
        (1, "other"), (2, "other"), (3, "other"),
    ]  # fmt: skip
    assert [row["schema"] for row in rows] == [0, 2, 1]


def test_a_change_that_lacks_something_is_refused(owner):
    for given in (
        {"action": "rename", "name": "ham"},
        {"action": "merge", "names": ["ham"]},
        {"action": "add"},
        {"action": "undo", "name": "ham"},
        {"action": "remove", "name": "nobody"},
    ):
        assert change(owner, **given).status_code in (404, 409, 422), given
    assert change(owner, action="remove", name="ham", to="spam").status_code == 422


def test_a_change_is_taken_back(owner):
    change(owner, action="rename", name="ham", to="fine")
    made = change(owner, action="undo").json()
    assert [one["name"] for one in made["now"]["classes"]] == ["spam", "ham"]
    assert len(made["now"]["changes"]) == 2


def test_audits_are_read_in_the_classes_of_now(owner, office):
    assert owner.post("/api/v1/audit/target", json={"target": 0.6, "sample": 20}).status_code in (
        200,
        409,
        422,
    )
    change(owner, action="rename", name="ham", to="fine")
    assert owner.get("/api/v1/audit/target").status_code == 200
    assert owner.get("/api/v1/audit/quality").status_code == 200
    assert owner.get("/api/v1/board").status_code == 200


def test_an_owner_describes_a_class_and_hears_why_it_does_not_vote(owner, office):
    before = owner.get("/api/v1/classes").json()
    assert (before["silent"], before["classes"][0]["description"]) == ("", "")
    given = {"name": "spam", "line": "wants your money"}
    made = owner.put("/api/v1/classes/description", json=given).json()
    assert made["classes"][0]["description"] == "wants your money"
    assert "[embedding] model" in made["silent"]
    assert owner.get("/api/v1/classes").json() == made
    unknown = owner.put("/api/v1/classes/description", json={"name": "egg", "line": "x"})
    assert unknown.status_code == 404
    labeller = client_of(office)
    labeller.headers |= person(office, "Lea", "labeller")
    refused = labeller.put("/api/v1/classes/description", json=given)
    assert refused.status_code == 403
