"""How every route of the server is called, by its operation, and what must come out."""

import asyncio
import time

from end_to_end.every_kind.kinds import ERRING, ITEMS, PERFECT
from end_to_end.every_kind.project import ROUND, Table
from labelwright.server import create_app
from serving import OWN, offer, person, vote_of

ROUTES = Table()


def line(operation, *, reads=False):
    return ROUTES.line(operation, ROUND, reads=reads)


def wire(c, answer):
    """An answer as the browser sends it."""
    return answer if isinstance(answer, str) else [*answer]


def known(c, said, item):
    """Whether what the server says is the truth of the item with this number."""
    return c.kind.right(said, c.kind.truth(f"k{item}"))


@line("readProject", reads=True)
def _(c):
    seen = c.get("/project")
    assert (seen["kind"], seen["items"], seen["text"]) == (c.kind.name, ITEMS, "text")
    assert [one["name"] for one in seen["classes"]] == [*c.kind.classes]
    assert seen["answer_schema"]


@line("readBoard", reads=True)
def _(c):
    board = c.get("/board")
    assert (board["funnel"]["items"], board["funnel"]["covered"]) == (ITEMS, ITEMS)
    assert [point["note"] for point in board["quality"]] == ["the first"]
    if c.gold:
        assert board["quality"][0]["labels"]["value"] > 0.8
    assert board["steps"]


@line("browseItems", reads=True)
def _(c):
    page = c.post("/items/browse", {"limit": ITEMS})
    assert page["total"] == len(page["items"]) == ITEMS
    right = [known(c, row["label"], row["content"]["item"]) for row in page["items"]]
    assert sum(right) > 0.6 * ITEMS
    for query in ({"sort": "disagreement"}, {"sort": "doubt"}, {"disputed": True}):
        assert c.post("/items/browse", query)["total"] <= ITEMS
    assert c.post("/items/browse", {"source": PERFECT})["total"] == 32
    for name in c.kind.classes:
        assert 0 < c.post("/items/browse", {"label": name})["total"] < ITEMS
        assert 0 < c.post("/items/browse", {"source": PERFECT, "answer": name})["total"] <= 32
    assert c.post("/items/browse", {"confidence_min": 0.5})["total"] > ITEMS / 2


@line("readItem", reads=True)
def _(c):
    seen = c.get("/items/4")
    assert known(c, seen["label"], 4)
    assert (seen["prediction"] is not None) is c.kind.learns


@line("explainItem", reads=True)
def _(c):
    why = c.get("/items/3/why")
    assert known(c, why["label"], 3)
    assert PERFECT in {effect["source"] for unit in why["units"] for effect in unit["effects"]}


@line("readHistory", reads=True)
def _(c):
    rows = c.get("/items/3/history")["rows"]
    said = {row["source"]: row["answer"] for row in rows}
    assert c.kind.same(said[PERFECT], c.kind.near(c.kind.truth("k3")))
    assert {PERFECT, "bea", ERRING} <= {*said}


@line("readMedia", reads=True)
def _(c):
    assert "image" in c.problem("GET", "/items/4/media", 404)


@line("listSources", reads=True)
def _(c):
    rows = {row["name"]: row for row in c.get("/sources")["sources"]}
    assert len(rows) == 3 + 2 + len(c.kind.rules) + c.gold
    assert rows[PERFECT]["votes"] == 32
    if c.gold:
        assert rows[PERFECT]["tested"]["value"] > 0.9


def number_of(c, name):
    return next(row["number"] for row in c.get("/sources")["sources"] if row["name"] == name)


@line("readConfusion", reads=True)
def _(c):
    told = c.get(f"/sources/{number_of(c, PERFECT)}/confusion")
    assert told["name"] == PERFECT
    assert all(len(row) >= len(told["classes"]) for row in told["probability"])


@line("listDisagreements", reads=True)
def _(c):
    told = c.get(f"/sources/{number_of(c, 'bea')}/disagreements")
    assert 1 <= told["total"] <= 8
    assert not any(c.kind.same(one["vote"], one["label"]) for one in told["items"])


@line("readCrowd", reads=True)
def _(c):
    people = {one["name"]: one for one in c.get("/crowd")["people"]}
    assert {*people} == {PERFECT, "bea", ERRING}
    if c.gold:
        assert people[PERFECT]["tested"] == people[PERFECT]["right"] > 3


