"""`labelwright version ...` and `clone`, as people type them."""

import json
import shutil

import pytest

import labelwright as lw_
from pipeline.making import make


@pytest.fixture(scope="module")
def voted(tmp_path_factory):
    project = make(tmp_path_factory.mktemp("voted"), 40)
    project.vote()
    return project.folder


@pytest.fixture
def run(lw, tmp_path, voted, monkeypatch):
    folder = shutil.copytree(voted, tmp_path / "reviews")
    monkeypatch.chdir(folder)

    def told(*arguments, code=0):
        done = lw(*arguments)
        assert done.code == code, done.err
        return done.out + done.err

    return told


def test_a_day_with_versions(run, tmp_path):
    assert "no version yet" in run("version", "log")
    assert "saved version" in run("version", "save", "-m", "the first")
    assert "nothing changed since" in run("version", "save")
    assert "v1 stands for version" in run("version", "tag", "v1")
    lw_.open(".").answer("m3", "spam", person="anna")
    saved = json.loads(run("version", "save", "-m", "with anna", "--json"))
    log = run("version", "log")
    assert log.index("with anna") < log.index("the first")
    assert "main" in log
    assert json.loads(run("version", "log", "--json"))[0]["id"] == saved["id"]
    shown = run("version", "show", "v1")
    assert "the first" in shown
    assert "made with: labelwright" in shown
    found = run("version", "diff", "v1")
    assert "source anna: new" in found
    assert json.loads(run("version", "diff", "v1", "--json"))["sources"] == {"anna": "new"}
    assert "anna" not in run("explain", "m3", "--version", "v1")
    assert "anna" in run("explain", "m3")
    assert "free" in run("version", "blame", "v1")
    assert "labels of" in run("version", "verify", "--recompute", "head")
    assert "look at it with" in run("version", "checkout", "v1", tmp_path / "then")
    assert "40" in run("status", tmp_path / "then")
    assert "as at version" in run("version", "restore", "v1")
    assert "deleted 0 versions" in run("version", "gc")
    assert "v1 is gone" in run("version", "tag", "v1", "--drop")


def test_two_people_share_their_work(run, lw, tmp_path, monkeypatch):
    run("version", "save", "-m", "base")
    assert "1 new version" in run("version", "push", tmp_path / "shared")
    assert "40 items at version" in run("clone", tmp_path / "shared", tmp_path / "colleague")
    lw_.open(tmp_path / "colleague").answer("m1", "spam", person="bob")
    run("version", "save", "-m", "bob's", "-p", tmp_path / "colleague")
    run("version", "push", "-p", tmp_path / "colleague")
    lw_.open(".").answer("m2", "ham", person="anna")
    run("version", "save", "-m", "anna's")
    assert "take them in first" in run("version", "push", code=2)
    pulled = run("version", "pull")
    assert "1 vote of theirs taken in; 0 disputed" in pulled
    assert "saved as version" in pulled
    assert "2 new versions" in run("version", "push")
    assert "nothing new" in run("version", "pull")


def test_branches(run):
    run("version", "save", "-m", "base")
    assert "saved to the branch try" in run("version", "branch", "try")
    assert "* try" in run("version", "branch")
    lw_.open(".").answer("m1", "spam", person="anna")
    run("version", "save", "-m", "tried")
    run("version", "branch", "main")
    assert "taken as they are" in run("version", "merge", "try")
    assert "tried" in run("version", "log", "--all")


def test_damage_is_an_exit_code(run):
    run("version", "save")
    project = lw_.open(".")
    assert "all as they were saved" in run("version", "verify")
    path = project.workspace.objects.path(project.history.find().labels["column"])
    path.write_bytes(b"other")
    told = run("version", "verify", code=3)
    assert "damaged: object" in told
    assert json.loads(run("version", "verify", "--json", code=3))["damage"]


def test_what_there_is_not_is_refused_in_a_line_and_changes_nothing(folder, lw, tmp_path):
    """A failure here costs a day: a version overwritten, or data thrown away for a typing error."""
    assert lw("version", "save", "-m", "one", "-p", folder).code == 0
    log = lw("version", "log", "-p", folder, "--json").out
    for arguments, said in (
        (("show", "none"), "none"),
        (("diff", "none"), "none"),
        (("checkout", "head", folder), "already"),
        (("restore", "none"), "none"),
        (("tag", "bad name/", "head"), "bad name/"),
        (("merge", "none"), "none"),
        (("push",), "name a folder"),
        (("pull", tmp_path / "nowhere"), "nowhere"),
        (("blame", "nobody"), "nobody"),
    ):
        told = lw("version", *arguments, "-p", folder)
        assert told.code == 2, (arguments, told)
        assert said in told.err, (arguments, told.err)
    assert lw("version", "log", "-p", folder, "--json").out == log
    assert json.loads(log)[0]["note"] == "one"
