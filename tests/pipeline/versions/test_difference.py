"""What changed between two versions, and what moved each label."""

import shutil

import numpy as np
import pytest

import labelwright as lw
from pipeline.making import make, rows, with_known_balance, write_csv


@pytest.fixture(scope="module")
def voted(tmp_path_factory):
    project = make(tmp_path_factory.mktemp("voted"), 60)
    project.vote()
    project.history.save("one")
    return project.folder


@pytest.fixture
def project(tmp_path, voted):
    return lw.open(shutil.copytree(voted, tmp_path / "reviews"))


def edit(project, old, new, name="sources.py"):
    path = project.folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    project = lw.open(project.folder)
    project.vote()
    return project


def diff(project):
    first = project.history.log()[-1]
    project.history.save("two")
    return project.history.diff(first.id)


def caused(found):
    return {(cause.what, cause.who): cause for cause in found.causes}


def test_a_version_does_not_differ_from_itself(project):
    found = project.history.diff("head")
    assert (found.labels_changed, found.causes, found.sources, found.cost) == (0, (), {}, {})


def test_an_answer_of_a_person_is_named_as_what_moved_a_label(project):
    label = project.label().answers.answer[3].as_py()
    project.answer("m3", "spam" if label == "ham" else "ham", person="anna")
    found = diff(project)
    assert found.sources == {"anna": "new"}
    cause = caused(found)["new source", "anna"]
    assert (cause.kind, cause.labels, cause.examples[0].item) == ("person", 1, "m3")
    assert found.cost["votes_person"] == 1


def test_a_second_answer_is_told_from_a_new_source(project):
    project.answer("m5", "spam", person="anna")
    before = project.history.save()
    label = project.label().answers.answer[3].as_py()
    project.answer("m3", "spam" if label == "ham" else "ham", person="anna")
    project.history.save()
    assert ("votes of", "anna") in caused(project.history.diff(before.id))


def test_an_edited_function_is_named_as_what_moved_labels(project):
    found = diff(edit(project, '"free" in', '"cash" in'))
    assert found.sources == {"free": "edited"}
    assert found.settings == ("functions",)
    cause = caused(found)["edited", "free"]
    assert cause.kind == "function"
    # What it no longer says of, and what it says of now.
    assert cause.labels > found.labels_changed / 2
    assert found.looked_into == found.labels_changed == sum(c.labels for c in found.causes)


def test_a_source_that_is_gone_is_named(project):
    found = diff(edit(project, "@lw.source\ndef hello", "def hello"))
    assert found.sources == {"hello": "gone"}
    assert ("source gone", "hello") in caused(found)


def test_items_set_aside_and_taken_back_are_named(project):
    covered = np.flatnonzero(project.label().posterior.covered)[:2].tolist()
    project.workspace.set_aside.add("spoilt", covered, who="me", when="now")
    found = diff(project)
    assert caused(found)["set aside", ""].labels == 2
    project.workspace.set_aside.take_back("spoilt", who="me", when="now")
    middle = project.history.find().id
    project.history.save()
    assert caused(project.history.diff(middle))["taken back", ""].labels == 2


def test_a_changed_label_model_is_named(project):
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + '\n[label_model]\nname = "majority_vote"\n')
    found = diff(lw.open(project.folder))
    assert "label" in found.settings
    assert {cause.what for cause in found.causes} <= {"label model"}


def test_other_classes_are_named(project):
    settings = project.folder / "labelwright.toml"
    text = settings.read_text()
    settings.write_text(text.replace('["spam", "ham"]', '["spam", "ham", "other"]'))
    project = lw.open(project.folder)
    project.answer("m4", "other", person="anna")
    found = diff(project)
    assert {cause.what for cause in found.causes} == {"other task"}


def test_items_that_came_are_counted_apart(project, tmp_path):
    path = write_csv(tmp_path / "more.csv", rows(8, 60))
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    found = diff(project)
    assert (found.items_added, found.items_removed, found.items_changed) == (8, 0, 0)
    assert found.labels_new > 0
    back = project.history.diff("head", project.history.log()[-1].id)
    assert (back.items_added, back.items_removed) == (0, 8)


def test_content_that_moved_labels_is_named(project):
    project = with_known_balance(project)
    project.freeze("balance")
    joined = project.round(note="joined").version
    assert "content" in joined.objects
    found = project.history.diff(project.history.log()[-2].id)
    assert found.labels_changed
    assert "content" in {cause.what for cause in found.causes}


def test_of_very_many_changes_a_sample_is_looked_into(project, monkeypatch):
    monkeypatch.setattr("labelwright.pipeline.versions.difference.WHY_ITEMS", 5)
    found = diff(edit(project, '"free" in', '"cash" in'))
    assert (found.looked_into, sum(cause.labels for cause in found.causes)) == (5, 5)