@line("forgiveTest")
def _(c):
    assert c.post("/crowd/forgive", {"item": 1, "person": ERRING, "note": "contested"})["new"]


@line("listClasses", reads=True)
def _(c):
    told = c.get("/classes")["classes"]
    assert [one["name"] for one in told] == [*c.kind.classes]
    assert all(one["votes"] for one in told)


@line("describeClass")
def _(c):
    given = {"name": c.kind.classes[0], "line": "what belongs into it"}
    told = c.asked("PUT", "/classes/description", given)
    assert told["classes"][0]["description"] == "what belongs into it"
    assert "do not vote" in told["silent"]


@line("changeClasses")
def _(c):
    given = {"action": "rename", "name": c.kind.classes[0], "to": "renamed"}
    told = c.post("/classes/change", given)
    assert told["now"]["classes"][0]["name"] == "renamed"
    assert c.post("/items/browse", {})["total"] == ITEMS


def asked_of(c, count=1):
    """The numbers of the items that Olga is asked about now."""
    offer(c.office, range(40))
    told = c.post("/queue/next", {"count": count})["questions"]
    assert len(told) == count
    return [question["content"]["item"] for question in told]


@line("claimNext")
def _(c):
    offer(c.office, range(40))
    for question in c.post("/queue/next", {"count": 5})["questions"]:
        assert question["content"]["fields"]["text"]
        if question["suggestion"] is not None:
            assert 0 < question["suggestion"]["confidence"] <= 1


def cast(c, item, answer=None):
    given = vote_of(item, wire(c, c.kind.truth(f"k{item}") if answer is None else answer))
    (result,) = c.post("/votes", {"votes": [given]})["results"]
    assert (result["status"], result["detail"]) == ("taken", "")
    return given["id"]


@line("castVotes")
def _(c):
    (item,) = asked_of(c)
    cast(c, item)
    assert c.get("/board")["waiting"] == 1
    row = c.get(f"/items/{item}/history")["rows"][-1]
    assert (row["source"], row["waiting"]) == ("Olga", True)
    assert known(c, row["answer"], item)
    before = c.project.status().votes["person"]
    c.project.label()
    assert c.project.status().votes["person"] == before + 1
    bad = vote_of(item, "no such class")
    assert c.post("/votes", {"votes": [bad]})["results"][0]["status"] == "refused"


@line("undoVote")
def _(c):
    (item,) = asked_of(c)
    told = c.post("/votes/undo", {"vote": cast(c, item), "id": "a" * 32})
    assert told["question"]["content"]["item"] == item


@line("listMyVotes")
def _(c):
    (item,) = asked_of(c)
    cast(c, item)
    (mine,) = c.get("/votes/mine")["votes"]
    assert mine["item"] == item
    assert known(c, mine["answer"], item)


@line("skipQuestion")
def _(c):
    assert c.post("/queue/skip", {"item": asked_of(c)[0]})["done"]


@line("flagItem")
def _(c):
    assert c.post("/queue/flag", {"item": 1, "note": "torn"})["done"]


@line("listFlags")
def _(c):
    c.post("/queue/flag", {"item": 1, "note": "torn"})
    assert [one["item"] for one in c.get("/queue/flags")["flags"]] == [1]


@line("readAuditGrid")
def _(c):
    grid = c.post("/audit/grid", {})
    assert grid["groups"]
    row = grid["items"][0]
    # A page is accepted as it is shown: its label is an answer.
    cast(c, row["content"]["item"], row["label"])
    again = c.post("/audit/grid", {"group": grid["group"]})["items"]
    assert row["content"]["item"] not in [one["content"]["item"] for one in again]


@line("readStatedQuality", reads=True)
def _(c):
    assert c.get("/audit/quality")["auto_labelled"] > 0


@line("readTarget", reads=True)
def _(c):
    assert c.get("/audit/target")["state"] == "none"


@line("planTarget")
def _(c):
    assert c.post("/audit/target", {"target": 0.6, "sample": 20})["state"] == "answering"


