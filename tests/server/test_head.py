"""Suggestions follow the answers between rounds, in the background."""

import time

import pytest

from labelwright.server.events import Events
from serving import client_of, make_project, open_office, person, vote_of


class Heard(Events):
    """Keeps what was told."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def tell(self, event):
        self.heard.append(event)


@pytest.fixture
def office(tmp_path, request):
    settings = getattr(request, "param", "\n[desk]\nrefit_every = 8\n")
    make_project(tmp_path / "reviews", count=60, settings=settings)
    office = open_office(tmp_path / "reviews", questions=60)
    office.events = Heard()
    yield office
    office.close()


def answer_all(office, count):
    client = client_of(office)
    client.headers |= person(office, "Ann")
    votes = [vote_of(n, ("spam", "ham", "spam")[n % 3]) for n in range(count)]
    assert client.post("/api/v1/votes", json={"votes": votes}).status_code == 200
    return client


def office_why(client, office, number):
    client.headers |= person(office, "Rob", "reviewer")
    return client.get(f"/api/v1/items/{number}/why").json()


def wait_for(office, kind, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for event in office.events.heard:
            if event.kind == kind:
                return event
        time.sleep(0.1)
    raise AssertionError(f"nothing was told of {kind}: {office.events.heard}")


def test_after_some_answers_the_head_follows_and_everybody_is_told(office):
    client = answer_all(office, 24)
    event = wait_for(office, "head")
    assert event.head.answers == 24
    assert 0 < event.head.seconds < 60
    assert not [one for one in office.events.heard if one.kind == "round"]
    # Items about tomorrow had no votes and so no suggestion; people say that they are spam. They
    # were asked about cheap ones, and gold says otherwise of a dear one, 50: near it who knows.
    silent = range(26, 38, 3)
    guesses = [office.snapshot.guess(number, office.moved) for number in silent]
    assert {guess.by for guess in guesses} == {"end model"}
    assert {guess.answer for guess in guesses} == {"spam"}
    # Where gold knows, nobody knows better.
    assert office.snapshot.guess(50, office.moved).answer == "ham"
    for number, guess in zip(silent, guesses, strict=True):
        why = office_why(client, office, number)
        assert (why["label"], why["confidence"]) == (guess.answer, guess.confidence)
    assert client.post("/api/v1/queue/next", json={"count": 5}).json()["questions"]


@pytest.mark.parametrize("office", ["\n[desk]\nrefit_every = 0\n"], indirect=True)
def test_it_does_not_where_the_owner_does_not_want_it(office):
    answer_all(office, 24)
    time.sleep(0.5)
    assert office.worker.state.state == "idle"
    assert office.moved is None


def test_what_followed_is_forgotten_when_the_classes_change(office):
    answer_all(office, 24)
    wait_for(office, "head")
    owner = client_of(office)
    owner.headers |= person(office, "Olga", "owner")
    given = {"action": "rename", "name": "ham", "to": "fine"}
    assert owner.post("/api/v1/classes/change", json=given).status_code == 200
    assert office.moved is None
