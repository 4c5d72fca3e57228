"""Who may call what. A route without an entry here fails."""

import pytest

from serving import client_of, open_office, person

EVERYBODY, LABELLER, REVIEWER, OWNER = "everybody", "labeller", "reviewer", "owner"
ROLES = ("labeller", "reviewer", "owner")

# operation id -> (least role, path, body); a path of an item that nobody was asked about is
# refused to labellers, which its own tests show.
ROUTES = {
    "readSession": (EVERYBODY, "/session", None),
    "signIn": (EVERYBODY, "/session", {"name": "nobody", "password": "wrong"}),
    "signOut": (EVERYBODY, "/session", None),
    "lookAtInvitation": (EVERYBODY, "/invitations/look", {"token": "none"}),
    "acceptInvitation": (
        EVERYBODY,
        "/invitations/accept",
        {"token": "none", "password": "long enough"},
    ),
    "listPeople": (OWNER, "/people", None),
    "invitePerson": (OWNER, "/people", {"name": "new one"}),
    "changePerson": (OWNER, "/people/999", {"disabled": False}),
    "inviteAgain": (OWNER, "/people/999/invitation", None),
    "listTokens": (OWNER, "/people/999/tokens", None),
    "makeToken": (OWNER, "/people/999/tokens", {}),
    "removeToken": (OWNER, "/people/999/tokens/1", None),
    "readProject": (LABELLER, "/project", None),
    "claimNext": (LABELLER, "/queue/next", {"count": 1}),
    "skipQuestion": (LABELLER, "/queue/skip", {"item": 1}),
    "flagItem": (LABELLER, "/queue/flag", {"item": 1}),
    "listFlags": (REVIEWER, "/queue/flags", None),
    "castVotes": (LABELLER, "/votes", {"votes": [{"id": "12345678", "item": 1, "answer": "spam"}]}),
    "undoVote": (LABELLER, "/votes/undo", {"id": "12345679", "vote": "no-such-vote"}),
    "listMyVotes": (LABELLER, "/votes/mine", None),
    "readItem": (REVIEWER, "/items/50", None),
    "readMedia": (REVIEWER, "/items/50/media", None),
    "explainItem": (REVIEWER, "/items/50/why", None),
    "readHistory": (REVIEWER, "/items/50/history", None),
    "browseItems": (REVIEWER, "/items/browse", {}),
    "readAuditGrid": (REVIEWER, "/audit/grid", {}),
    "readStatedQuality": (REVIEWER, "/audit/quality", None),
    "readTarget": (REVIEWER, "/audit/target", None),
    "planTarget": (REVIEWER, "/audit/target", {"target": 0.99, "sample": 20}),
    "acceptTarget": (OWNER, "/audit/target/accept", {}),
    "cancelTarget": (REVIEWER, "/audit/target/cancel", {}),
    "listRules": (REVIEWER, "/rules", None),
    "previewRule": (REVIEWER, "/rules/preview", {"vote": "spam", "when": {"keywords": ["x"]}}),
    "saveRule": (
        REVIEWER,
        "/rules",
        {"rule": {"name": "n", "vote": "spam", "when": {}}, "revision": "old"},
    ),
    "removeRule": (REVIEWER, "/rules/remove", {"name": "n", "revision": "old"}),
    "suggestRules": (REVIEWER, "/rules/suggest", {"words": ["free"]}),
    "dismissRule": (REVIEWER, "/rules/dismiss", {"key": "of no use"}),
    "listSources": (REVIEWER, "/sources", None),
    "readConfusion": (REVIEWER, "/sources/0/confusion", None),
    "listDisagreements": (REVIEWER, "/sources/0/disagreements", None),
    "readCrowd": (REVIEWER, "/crowd", None),
    "forgiveTest": (REVIEWER, "/crowd/forgive", {"item": 999_999}),
    "readBoard": (REVIEWER, "/board", None),
    "listRounds": (REVIEWER, "/rounds", None),
    "startRound": (REVIEWER, "/rounds", {}),
    "listClasses": (OWNER, "/classes", None),
    "describeClass": (OWNER, "/classes/description", {"name": "x", "line": "y"}),
    "changeClasses": (OWNER, "/classes/change", {"action": "rename", "name": "x"}),
    "addGold": (OWNER, "/gold", {"answers": [{"id": "no such item", "answer": "spam"}]}),
    "streamEvents": (LABELLER, "/events", None),
}
# These run for ever, or begin something that outlives the test.
NOT_CALLED = {"streamEvents": set(ROLES), "startRound": {"reviewer", "owner"}}


