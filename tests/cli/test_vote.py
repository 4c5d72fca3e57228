"""`labelwright vote`. A failure here costs trust: votes that no function cast, or a function that
fails on half of the items and nobody hears of it."""

import json

import labelwright as lib


def test_what_each_source_did_is_shown_and_is_what_the_log_holds(fresh, lw):
    told = lw("vote", fresh, "--json")
    assert told.code == 0, told.err
    found = {one["name"]: one for one in json.loads(told.out)["sources"]}
    assert set(found) == {"free", "win", "hello", "long", "meet"}
    project = lib.open(fresh)
    names = [source.name for source in project.known_sources()]
    tallies = dict(zip(names, project.workspace.tallies(), strict=True))
    assert {name: one["votes"] for name, one in found.items()} == {
        name: tally.voted for name, tally in tallies.items()
    }
    again = lw("vote", fresh)
    assert "5 sources had nothing new to vote on" in again.out
    assert lib.open(fresh).workspace.log.count() == project.workspace.log.count()


def test_a_function_that_fails_loses_its_own_votes_and_its_reason_is_told(fresh, lw):
    with (fresh / "sources.py").open("a") as file:
        file.write('\n@lw.source\ndef broken(x):\n    return "ham" if x.text else x.nothing\n')
        file.write('\n@lw.source\ndef worse(x):\n    return {}["missing"]\n')
    told = lw("vote", fresh)
    assert told.code == 0
    assert "worse: failed on 30 items, such as: KeyError: 'missing'" in told.out
    assert "broken: failed" not in told.out
    labels = lw("label", fresh, "--json")
    assert json.loads(labels.out)["labelled"] == 30


def test_a_function_that_gives_no_class_of_the_task_is_told_with_what_it_gave(fresh, lw):
    (fresh / "sources.py").write_text(
        "import labelwright as lw\n\n@lw.source\ndef wrong(x):\n    return 'egg'\n"
    )
    told = lw("vote", fresh)
    assert "wrong: failed on 30 items" in told.out
    assert "'egg' is no class of this task" in told.out


def test_code_that_cannot_be_read_is_told_with_its_line_and_casts_nothing(fresh, lw):
    (fresh / "sources.py").write_text("import labelwright as lw\n\ndef f(x:\n")
    told = lw("vote", fresh)
    assert told.code == 2
    assert "sources.py" in told.err
    assert "line 3" in told.err or ":3" in told.err
    assert lib.open(fresh).workspace.log.count() == 0


def test_without_sources_it_says_where_to_write_them(tmp_path, lw):
    lw("init", tmp_path / "p", "--classes", "a,b")
    assert "no functions in sources.py and no rules" in lw("vote", tmp_path / "p").out


def test_outside_a_project_it_says_how_to_come_into_one(tmp_path, lw, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = lw("vote")
    assert told.code == 2
    assert "is in no project" in told.err
    assert "--project FOLDER" in told.err
