"""Classes change in mid-project; every vote is kept and read as what it means now."""

import json
from collections import Counter

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import (
    AnswerError,
    NothingToDoError,
    ProjectError,
    SettingsError,
    UnknownNameError,
    VotesError,
)
from labelwright.core.task import Task
from pipeline.making import make


def project_of(
    folder, classes="spam,scam,ham,news", *, rules="", parents=None, kind="classification"
):
    """Twelve items; anna says what each class is in turn."""
    names = classes.split(",")
    project = lw.Project.create(folder / "p", Task(kind, tuple(names)))
    file = folder / "p" / "labelwright.toml"
    table = "".join(f'{child} = "{parent}"\n' for child, parent in (parents or {}).items())
    file.write_text(file.read_text() + (f"\n[task.parents]\n{table}" if table else "") + rules)
    data = folder / "items.csv"
    data.write_text("key,text\n" + "".join(f"k{n},text number {n}\n" for n in range(12)))
    project = lw.open(folder / "p")
    project.import_items(data, id="key", text="text")
    for number in range(12):
        answer = names[number % len(names)]
        project.answer(f"k{number}", [answer] if kind == "multilabel" else answer, person="anna")
    return project


def said(project):
    """How often each answer is in force."""
    project = lw.open(project.folder)
    project.label()
    votes = project.workspace.in_force(np.array([0], np.int32), project.known_sources()[:1])
    return Counter(votes.answers[code] for code in votes.answer if code >= 0)


def test_a_rename_keeps_every_vote_under_the_new_name(tmp_path):
    project = project_of(tmp_path)
    made = project.classes.rename("scam", "fraud")
    assert made.classes == ("spam", "fraud", "ham", "news")
    assert said(project) == {"spam": 3, "fraud": 3, "ham": 3, "news": 3}
    assert "fraud" in (project.folder / "labelwright.toml").read_text()


def test_a_merge_adds_the_votes(tmp_path):
    project = project_of(tmp_path)
    project.classes.merge(["scam"], "spam")
    assert said(project) == {"spam": 6, "ham": 3, "news": 3}


def test_several_classes_become_a_new_one(tmp_path):
    project = project_of(tmp_path)
    assert project.classes.merge(["spam", "scam"], "bad").classes == ("bad", "ham", "news")
    assert said(project) == {"bad": 6, "ham": 3, "news": 3}


def test_the_votes_of_a_removed_class_go_where_the_owner_says(tmp_path):
    project = project_of(tmp_path)
    project.classes.remove("scam")
    assert said(project) == {"spam": 3, "ham": 3, "news": 3}
    project.classes.remove("news", "ham")
    assert said(project) == {"spam": 3, "ham": 6}


def test_an_old_name_may_be_given_to_a_new_class(tmp_path):
    project = project_of(tmp_path)
    project.classes.rename("scam", "fraud")
    project.classes.add("scam")
    assert said(project) == {"spam": 3, "fraud": 3, "ham": 3, "news": 3}
    lw.open(project.folder).answer("k0", "scam", person="anna")
    assert said(project) == {"spam": 2, "fraud": 3, "ham": 3, "news": 3, "scam": 1}


def test_undo_gives_back_what_old_votes_meant_and_reads_new_ones_honestly(tmp_path):
    project = project_of(tmp_path)
    project.classes.merge(["scam"], "spam")
    lw.open(project.folder).answer("k2", "spam", person="anna")
    made = project.classes.undo()
    assert made.classes == ("spam", "scam", "ham", "news")
    assert said(project) == {"spam": 3, "scam": 3, "ham": 2, "news": 3, "spam|scam": 1}
    with pytest.raises(NothingToDoError, match="taken back"):
        project.classes.undo()
    project.classes.rename("spam", "junk")
    assert said(project) == {"junk": 3, "scam": 3, "ham": 2, "news": 3, "junk|scam": 1}
    project.classes.undo()
    assert said(project)["spam"] == 3


def test_rules_follow_and_functions_that_name_a_lost_class_are_named(tmp_path):
    project = make(tmp_path, rules='\n[[rules]]\n# a comment\nname = "meet"\nvote = "ham"\n'
                   'when = { field = "text", keywords = ["meet"] }\n')  # fmt: skip
    project.vote()
    before = said_by(project, "meet")
    made = project.classes.rename("ham", "fine")
    assert made.rules == ("meet",)
    assert any(line.startswith("sources.py:") and '"ham"' in line for line in made.named)
    text = (project.folder / "labelwright.toml").read_text()
    assert 'vote = "fine"' in text
    assert "# a comment" in text
    assert said_by(project, "meet") == {"fine": before["ham"]}
    project.classes.undo()
    assert 'vote = "ham"' in (project.folder / "labelwright.toml").read_text()


