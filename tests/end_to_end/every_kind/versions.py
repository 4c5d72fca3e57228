"""Every command does its work for every kind of task: versions, runs and copies."""

import contextlib

from end_to_end.every_kind.kinds import ITEMS
from end_to_end.every_kind.project import ROUND, Table

VERSIONS = Table()
line = VERSIONS.line


def version(c, *arguments):
    return c.told("version", *arguments, "-p", c.folder)


def second(c):
    """A second version, in which somebody said something else of an item."""
    item = next(question.item for question in c.project.next(5))
    wrong = c.kind.wrong(c.kind.truth(item))
    c.project.answer(item, wrong, person="dora")
    return version(c, "save", "-m", "the second")


@line("version save")
def _(c):
    saved = version(c, "save", "-m", "by hand")
    assert saved["note"] == "by hand"
    assert (saved["items"]["count"], saved["labels"]["labelled"]) == (ITEMS, ITEMS)
    assert "nothing changed" in c.ok("version", "save", "-p", c.folder)
    assert version(c, "verify", "--recompute", "head")["damage"] == []
    assert second(c)["votes"]["count"] == saved["votes"]["count"] + 1


@line("version log", ROUND)
def _(c):
    second(c)
    assert [one["note"] for one in version(c, "log")] == ["the second", "the first"]
    assert "the first" in c.ok("version", "log", "--all", "-p", c.folder)


@line("version show", ROUND, reads=True)
def _(c):
    assert version(c, "show")["labels"]["labelled"] == ITEMS
    assert "the first" in c.ok("version", "show", "head", "-p", c.folder)


@line("version diff", ROUND)
def _(c):
    first = version(c, "show")["id"]
    second(c)
    said = version(c, "diff", first, "head")
    assert (said["items_added"], said["items_removed"]) == (0, 0)
    assert said["labels_changed"] >= 0
    assert said["sources"] == {"dora": "new"} or "dora" in said["sources"]
    assert c.ok("version", "diff", first, "-p", c.folder)


@line("version checkout", ROUND)
def _(c):
    before = c.told("explain", "k1", "-p", c.folder)["answer"]
    c.ok("version", "checkout", "head", c.tmp / "then", "-p", c.folder)
    assert c.told("explain", "k1", "-p", c.tmp / "then")["answer"] == before
    assert c.told("status", c.tmp / "then")["items"] == ITEMS


@line("version branch", ROUND)
def _(c):
    c.ok("version", "branch", "try", "-p", c.folder)
    second(c)
    c.ok("version", "branch", "main", "-p", c.folder)
    assert version(c, "branch")["branch"] == "main"
    assert version(c, "show")["note"] == "the first"


@line("version tag", ROUND)
def _(c):
    c.ok("version", "tag", "good", "-p", c.folder)
    assert version(c, "tag") == {"good": version(c, "show", "good")["id"]}
    c.ok("version", "tag", "good", "--drop", "-p", c.folder)


@line("version merge", ROUND)
def _(c):
    c.ok("version", "branch", "try", "-p", c.folder)
    second(c)
    c.ok("version", "branch", "main", "-p", c.folder)
    c.project.answer("k1", c.kind.truth("k1"), person="eva")
    version(c, "save", "-m", "on main")
    version(c, "merge", "try")
    assert {"dora", "eva"} <= {row["name"] for row in c.told("sources", c.folder)["sources"]}


@line("version restore", ROUND)
def _(c):
    first = version(c, "show")["id"]
    before = c.told("explain", "k1", "-p", c.folder)["answer"]
    second(c)
    assert version(c, "restore", first)["votes"] == 1
    assert c.told("explain", "k1", "-p", c.folder)["answer"] == before


@line("version blame", ROUND, reads=True)
def _(c):
    said = version(c, "blame")
    assert {row["source"] for row in said} >= {"ada", "cem"}
    assert all(0 <= row["share"] <= 1 for row in said)
    assert version(c, "blame", "head") == said


@line("version verify", ROUND, reads=True)
def _(c):
    said = version(c, "verify", "--recompute", "head")
    assert (said["damage"], len(said["recomputed"])) == ([], 1)


@line("version gc", ROUND)
def _(c):
    assert version(c, "gc", "--dry-run")["versions"] == 0
    version(c, "gc")
    assert version(c, "verify", "--recompute", "head")["damage"] == []


@line("version push", ROUND)
def _(c):
    assert version(c, "push", c.tmp / "shared")["versions"] == 1


@line("version pull", ROUND)
def _(c):
    c.ok("clone", c.folder, c.tmp / "copy")
    second(c)
    c.ok("version", "pull", "-p", c.tmp / "copy")
    assert c.told("version", "log", "-p", c.tmp / "copy")[0]["note"] == "the second"
    assert c.told("version", "verify", "--recompute", "head", "-p", c.tmp / "copy")["damage"] == []


@line("clone", ROUND)
def _(c):
    c.ok("clone", c.folder, c.tmp / "copy")
    there = c.told("explain", "k1", "-p", c.tmp / "copy")["answer"]
    assert there == c.told("explain", "k1", "-p", c.folder)["answer"]


@line("runs", ROUND, reads=True)
def _(c):
    assert ("accuracy" in c.ok("runs", "-p", c.folder)) is c.kind.learns


@line("runs list", ROUND, reads=True)
def _(c):
    assert len(c.told("runs", "list", "-p", c.folder)) == c.kind.learns
    steps = {one["run"]["step"] for one in c.told("runs", "list", "--all", "-p", c.folder)}
    assert steps >= {"import", "vote", "label"}


@line("runs show", ROUND, reads=True)
def _(c):
    said = c.told("runs", "show", "label", "-p", c.folder)
    assert said["run"]["step"] == "label"
    if c.kind.learns:
        assert c.told("runs", "show", "-p", c.folder)["run"]["step"] == "train"
    else:
        c.refused(["train"], "runs", "show", "-p", c.folder)


@line("runs compare", ROUND)
def _(c):
    second(c)
    c.ok("label", c.folder)
    runs = c.told("runs", "list", "--all", "-p", c.folder)
    first, *_, last = [one["id"] for one in runs if one["run"]["step"] == "label"]
    assert c.told("runs", "compare", first, last, "-p", c.folder)["inputs"]
    assert c.ok("runs", "compare", first, last, "-p", c.folder)


@line("runs repeat", ROUND)
def _(c):
    if not c.kind.learns:
        c.refused(["train"], "runs", "repeat", "-p", c.folder)
        return
    assert c.told("runs", "repeat", "-p", c.folder)["identical"]


@line("runs track", ROUND)
def _(c):
    if not c.kind.learns:
        c.refused(["train"], "runs", "track", "-p", c.folder)
        return
    # MLflow keeps its files where it is begun.
    with contextlib.chdir(c.tmp):
        assert c.told("runs", "track", "-p", c.folder, "--stage", "tried")["id"]
