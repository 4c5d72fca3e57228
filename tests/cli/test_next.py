"""A person at the keyboard, played by a script of keys."""

import json
import time

import pytest

import labelwright as lw
from labelwright.cli.explain_ import command as explain
from labelwright.cli.next_ import Session
from labelwright.core.votes import VoteState
from labelwright.pipeline.api.project import Project
from labelwright.pipeline.ask.answer_keys import keys_of
from pipeline.making import rows, write_csv

ENTER, SKIP, UNDO, QUIT, HELP = "\r", " ", "z", "q", "?"


def project_with(folder, classes, count=6):
    project = lw.init(folder / "p", classes=classes)
    path = write_csv(folder / "data.csv", rows(count))
    project.import_items(path, id="key", text="text", fields=("text",))
    return project


def play(project, keys, count=6, person="anna"):
    """The session after these keys, and how many answers it says were given."""
    script = iter(keys)
    session = Session(project, project.next(count), person, lambda: next(script), unread_s=0)
    given = session.run()
    assert list(script) == [], "keys were left over"
    return session, given


def slowly(script):
    """Keys of somebody who reads each question first."""

    def key():
        time.sleep(0.25)
        return next(script)

    return key


def answers(project):
    """The answers in force by item, once they were taken in."""
    project.next(1)
    log = project.workspace.log
    ids = [
        row["_id"] for batch in project.workspace.items.scan(["_id"]) for row in batch.to_pylist()
    ]
    last = {row["item"]: row for row in log.scan().to_pylist()}
    voted = {item: row for item, row in last.items() if row["state"] == VoteState.VOTED}
    return {ids[item]: row["answer"] for item, row in voted.items()}