def said_by(project, name):
    project = lw.open(project.folder)
    sources = project.known_sources()
    number = next(n for n, source in enumerate(sources) if source.name == name)
    votes = project.workspace.in_force(np.array([number], np.int32), [sources[number]])
    return Counter(votes.answers[code] for code in votes.answer if code >= 0)


def test_a_class_that_rules_vote_for_is_not_removed_from_under_them(tmp_path):
    project = make(tmp_path)
    project.classes.add("news")
    text = (project.folder / "labelwright.toml").read_text()
    with pytest.raises(SettingsError, match=r"meet.*--to"):
        project.classes.remove("ham")
    assert (project.folder / "labelwright.toml").read_text() == text


def test_a_class_deleted_by_hand_is_an_error_that_names_the_way_out(tmp_path):
    project = project_of(tmp_path)
    project.label()
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text().replace('"scam", ', ""))
    with pytest.raises(AnswerError, match="labelwright classes merge OLD --into CLASS"):
        lw.open(project.folder).label()
    project.classes.merge(["scam"], "spam")
    assert said(project) == {"spam": 6, "ham": 3, "news": 3}


def test_hierarchies_follow(tmp_path):
    project = project_of(tmp_path, parents={"spam": "bad", "scam": "bad"})
    project.answer("k0", "bad", person="anna")
    project.classes.rename("bad", "unwanted")
    project.classes.rename("spam", "ads")
    assert said(project)["unwanted"] == 1
    project.classes.add("virus", under="unwanted")
    assert [row.parents for row in project.classes.list()] == [
        ("unwanted",), ("unwanted",), (), (), ("unwanted",),
    ]  # fmt: skip
    assert said(project)["unwanted"] == 1
    project.classes.merge(["ads", "scam", "virus"], "junk")
    assert said(project)["junk"] == 6
    assert lw.open(project.folder).settings.task.parents == (("junk", "unwanted"),)
    project.classes.remove("junk", "ham")
    assert lw.open(project.folder).settings.task.parents == ()
    assert "parents" not in (project.folder / "labelwright.toml").read_text()


def test_sets_of_classes_follow(tmp_path):
    project = project_of(tmp_path, kind="multilabel")
    project.classes.merge(["scam"], "spam")
    assert said(project) == {'["spam"]': 6, '["ham"]': 3, '["news"]': 3}
    assert [row.votes for row in project.classes.list()] == [6, 3, 3]
    project.classes.add("event")
    assert json.loads(next(iter(said(project)))).get("event") is None


def test_votes_of_somebody_who_had_not_heard_of_it_are_read_right(tmp_path):
    project = project_of(tmp_path)
    project.classes.merge(["scam"], "spam")
    project.answer("k3", "scam", person="anna")  # this project was opened before
    assert said(project) == {"spam": 7, "ham": 3, "news": 2}


def test_a_kill_between_record_and_file_changes_nothing(tmp_path):
    project = project_of(tmp_path)
    file = project.folder / "labelwright.toml"
    before = file.read_text()
    project.classes.rename("scam", "fraud")
    file.write_text(before)
    assert said(project) == {"spam": 3, "scam": 3, "ham": 3, "news": 3}
    project.classes.rename("ham", "fine")
    assert said(project) == {"spam": 3, "scam": 3, "fine": 3, "news": 3}


def test_an_older_settings_file_beside_newer_votes_is_an_error(tmp_path):
    project = project_of(tmp_path)
    file = project.folder / "labelwright.toml"
    before = file.read_text()
    project.classes.rename("scam", "fraud")
    lw.open(project.folder).answer("k0", "fraud", person="anna")
    lw.open(project.folder).label()
    file.write_text(before)
    with pytest.raises(VotesError, match="schema = 1"):
        lw.open(project.folder).label()
    file.write_text(before.replace("kind = ", "schema = 2\nkind = "))
    with pytest.raises(ProjectError, match="lacks number 2"):
        lw.open(project.folder).label()


