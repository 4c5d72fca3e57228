"""Every command does its work for every kind of task, with gold and without: the votes' part."""

import contextlib
import json
import os
import signal
import socket
import threading

from end_to_end.every_kind.kinds import (
    BROUGHT,
    ERRING,
    ITEMS,
    PERFECT,
    votes_of_people,
    write_items,
)
from end_to_end.every_kind.project import NOTHING, ROUND, Table
from end_to_end.making import write_csv
from fetching import fetched
from labelwright.tasks import KINDS

COMMANDS = Table()
line = COMMANDS.line


@line("init", reads=True)
def _(c):
    made = c.tmp / "made"
    c.ok("init", made, "--task", c.kind.name, "--classes", ",".join(c.kind.classes))
    said = c.told("status", made)
    assert (said["kind"], said["classes"]) == (c.kind.name, list(c.kind.classes))
    assert f"known: {', '.join([*KINDS, *BROUGHT])}" in c.refused(
        ["no such kind"], "init", c.tmp / "other", "--classes", "a,b", "--task", "no such kind"
    )


@line("import")
def _(c):
    gold = ["--gold", "truth", "--empty", "none"] if c.gold else []
    options = ["--id", "key", "--text", "text", "--split", "part", *gold]
    old = write_items(c.kind, c.tmp / "old.jsonl", gold=c.gold)
    done = c.told("import", c.folder, old, *options)["items"]
    assert (done["added"], done["unchanged"], done["set_aside"]) == (0, ITEMS, 0)
    done = c.told("import", c.folder, c.new_items(), *options)["items"]
    assert (done["added"], done["set_aside"]) == (30, 0)
    assert bool(done["gold"]) is c.gold
    votes = write_csv(c.tmp / "votes.csv", votes_of_people(c.kind))
    done = c.told("import", c.folder, "--votes", votes, "--empty", "none")["votes"]
    assert (done["added"], done["unchanged"]) == (0, len(votes_of_people(c.kind)))
    own = [{"item": "k1", "source": "dora", "label": c.kind.spelled(c.kind.truth("k1"))},
           {"item": "k2", "source": "dora", "label": '["no class", 0'}]  # fmt: skip
    votes = write_csv(c.tmp / "own.csv", own)
    done = c.told("import", c.folder, "--votes", votes, "--empty", "none")["votes"]
    assert (done["added"], done["set_aside"]) == (1, 1)


@line("check")
def _(c):
    said = c.told("check", c.folder)
    assert said["items"] == ITEMS
    assert c.exits([0, 1], "check", c.folder, "--fail-on", "warning")


@line("vote")
def _(c):
    assert all(not tally["items"] for tally in c.told("vote", c.folder)["sources"])
    gold = {"gold": "truth", **NOTHING} if c.gold else {}
    c.project.import_items(c.new_items(), id="key", text="text", split="part", **gold)
    sources = {tally["name"]: tally for tally in c.told("vote", c.folder)["sources"]}
    assert {tally["items"] for tally in sources.values()} == {30}
    assert {tally["failures"] for tally in sources.values()} == {0}
    assert len(sources) == 2 + len(c.kind.rules)


@line("label", reads=True)
def _(c):
    said = c.told("label", c.folder)
    assert (said["items"], said["labelled"]) == (ITEMS, ITEMS)
    if c.gold:
        assert said["quality"]["accuracy"] > 0.8
    else:
        assert said["quality"] is None
    assert c.ok("label", c.folder)
    assert c.told("label", c.folder, "--model", "majority_vote")["labelled"] > ITEMS / 2
    assert c.told("label", c.folder, "--full")["labelled"] == ITEMS
    methods = ["majority_vote", "dawid_skene"]
    found = c.told("label", c.folder, "--compare", "--methods", ",".join(methods))
    assert [one["method"] for one in found["methods"]] == methods
    assert found["failed"] == {}
    assert all((one["judged"] > 0) is c.gold for one in found["methods"])


@line("sources", reads=True)
def _(c):
    rows = {row["name"]: row for row in c.told("sources", c.folder)["sources"]}
    assert {PERFECT, ERRING} < {*rows}
    assert len(rows) == 3 + 2 + len(c.kind.rules) + c.gold
    # Cem is held back where gold shows that he errs.
    voted = [row for name, row in rows.items() if name != ERRING]
    assert all(0 < row["coverage"] <= 1 for row in voted)
    if c.gold:
        assert rows[PERFECT]["judged"] > 10
        assert rows[PERFECT]["empirical"] > 0.9
    assert c.ok("sources", c.folder, "--confusions", "--no-check")


@line("train")
def _(c):
    if not c.kind.learns:
        c.refused([c.kind.name, "labelwright export"], "train", c.folder)
        return
    said = c.told("train", c.folder)
    if c.gold:
        assert said["quality"]["accuracy"] > 0.7
    assert c.ok("train", c.folder, "--force")