@pytest.fixture(scope="module")
def office(project_folder, tmp_path_factory):
    desk = tmp_path_factory.mktemp("desk") / "desk.sqlite"
    office = open_office(project_folder, database=f"sqlite:///{desk}")
    yield office
    office.close()


@pytest.fixture(scope="module")
def client(office):
    return client_of(office)


@pytest.fixture(scope="module")
def operations(client):
    document = client.get("/api/v1/openapi.json").json()
    return {
        operation["operationId"]: method
        for path in document["paths"].values()
        for method, operation in path.items()
    }


def test_every_route_has_an_entry(operations):
    assert set(operations) == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_answers_whoever_may_and_nobody_else(client, office, operations, name):
    least, path, body = ROUTES[name]
    ranks = [EVERYBODY, *ROLES]
    answers = {}
    for role in (EVERYBODY, *ROLES):
        if role in NOT_CALLED.get(name, ()):
            continue
        headers = {} if role == EVERYBODY else person(office, f"a {role}", role)
        answers[role] = client.request(
            operations[name], f"/api/v1{path}", json=body, headers=headers
        ).status_code
    for role, status in answers.items():
        if ranks.index(role) >= ranks.index(least):
            allowed_to_fail = name == "signIn" and status == 401
            assert status not in (401, 403, 500) or allowed_to_fail, (role, status)
        else:
            assert status == (401 if role == EVERYBODY else 403), (role, status)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", ""])
def test_a_wrong_token_is_nobody_even_where_nobody_needs_to_sign_in(client, header):
    assert client.get("/api/v1/project", headers={"Authorization": header}).status_code == 401


def test_people_see_to_their_own_tokens(client, office):
    headers = person(office, "ann")
    me = office.accounts.by_name("ann").id
    made = client.post(f"/api/v1/people/{me}/tokens", json={"label": "script"}, headers=headers)
    assert made.status_code == 201
    secret = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert client.get("/api/v1/project", headers=secret).status_code == 200
    listed = client.get(f"/api/v1/people/{me}/tokens", headers=headers).json()["tokens"]
    assert [token["label"] for token in listed][-1] == "script"
    assert made.json()["secret"] not in str(listed)
    number = made.json()["token"]["id"]
    gone = client.delete(f"/api/v1/people/{me}/tokens/{number}", headers=headers)
    assert gone.json() == {"done": True}
    assert client.get("/api/v1/project", headers=secret).status_code == 401
    assert client.delete(f"/api/v1/people/{me}/tokens/{number}", headers=headers).status_code == 404


def test_labellers_see_the_items_that_they_are_asked_about_and_no_others(client, office):
    headers = person(office, "ann")
    question = client.post("/api/v1/queue/next", json={}, headers=headers).json()["questions"][0]
    item = question["content"]["item"]
    seen = client.get(f"/api/v1/items/{item}", headers=headers).json()
    assert seen["content"] == question["content"]
    assert (seen["label"], seen["split"]) == (None, "")
    assert client.get(f"/api/v1/items/{item}/why", headers=headers).status_code == 200
    assert client.get("/api/v1/items/55", headers=headers).status_code == 403
    assert client.get("/api/v1/items/55/why", headers=headers).status_code == 403