def test_each_key_answers_and_the_end_of_the_questions_ends_the_session(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    session, given = play(project, "shshsh")
    assert given == 6
    said = [vote.answer for vote in session.given]
    assert said == ["spam", "ham"] * 3
    assert answers(project) == {vote.item: vote.answer for vote in session.given}
    assert project.next(5) == []


def test_skip_leaves_the_item_for_another_time(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    session, given = play(project, ["s", SKIP, SKIP, SKIP, SKIP, "h"])
    assert given == 2
    left = {question.item for question in project.next(10)}
    skipped = {q.item for q, v in zip(session.questions, session.given, strict=True) if v is None}
    assert left == skipped


def test_undo_after_an_answer_supersedes_it_and_the_log_keeps_both(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    session, given = play(project, ["s", UNDO, "h", QUIT])
    assert given == 1
    (item,) = [vote.item for vote in session.given]
    assert answers(project) == {item: "ham"}
    log = project.workspace.log.scan().to_pylist()
    assert [row["state"] for row in log] == [
        VoteState.VOTED, VoteState.WITHDRAWN, VoteState.VOTED
    ]  # fmt: skip
    first, back, second = (row["id"] for row in log)
    assert [row["supersedes"] for row in log] == [None, first, first]
    assert len({first, back, second}) == 3


def test_undo_then_quit_leaves_the_item_unanswered(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    session, given = play(project, ["s", UNDO, QUIT])
    assert given == 0
    assert answers(project) == {}
    assert session.questions[0].item in {question.item for question in project.next(10)}


def test_undo_across_a_skip_and_past_the_beginning(tmp_path, capsys):
    project = project_with(tmp_path, ["spam", "ham"])
    keys = ["s", SKIP, UNDO, UNDO, UNDO, "h", "s", QUIT]
    session, given = play(project, keys)
    assert given == 2
    assert [vote.answer for vote in session.given] == ["ham", "spam"]
    assert session.given[0].supersedes is not None
    assert session.given[1].supersedes is None
    assert "nothing to undo" in capsys.readouterr().out


def test_an_answer_taken_into_the_log_can_still_be_undone(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    script = iter(["s", "take in", UNDO, "h", QUIT])

    def key():
        pressed = next(script)
        if pressed == "take in":
            project.next(1)  # another command collects the answers meanwhile
            return next(script)
        return pressed

    session = Session(project, project.next(6), "anna", key, unread_s=0)
    session.run()
    assert answers(project) == {session.given[0].item: "ham"}


def test_enter_accepts_the_suggestion_and_says_so_where_there_is_none(tmp_path, capsys):
    project = project_with(tmp_path, ["spam", "ham"])
    _, given = play(project, [ENTER, QUIT])
    assert given == 0
    assert "no suggestion" in capsys.readouterr().out
    (project.folder / "sources.py").write_text(
        "import labelwright as lw\n@lw.source\ndef all_ham(x):\n    return 'ham'\n"
    )
    project.vote()
    session, given = play(project, [ENTER, "\n", QUIT])
    assert given == 2
    assert [vote.answer for vote in session.given] == ["ham", "ham"]


def test_help_and_keys_that_mean_nothing_show_the_keys(tmp_path, capsys):
    project = project_with(tmp_path, ["spam", "ham"])
    _, given = play(project, [HELP, "\x1b[A", "é", QUIT])
    assert given == 0
    assert capsys.readouterr().out.count("[space] skip") == 4


def test_ctrl_c_loses_no_answer(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    with pytest.raises(KeyboardInterrupt):
        play(project, ["s", "h", "\x03"])
    assert sorted(answers(project).values()) == ["ham", "spam"]


@pytest.mark.parametrize(
    "classes", [["q", "z"], ["quit", "zap", "undo"], ["?", "/"], ["Q", "q"], ["1", "2"], ["2", "1"]]
)
def test_classes_named_like_the_control_keys_can_be_answered(tmp_path, classes):
    project = project_with(tmp_path, classes)
    keys = {name: key for key, name in reversed(keys_of(classes).items())}
    assert not set(keys_of(classes)) & {SKIP, UNDO, QUIT, HELP, "/"}
    session, given = play(project, [*(keys[name] for name in classes), QUIT])
    assert given == len(classes)
    assert [vote.answer for vote in session.given] == classes


def test_the_help_shows_the_keys_of_every_class_and_each_of_them_answers(tmp_path, capsys):
    classes = [f"{name} tree" for name in ("oak", "ash", "elm", "fir", "yew")]
    project = project_with(tmp_path, classes)
    session, _ = play(project, [*"13", "o", "a", QUIT])
    assert [vote.answer for vote in session.given] == [classes[i] for i in (0, 2, 0, 1)]
    assert "[o 1] oak tree  [a 2] ash tree  [e 3] elm tree" in capsys.readouterr().out


def test_a_capital_that_no_class_has_records_nothing_where_capitals_are_keys(tmp_path):
    classes = [f"kind {number}" for number in range(30)]
    keys = keys_of(classes)
    free = next(key.upper() for key in keys if key.islower() and key.upper() not in keys)
    project = project_with(tmp_path, classes)
    _, given = play(project, [free, QUIT])
    assert given == 0


def test_a_class_without_a_key_can_be_typed(tmp_path, capsys):
    classes = [f"kind {number}" for number in range(80)]
    project = project_with(tmp_path, classes)
    keys = ["/", *"kind 78x", "\x7f", "\r", "/", *"kind 7", "\r", "/", *"kin", "\r", QUIT]
    session, given = play(project, keys)
    # `kind 7` is a name in full, though others begin with it; `kin` is none.
    assert [vote.answer for vote in session.given] == ["kind 78", "kind 7"]
    assert given == 2
    said = capsys.readouterr().out
    assert "type a name" in said
    assert "80 classes begin with 'kin'" in said


def test_a_second_person_is_asked_too_and_both_are_kept_apart(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    questions = project.next(2)
    for person, answer in (("anna", "s"), ("ben", "h")):
        script = iter([answer, answer])
        Session(project, questions, person, lambda script=script: next(script), unread_s=0).run()
    project.next(1)
    names = {source.name for source in project.known_sources()}
    assert names == {"anna", "ben"}
    assert project.workspace.log.count() == 4


def test_without_a_terminal_the_questions_are_listed(tmp_path, lw, monkeypatch):
    project = project_with(tmp_path, ["spam", "ham"])
    done = lw("next", project.folder, "-n", 3)
    assert done.code == 0
    assert len(done.out.splitlines()) == 3
    asked = json.loads(lw("next", project.folder, "-n", 3, "--json").out)
    assert [line.split("\t")[0] for line in done.out.splitlines()] == [q["item"] for q in asked]
    assert "n" in asked[0]["fields"]["text"]


def test_a_terminal_session_runs_from_the_command(tmp_path, lw, monkeypatch):
    project = project_with(tmp_path, ["spam", "ham"])
    script = iter("sq")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.getchar", slowly(script))
    done = lw("next", project.folder, "--as", "anna")
    assert done.code == 0, done.err
    assert "1 answer safe" in done.out
    assert lw("status", project.folder).out.count("waiting    1 answer,") == 1
    assert list(answers(project).values()) == ["spam"]


def test_ctrl_c_in_a_terminal_exits_130_and_says_that_answers_are_safe(tmp_path, lw, monkeypatch):
    project = project_with(tmp_path, ["spam", "ham"])
    script = iter("s\x03")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.getchar", slowly(script))
    done = lw("next", project.folder)
    assert done.code == 130
    assert "what was finished is safe" in done.err
    assert list(answers(project).values()) == ["spam"]


def test_a_task_that_one_key_cannot_answer_says_what_to_do(tmp_path, lw, monkeypatch):
    path = write_csv(tmp_path / "data.csv", rows(4))
    assert lw("init", tmp_path / "m", "--task", "multilabel", "--classes", "a,b").code == 0
    assert lw("import", tmp_path / "m", path, "--id", "key", "--text", "text").code == 0
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    done = lw("next", tmp_path / "m")
    assert done.code == 2
    assert "multilabel" in done.err
    assert "project.answer" in done.err


def test_questions_as_json_are_those_that_python_gives(folder, lw):
    told = lw("next", folder, "-n", "5", "--as", "ann", "--json")
    questions = Project.open(folder).next(5, person="ann")
    assert [one["item"] for one in json.loads(told.out)] == [one.item for one in questions]
    assert [one["suggestion"] for one in json.loads(told.out)] == [
        one.suggestion for one in questions
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--rule", "meat"), "did you mean 'meet'?"), (("-n", "0"), "-n"), (("-n", "few"), "-n")],
)
def test_a_mistake_asks_nothing(folder, lw, arguments, said):
    told = lw("next", folder, *arguments)
    assert told.code == 2
    assert said in told.err


def test_a_field_with_a_name_of_ours_is_asked_and_explained_under_another_one(tmp_path, capsys):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    ours = {"label": "spam", "id": "theirs"}
    table = [{"key": row["key"], "text": row["text"], **ours} for row in rows(6)]
    project.import_items(write_csv(tmp_path / "data.csv", table), id="key", text="text")
    play(project, ["s", QUIT])
    asked = capsys.readouterr().out
    assert "\n  id_of_item: theirs\n" in asked
    assert "theirs" not in asked.replace("id_of_item: theirs", "")
    assert "label" not in asked
    explain("m3", project=project.folder)
    told = capsys.readouterr().out
    assert "\n  label_of_item: spam\n" in told
    assert "\n  label: " not in told


def test_a_key_that_bounces_answers_no_question_that_nobody_has_read(tmp_path):
    project = project_with(tmp_path, ["spam", "ham"])
    script = iter([(0, "s"), (0, "s"), (0.25, "h"), (0, "h"), (0.25, QUIT)])

    def key():
        after, pressed = next(script)
        time.sleep(after)
        return pressed

    session = Session(project, project.next(3), "anna", key)
    assert session.run() == 1
    assert [vote.answer for vote in session.given] == ["ham"]


def test_of_pictures_a_terminal_says_where_they_are_seen(tmp_path, capsys):
    from PIL import Image

    (tmp_path / "images").mkdir()
    for place in range(3):
        image = Image.new("RGB", (8, 8), (80 * place, 9, 9))
        image.save(tmp_path / "images" / f"{place}.png")
    project = lw.init(tmp_path / "p", classes=["cat", "dog"])
    project.import_items(tmp_path / "images")
    play(project, [QUIT])
    assert "labelwright serve" in capsys.readouterr().out