@line("acceptTarget")
def _(c):
    plan = c.post("/audit/target", {"target": 0.6, "sample": 20})
    while questions := c.post("/queue/next", {"count": 50})["questions"]:
        for item in (one["content"]["item"] for one in questions if one["ask"] == "audit"):
            # As a person would say it: what is right the kind decides.
            cast(c, item, c.kind.near(c.kind.truth(f"k{item}")))
    seen = c.get("/audit/target")
    assert (seen["state"], seen["answered"]) == ("passed", plan["sampled"])
    assert seen["right"] > 0.7 * plan["sampled"]
    assert c.post("/audit/target/accept", {"note": "good"})["state"] == "accepted"


@line("cancelTarget")
def _(c):
    c.post("/audit/target", {"target": 0.6, "sample": 20})
    assert c.post("/audit/target/cancel", None)["state"] in ("none", "cancelled")
    asked = c.post("/queue/next", {"count": 50})["questions"]
    assert not [question for question in asked if question["ask"] == "audit"]


@line("addGold")
def _(c):
    known = [{"id": key, "answer": wire(c, c.kind.truth(key))} for key in ("k2", "k6", "k10")]
    wrong = [{"id": "no such item", "answer": known[0]["answer"]}]
    taken = c.post("/gold", {"answers": known + wrong, "empty": "none"})
    assert (taken["added"], taken["unchanged"]) == (3, 0)
    assert [one["place"] for one in taken["refused"]] == [4]
    gold = c.project.status().votes.get("gold", 0)
    assert gold == (48 if c.gold else 3)
    assert c.kind.same(c.project.explain("k6").gold, c.kind.truth("k6"))


@line("listRules", reads=True)
def _(c):
    told = {rule["name"]: rule["vote"] for rule in c.get("/rules")["rules"]}
    assert told == {name: vote for name, vote, _ in c.kind.rules}


def rule(c):
    _, vote, words = c.kind.rules[0]
    return {"vote": vote, "when": {"field": "text", "keywords": [words]}}


@line("previewRule", reads=True)
def _(c):
    told = c.post("/rules/preview", rule(c))
    assert (told["error"], told["items"]) == (None, ITEMS)
    assert told["hits"] > 0
    assert told["judged"] >= told["right"] > 0
    if c.gold:
        assert told["right"] > 0.7 * told["judged"]


@line("saveRule")
def _(c):
    revision = c.get("/rules")["revision"]
    told = c.post("/rules", {"rule": {"name": "another", **rule(c)}, "revision": revision})
    assert told["rules"][-1]["name"] == "another"
    assert told["rules"][-1]["vote"] == c.kind.rules[0][1]


@line("removeRule")
def _(c):
    given = {"name": c.kind.rules[0][0], "revision": c.get("/rules")["revision"]}
    assert len(c.post("/rules/remove", given)["rules"]) == len(c.kind.rules) - 1


@line("suggestRules", reads=True)
def _(c):
    for one in c.post("/rules/suggest", {"limit": 5})["suggestions"]:
        assert c.post("/rules/preview", {key: one["rule"][key] for key in ("vote", "when")})["hits"]


@line("dismissRule")
def _(c):
    assert c.post("/rules/dismiss", {"key": "any"})["done"]


@line("listRounds", reads=True)
def _(c):
    assert [one["note"] for one in c.get("/rounds")["rounds"]] == ["the first"]


@line("startRound")
def _(c):
    (item,) = asked_of(c)
    cast(c, item)
    c.post("/rounds", {"note": "from the browser"}, 202)
    until = time.monotonic() + 60
    while (now := c.get("/rounds"))["now"]["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert now["now"]["state"] == "idle"
    assert ("no end model learns" in now["now"]["detail"]) is not c.kind.learns
    assert now["rounds"][0]["note"] == "from the browser"


@line("streamEvents")
def _(c):
    headers = {**OWN, **person(c.office, "Ann"), "host": "testserver"}
    scope = {
        "type": "http", "method": "GET", "path": "/api/v1/events", "query_string": b"",
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
        "http_version": "1.1", "scheme": "http", "server": ("testserver", 80),
        "client": ("testclient", 1), "asgi": {"version": "3.0"}, "root_path": "",
    }  # fmt: skip

    async def first():
        sent = asyncio.Queue()
        left = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            return left.pop() if left else await asyncio.Event().wait()

        answering = asyncio.ensure_future(create_app(c.office)(scope, receive, sent.put))
        started, body = await sent.get(), await sent.get()
        answering.cancel()
        return started["status"], body["body"]

    assert asyncio.run(asyncio.wait_for(first(), 10)) == (200, b": hello\n\n")