@line("next")
def _(c):
    asked = c.told("next", c.folder, "-n", 4, "--as", "dora")
    assert len({question["item"] for question in asked}) == 4
    assert "run this in a terminal" not in c.ok("next", c.folder, "-n", 4)
    before = c.told("status", c.folder)
    c.answered(asked[0]["item"])
    assert c.told("status", c.folder)["answers_waiting"] == before["answers_waiting"] + 1
    c.ok("label", c.folder)
    after = c.told("status", c.folder)
    assert after["votes"]["person"] == before["votes"]["person"] + 1
    assert asked[0]["item"] not in [q["item"] for q in c.told("next", c.folder, "--as", "dora")]
    function = next(one.name for one in c.project.known_sources() if one.kind == "function")
    assert c.told("next", c.folder, "--rule", function, "--as", "eva")


@line("crowd")
def _(c):
    people = {one["name"]: one for one in c.told("crowd", c.folder)["people"]}
    assert people.keys() == {PERFECT, "bea", ERRING}
    if c.gold:
        # What a person said is held against gold as the kind compares answers.
        assert people[PERFECT]["tested"] == people[PERFECT]["right"] > 3
        assert people[ERRING]["right"] < people[ERRING]["tested"]
    assert c.ok("crowd", c.folder)
    assert c.ok("crowd", c.folder, "--forgive", "k1", "--person", ERRING, "--note", "contested")
    again = {one["name"]: one for one in c.told("crowd", c.folder)["people"]}
    assert people[ERRING]["tested"] - again[ERRING]["tested"] == c.gold


@line("simulate", reads=True)
def _(c):
    few = ["--policies", "uniform,margin", "--seeds", 1, "--answers", 30, "--batch", 15]
    if not c.gold:
        c.refused(["truth", "--gold"], "simulate", c.folder, *few)
        return
    said = c.told("simulate", c.folder, *few)
    assert 0 <= said["start"] <= 1
    assert {effort["policy"] for effort in said["efforts"]} == {"uniform", "margin"}


@line("round")
def _(c):
    said = c.told("round", c.folder, "--note", "why")
    assert said["labels"]["labelled"] == ITEMS
    if c.kind.learns:
        assert said["trained"]["rows"] > 0
    if not c.kind.learns:
        assert "no end model learns" in c.ok("round", c.folder)
    assert c.told("version", "log", "-p", c.folder)[0]["id"] == said["version"]
    assert c.told("version", "verify", "-p", c.folder, "--recompute", "head")["damage"] == []


@line("serve")
def _(c):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/v1/project"
    seen, ended = [], threading.Event()

    def ask():
        while not seen and not ended.wait(0.05):
            with contextlib.suppress(OSError):
                seen.append(json.loads(fetched(url)))
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    # A test run in the background of a shell inherits that ctrl-c is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        done = c.lw("serve", c.folder, "--port", port, "--no-browser")
    finally:
        ended.set()
        asking.join()
        signal.signal(signal.SIGINT, before)
    assert done.code == 130, done.err
    assert (seen[0]["kind"], seen[0]["items"]) == (c.kind.name, ITEMS)


@line("people add")
def _(c):
    assert "invite" in c.ok("people", "add", "Dora", "-p", c.folder)


@line("people list")
def _(c):
    c.ok("people", "add", "Dora", "-p", c.folder)
    assert "Dora" in c.ok("people", "list", "-p", c.folder)


@line("people disable")
def _(c):
    c.ok("people", "add", "Olga", "-p", c.folder, "--role", "owner")
    c.ok("people", "add", "Dora", "-p", c.folder)
    assert c.ok("people", "disable", "Dora", "-p", c.folder)
    assert c.ok("people", "disable", "Dora", "--enable", "-p", c.folder)


@line("people token")
def _(c):
    c.ok("people", "add", "Dora", "-p", c.folder)
    assert c.ok("people", "token", "Dora", "-p", c.folder).strip()


def votes_by_class(c):
    return {
        one["name"]: one["votes"] for one in c.told("classes", "list", "-p", c.folder)["classes"]
    }


@line("classes list", reads=True)
def _(c):
    found = votes_by_class(c)
    assert tuple(found) == c.kind.classes
    assert all(votes > 0 for votes in found.values())


@line("classes rename")
def _(c):
    old = c.kind.classes[0]
    before = votes_by_class(c)
    c.told("classes", "rename", old, "renamed", "-p", c.folder)
    assert votes_by_class(c)["renamed"] == before[old]
    assert c.told("label", c.folder)["labelled"] == ITEMS


@line("classes merge")
def _(c):
    c.told("classes", "add", "third", "-p", c.folder)
    c.told("classes", "merge", *c.kind.classes[:2], "--into", "both", "-p", c.folder)
    assert votes_by_class(c)["both"] > 0
    assert c.told("label", c.folder)["labelled"] == ITEMS


@line("classes add")
def _(c):
    before = votes_by_class(c)
    c.told("classes", "add", "third", "-p", c.folder)
    assert votes_by_class(c) == before | {"third": 0}
    assert c.told("label", c.folder)["labelled"] == ITEMS