def test_class_balance_follows(tmp_path):
    rules = "\n[label_model]\nclass_balance = { spam = 0.2, scam = 0.2, ham = 0.3, news = 0.3 }\n"
    project = project_of(tmp_path, rules=rules)
    project.classes.merge(["scam"], "spam")
    balance = lw.open(project.folder).settings.label_model.settings["class_balance"]
    assert balance == {"spam": 0.4, "ham": 0.3, "news": 0.3}
    assert said(project)["spam"] == 6


def test_mistakes_are_named(tmp_path):
    project = project_of(tmp_path, parents={"spam": "bad", "scam": "bad"})
    classes = project.classes
    for wrong, error in [
        (lambda: classes.rename("span", "x"), UnknownNameError),
        (lambda: classes.rename("spam", "ham"), SettingsError),
        (lambda: classes.merge(["spam"], "spam"), SettingsError),
        (lambda: classes.merge(["typo"], "spam"), UnknownNameError),
        (lambda: classes.remove("bad"), SettingsError),
        (lambda: classes.remove("spam", "typo"), UnknownNameError),
        (lambda: classes.add("spam"), SettingsError),
        (lambda: classes.add("new", under="nowhere"), UnknownNameError),
        (classes.undo, NothingToDoError),
    ]:
        with pytest.raises(error):
            wrong()
    classes.rename("scam", "fraud")
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text().replace('"news"', '"news", "more"'))
    with pytest.raises(SettingsError, match="by hand"):
        project.classes.undo()
    with pytest.raises(SettingsError, match="meanwhile"):
        classes.rename("spam", "junk")


def test_a_version_of_before_a_change_is_not_restored_over_it(tmp_path):
    project = make(tmp_path, 30)
    first = project.round().version
    lw.open(project.folder).classes.rename("ham", "fine")
    after = lw.open(project.folder)
    after.history.save()
    with pytest.raises(ProjectError, match="labelwright classes undo"):
        after.history.restore(first.id)
    assert lw.open(project.folder).status().classes == ("spam", "fine")


def described(project):
    return dict(lw.open(project.folder).settings.descriptions or {})


def test_a_class_is_described_in_a_line_that_its_file_keeps(tmp_path):
    project = project_of(tmp_path)
    assert project.settings.descriptions is None
    made = project.classes.describe("spam", " wants your\n money ")
    assert (made.name, made.description) == ("spam", "wants your money")
    assert "[embedding] model" in made.note
    project.classes.describe("ham", "")
    assert described(project) == {"spam": "wants your money"}
    rows = lw.open(project.folder).classes.list()
    assert [row.description for row in rows] == ["wants your money", "", "", ""]
    text = (project.folder / "labelwright.toml").read_text()
    assert '[task.descriptions]\nspam = "wants your money"\n' in text
    project.classes.describe("spam", "")
    assert lw.open(project.folder).settings.descriptions is None
    assert "descriptions" not in (project.folder / "labelwright.toml").read_text()


def test_only_a_class_is_described_and_in_one_line(tmp_path):
    project = project_of(tmp_path)
    with pytest.raises(UnknownNameError, match=r"'spa'.*spam"):
        project.classes.describe("spa", "x")
    with pytest.raises(SettingsError, match="500 characters"):
        project.classes.describe("spam", "x" * 501)
    assert described(project) == {}


def test_descriptions_go_where_their_classes_go_and_come_back_with_them(tmp_path):
    project = project_of(tmp_path)
    lines = {"spam": "adverts", "scam": "lies", "ham": "friends"}
    for name, line in lines.items():
        project.classes.describe(name, line)
    project = lw.open(project.folder)
    project.classes.rename("scam", "fraud")
    assert described(project) == {"spam": "adverts", "fraud": "lies", "ham": "friends"}
    lw.open(project.folder).classes.merge(["spam", "fraud"], "bad")
    assert described(project) == {"bad": "adverts; lies", "ham": "friends"}
    lw.open(project.folder).classes.merge(["bad"], "ham")
    assert described(project) == {"ham": "friends"}
    lw.open(project.folder).classes.add("more")
    lw.open(project.folder).classes.remove("ham")
    assert described(project) == {}
    for expected in (
        {"ham": "friends"},
        {"ham": "friends"},
        {"bad": "adverts; lies", "ham": "friends"},
        {"spam": "adverts", "fraud": "lies", "ham": "friends"},
        lines,
    ):
        lw.open(project.folder).classes.undo()
        assert described(project) == expected
