"""Projects to serve and people to serve them to, for the tests of the server."""

import time
import uuid

from starlette.testclient import TestClient

import labelwright as lw
from labelwright.core.pool import Assignment
from labelwright.core.task import Task
from labelwright.server import Office, create_app
from labelwright.stores import Role, SecretKind

RULES = """
[[rules]]
name = "says free"
vote = "spam"
when = { field = "text", keywords = ["free", "prize"] }

[[rules]]
name = "says lunch"
vote = "ham"
when = { field = "text", keywords = ["lunch"] }
"""
OWN = {"X-Labelwright": "1"}


def texts(count=60):
    """A third free, a third lunch, a third neither; the first has a character beyond 16 bits."""
    lines = []
    for place in range(count):
        word = ("free", "lunch", "tomorrow")[place % 3]
        lines.append(f"😀 message {place} says {word} <b>bold</b>")
    return lines


def make_project(folder, *, count=60, settings="", kind="classification", rules=RULES, gold=True):
    """A labelled project: rules, gold on every tenth item; without both, nobody has voted."""
    project = lw.Project.create(folder, Task(kind, ("spam", "ham")))
    with (folder / "labelwright.toml").open("a") as file:
        file.write(rules + settings)
    data = folder / "items.csv"
    truth = ("spam", "ham", "ham")
    rows = ["key,text,price,gold"]
    for place, text in enumerate(texts(count)):
        known = truth[place % 3] if place % 10 == 0 and kind == "classification" else ""
        rows.append(f'k{place},"{text}",{place / 10},{known}')
    data.write_text("\n".join(rows), encoding="utf-8")
    project = lw.open(folder)
    fields = ("text", "price")
    known = "gold" if gold else None
    project.import_items(data, id="key", gold=known, text="text", fields=fields, empty="unknown")
    project.vote()
    if rules or gold:
        project.label()
    return project


def offer(office, numbers, **more):
    """Puts questions on the desk, so that none need to be picked in the background."""
    questions = [
        Assignment(number, "", 1.0, random=False, reason="why not", lease_until=0.0)
        for number in numbers
    ]
    ids = [office.snapshot.id_of(number) for number in numbers]
    return office.desk.offer(questions, ids, **more)


def open_office(folder, *, sign_in=True, database=None, questions=40):
    """The state of a server, with questions waiting."""
    office = Office(folder, sign_in=sign_in, database=database)
    offer(office, range(min(questions, office.snapshot.items)))
    return office


def client_of(office, **options):
    """A client that nobody is signed in with."""
    return TestClient(create_app(office, **options), headers=OWN, raise_server_exceptions=False)


def person(office, name, role="labeller"):
    """Headers with an API token of somebody who may do that."""
    known = office.accounts.by_name(name) or office.accounts.add(name, Role(role), time.time())
    _, secret = office.accounts.make_secret(known.id, SecretKind.TOKEN, time.time())
    return {"Authorization": f"Bearer {secret}"}


def vote_of(item, answer, **more):
    return {"id": uuid.uuid4().hex, "item": item, "answer": answer, **more}
