import time

import pytest

from labelwright.server.identity import Limiter
from labelwright.stores import Role, SecretKind
from serving import client_of, person

PASSWORD = "correct horse battery"


@pytest.fixture
def invited(office):
    """The secret of an invitation for Ann."""
    ann = office.accounts.add("Ann", Role.LABELLER, time.time())
    return office.accounts.make_secret(ann.id, SecretKind.INVITATION, time.time(), lasts_s=60)[1]


@pytest.fixture
def ann(client, invited):
    """A client that Ann is signed in with."""
    answer = client.post(
        "/api/v1/invitations/accept", json={"token": invited, "password": PASSWORD}
    )
    assert answer.status_code == 200
    return client


def sign_in(client, name="Ann", password=PASSWORD):
    return client.post("/api/v1/session", json={"name": name, "password": password})


def test_an_invitation_is_accepted_once_and_signs_in(client, invited):
    look = client.post("/api/v1/invitations/look", json={"token": invited}).json()
    assert (look["name"], look["role"]) == ("Ann", "labeller")
    accepted = client.post(
        "/api/v1/invitations/accept", json={"token": invited, "password": PASSWORD}
    )
    assert accepted.json()["person"]["name"] == "Ann"
    assert client.get("/api/v1/session").json()["person"]["name"] == "Ann"
    again = client.post("/api/v1/invitations/accept", json={"token": invited, "password": PASSWORD})
    assert again.status_code == 404
    assert client.post("/api/v1/invitations/look", json={"token": invited}).status_code == 404


def test_a_short_password_is_refused(client, invited):
    given = {"token": invited, "password": "short"}
    answer = client.post("/api/v1/invitations/accept", json=given)
    assert answer.status_code == 422
    assert "short" not in answer.json()["detail"].replace("at least", "")


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(ann, office):
    cookie = sign_in(ann).headers["set-cookie"].lower()
    set_now = [
        part for part in cookie.split(f"{office.identity.cookie}=") if "max-age=1209600" in part
    ]
    assert "httponly" in set_now[0]
    assert "samesite=strict" in set_now[0]
    assert "secure" not in set_now[0]
    secure = client_of(office)
    secure.base_url = "https://testserver"
    assert "secure" in sign_in(secure).headers["set-cookie"].lower()


def test_signing_in_begins_a_new_session_whatever_the_browser_brought(ann, office):
    before = ann.cookies[office.identity.cookie]
    sign_in(ann)
    after = ann.cookies[office.identity.cookie]
    assert before != after
    stolen = client_of(office)
    stolen.cookies.set(office.identity.cookie, before)
    assert stolen.get("/api/v1/project").status_code == 401
    planted = client_of(office)
    planted.cookies.set(office.identity.cookie, "chosen by the attacker", domain="testserver.local")
    sign_in(planted)
    assert planted.cookies[office.identity.cookie] != "chosen by the attacker"


def test_signing_out_ends_the_session_on_the_server(ann, office):
    secret = ann.cookies[office.identity.cookie]
    assert ann.delete("/api/v1/session").json()["person"] is None
    ann.cookies.set(office.identity.cookie, secret)
    assert ann.get("/api/v1/project").status_code == 401


def test_a_wrong_password_and_an_unknown_name_are_told_alike(ann):
    wrong, unknown = sign_in(ann, password="wrong"), sign_in(ann, name="Zoe")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()


def test_whoever_guesses_must_wait_even_with_the_right_password(ann):
    answers = [sign_in(ann, password=f"guess {n}").status_code for n in range(6)]
    assert answers == [401] * 5 + [429]
    right = sign_in(ann)
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 301


def test_whoever_is_disabled_is_out_at_once(ann, office):
    headers = person(office, "boss", "owner")
    number = office.accounts.by_name("Ann").id
    answer = ann.patch(f"/api/v1/people/{number}", json={"disabled": True}, headers=headers)
    assert answer.json()["disabled"]
    assert ann.get("/api/v1/project").status_code == 401
    assert sign_in(ann).status_code == 401


def test_owners_invite_and_a_new_link_ends_the_old_one(client, office):
    headers = person(office, "boss", "owner")
    first = client.post("/api/v1/people", json={"name": "Bob", "role": "reviewer"}, headers=headers)
    assert first.status_code == 201
    number = first.json()["person"]["id"]
    second = client.post(f"/api/v1/people/{number}/invitation", headers=headers)
    old, new = (answer.json()["path"].rsplit("/", 1)[1] for answer in (first, second))
    assert client.post("/api/v1/invitations/look", json={"token": old}).status_code == 404
    assert client.post("/api/v1/invitations/look", json={"token": new}).json()["role"] == "reviewer"
    again = client.post("/api/v1/people", json={"name": "Bob"}, headers=headers)
    assert again.status_code == 422
    people = client.get("/api/v1/people", headers=headers).json()["people"]
    assert [one["name"] for one in people] == ["boss", "Bob"]
    assert new not in str(people)


def test_nobody_takes_the_name_of_a_rule(client, office):
    headers = person(office, "boss", "owner")
    answer = client.post("/api/v1/people", json={"name": "says free"}, headers=headers)
    assert answer.status_code == 409


def test_no_secret_is_logged(ann, invited, caplog, capsys):
    caplog.set_level("DEBUG")
    sign_in(ann)
    sign_in(ann, password="another secret")
    heard = caplog.text + "".join(capsys.readouterr())
    for secret in (PASSWORD, invited, "another secret", *ann.cookies.values()):
        assert secret not in heard


def test_a_limiter_forgets_after_its_window():
    limiter = Limiter(2, 10.0)
    limiter.failed("a", 0.0)
    assert limiter.wait_s("a", 1.0) == 0
    limiter.failed("a", 1.0)
    assert limiter.wait_s("a", 2.0) == 8.0
    assert limiter.wait_s("b", 2.0) == 0
    assert limiter.wait_s("a", 10.5) == 0
    limiter.clear("a")
    for n in range(10_002):
        limiter.failed(str(n), float(n))
    assert len(limiter._failures) < 10_000