@line("classes remove")
def _(c):
    c.told("classes", "add", "third", "-p", c.folder)
    c.told("classes", "remove", c.kind.classes[0], "--to", "third", "-p", c.folder)
    assert c.kind.classes[0] not in votes_by_class(c)
    c.told("classes", "add", "fourth", "-p", c.folder)
    c.told("classes", "remove", "fourth", "-p", c.folder)
    assert c.told("label", c.folder)["labelled"] == ITEMS


@line("classes undo")
def _(c):
    before, labels = votes_by_class(c), c.told("label", c.folder)
    c.told("classes", "rename", c.kind.classes[0], "renamed", "-p", c.folder)
    c.told("classes", "undo", "-p", c.folder)
    assert votes_by_class(c) == before
    assert c.told("label", c.folder)["classes"] == labels["classes"]


@line("explain", ROUND, reads=True)
def _(c):
    story = c.told("explain", "k1", "-p", c.folder)
    assert c.kind.right(story["answer"], c.kind.truth("k1"))
    assert 0 < story["confidence"] <= 1
    assert all(sum(unit["probability"].values()) > 0.999 for unit in story["units"])
    if c.gold:
        assert c.kind.same(story["gold"], c.kind.truth("k1"))
    assert PERFECT in c.ok("explain", "k1", "-p", c.folder)
    assert c.told("explain", "k1", "-p", c.folder, "--version", "head")["answer"] == story["answer"]


def right(c, rows):
    """The share of rows of an export whose label is the truth, to the pixel."""
    return sum(c.kind.right(row["label"], c.kind.truth(row["id"])) for row in rows) / len(rows)


@line("export", reads=True)
def _(c):
    to = c.tmp / "train.jsonl"
    assert c.told("export", c.folder, "--to", to)["rows"] == ITEMS
    rows = [json.loads(line) for line in to.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [row["key"] for row in c.kind.items()]
    assert all(row["label"] and 0 < row["confidence"] <= 1 for row in rows)
    assert right(c, rows) > 0.6
    for name in ("train.parquet", "train.csv"):
        assert c.told("export", c.folder, "--to", c.tmp / name, "--votes-only")["rows"] == ITEMS
    assert c.told("export", c.folder, "--to", to, "--only-labelled", "--mask-personal-data")["rows"]


@line("predict", ROUND, reads=True)
def _(c):
    to = c.tmp / "new.jsonl"
    what = ["predict", c.new_items(), "--to", to, "-p", c.folder]
    if not c.kind.learns:
        c.refused(["end model"], *what)
        return
    assert c.told(*what)["rows"] == 30
    rows = [json.loads(line) for line in to.read_text("utf-8").splitlines()]
    said = [row["label"] for row in rows]
    assert sum(c.kind.same(*pair) for pair in zip(said, truths(c), strict=True)) > 15


def truths(c):
    return [row["truth"] for row in c.kind.items()[:30]]


@line("drift", ROUND)
def _(c):
    c.project.import_items(c.new_items(), id="key", text="text", split="part")
    c.project.vote()
    said = json.loads(c.exits([0, 1], "drift", c.folder, "--json"))
    assert (said["before"], said["after"]) == (ITEMS, 30)
    assert "labels" in {shift["aspect"] for shift in said["shifts"]}
    assert c.exits([0, 1], "drift", c.folder, "--against", "head")


@line("gate", ROUND)
def _(c):
    if not c.kind.learns:
        c.refused(["end model"], "gate", c.folder)
        return
    assert json.loads(c.exits([0, 1], "gate", c.folder, "--dry-run", "--json"))["reason"]
    assert c.told("gate", c.folder, "--anyway", "a first one")["published"]


@line("watch", ROUND)
def _(c):
    arrived = c.tmp / "arrives"
    arrived.mkdir()
    file = c.new_items()
    os.utime(file, (1, 1))
    file.rename(arrived / file.name)
    with (c.folder / "labelwright.toml").open("a") as settings:
        settings.write('\n[watch]\nempty = "none"\n')
    said = json.loads(c.exits([0], "watch", arrived, "-p", c.folder, "--once", "--json"))
    assert (said["added"], said["votes"] > 0) == (30, True)
    assert c.told("label", c.folder)["items"] == ITEMS + 30


@line("status", ROUND, reads=True)
def _(c):
    said = c.told("status", c.folder)
    assert (said["items"], said["kind"]) == (ITEMS, c.kind.name)
    assert said["votes"]["person"] == len(votes_of_people(c.kind))
    assert said["labels"]["labelled"] == ITEMS
    assert c.ok("status", c.folder, "--target", "0.9")


@line("report", ROUND, reads=True)
def _(c):
    said = c.told("report", c.folder)
    assert said["data"]["items"] == ITEMS
    assert (said["model"] is not None) is c.kind.learns
    data = c.tmp / "train.parquet"
    c.ok("export", c.folder, "--to", data)
    for name, more in (("report.html", []), ("report.md", []), ("card.json", ["--data", data])):
        c.ok("report", c.folder, "--to", c.tmp / name, "--no-checks", *more)
        assert (c.tmp / name).stat().st_size > 500


@line("demo", reads=True)
def _(c):
    # It makes its own project of one kind; `test_demos` runs it through.
    c.refused(["tumours"], "demo", "no such demo", "--into", c.tmp / "demo")
