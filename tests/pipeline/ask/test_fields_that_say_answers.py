"""A user's own column that is called like an answer gives nothing away to who is asked."""

import pytest

import labelwright as lw
from labelwright.core.columns import says_answers
from labelwright.core.errors import SettingsError
from pipeline.making import FUNCTIONS, rows, write_csv

OWN = {"label": "truth", "Gold": "truth", "p_spam": "1.0", "id": "their id", "topic": "truth"}


def made(folder, own, **more):
    """A project whose items have these fields, the truth where they say so."""
    project = lw.init(folder / "p", classes=["spam", "ham"])
    (project.folder / "sources.py").write_text(FUNCTIONS)
    table = [
        {"key": row["key"], "text": row["text"]}
        | {name: row["truth"] if value == "truth" else value for name, value in own.items()}
        for row in rows(60)
    ]
    report = project.import_items(write_csv(folder / "items.csv", table), id="key", text="text")
    project.vote()
    return project, report


@pytest.mark.parametrize(
    "name",
    ["label", "LABEL", "label_of_item", "Label_of_item_2", "gold", "prediction", "p_spam"],
)
def test_a_name_that_says_answers_is_known_in_any_spelling(name):
    assert says_answers(name, ["spam", "ham"])


@pytest.mark.parametrize("name", ["text", "id", "split", "p_value", "labels_seen", "votes"])
def test_other_names_say_no_answers(name):
    assert not says_answers(name, ["spam", "ham"])


def test_questions_hold_no_field_that_is_called_like_an_answer(tmp_path):
    project, _ = made(tmp_path, OWN)
    for question in project.next(10, person="ann"):
        assert set(question.fields) == {"text", "id", "topic"}


def test_no_end_model_and_no_suggested_rule_reads_such_a_field_of_itself(tmp_path):
    project, _ = made(tmp_path, {"label": "truth", "topic": "truth"})
    assert "label" not in project.train().fields
    assert "topic" in project.train().fields


def test_the_owner_names_the_fields_that_people_see(tmp_path):
    project, _ = made(tmp_path, OWN)
    with (project.folder / "labelwright.toml").open("a") as file:
        file.write('\n[desk]\nfields = ["text", "label"]\n')
    assert set(lw.open(project.folder).next(1)[0].fields) == {"text", "label"}


def test_a_field_that_items_lack_is_refused_by_name(tmp_path):
    project, _ = made(tmp_path, OWN)
    with (project.folder / "labelwright.toml").open("a") as file:
        file.write('\n[desk]\nfields = ["txt"]\n')
    with pytest.raises(SettingsError, match=r"desk.fields: the items have no field 'txt'.*'text'"):
        lw.open(project.folder).next(1)


def test_an_import_says_which_fields_are_called_like_answers_or_hold_them(tmp_path):
    _, report = made(tmp_path, OWN)
    told = {note.split("'")[1]: note for note in report.notes}
    assert set(told) == {"label", "Gold", "p_spam", "topic"}
    assert "called 'label_of_item' beside ours" in told["label"]
    assert "--gold label" in told["label"]
    assert "people who are asked see it" in told["topic"]


def test_a_text_that_is_called_like_an_answer_is_shown_and_learnt(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    table = [{"key": row["key"], "answer": row["text"]} for row in rows(30)]
    project.import_items(write_csv(tmp_path / "items.csv", table), id="key", text="answer")
    assert set(project.next(1)[0].fields) == {"answer"}
    assert project.workspace.content_fields() == ["answer"]


def test_an_item_drawn_at_random_is_asked_without_a_suggestion(tmp_path):
    project, _ = made(tmp_path, {})
    project.round()
    asked = project.next(20, person="ann")
    assert any(question.random for question in asked)
    assert all(question.suggestion is None for question in asked if question.random)
