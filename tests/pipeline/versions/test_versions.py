"""Versions: what they keep, what names them, and that they open as the project stood."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import (
    NothingToDoError,
    ProjectError,
    ProjectVersionError,
    StorageError,
    UnknownNameError,
)
from labelwright.core.record import VERSION_FORMAT
from labelwright.pipeline.versions.checkout import checkout
from labelwright.stores import get_column
from pipeline.making import make, rows, write_csv


@pytest.fixture(scope="module")
def voted(tmp_path_factory):
    project = make(tmp_path_factory.mktemp("voted"), 40, gold=True)
    project.vote()
    project.label()
    return project.folder


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory, voted):
    folder = shutil.copytree(voted, tmp_path_factory.mktemp("saved") / "reviews")
    lw.open(folder).history.save()
    return folder


@pytest.fixture
def project(tmp_path, voted):
    return lw.open(shutil.copytree(voted, tmp_path / "reviews"))


@pytest.fixture
def saved(tmp_path, saved_once):
    return lw.open(shutil.copytree(saved_once, tmp_path / "reviews"))


def edit(project, old, new, name="sources.py"):
    path = project.folder / name
    path.write_text(path.read_text().replace(old, new))
    return lw.open(project.folder)


def test_a_version_holds_all_that_its_labels_came_from(project):
    version = project.history.save("the first")
    objects = project.workspace.objects
    for name in ("labelwright.toml", "sources.py"):
        assert objects.get_bytes(version.code[name]) == (project.folder / name).read_bytes()
    labels = project.label()
    column = get_column(objects, version.labels["column"])
    assert column.arrow().to_pylist() == labels.answers.answer.to_pylist()
    assert version.settings["label"]["part"] == "SourceKinds"
    assert {"numpy", "scipy", "pylance"} <= version.environment.keys()
    assert version.votes["rows"] == project.workspace.log.count()
    assert version.parents == ()
    assert project.history.log() == [version]


def test_nothing_changed_is_no_new_version(project):
    first = project.history.save("one")
    assert project.history.save("two") == first
    project.answer("m1", "spam")
    second = project.history.save("two")
    assert second.parents == (first.id,)
    assert [version.note for version in project.history.log()] == ["two", "one"]


def test_the_same_inputs_in_another_order_make_the_same_content(tmp_path):
    table = rows(40)
    contents = []
    for name, parts in (("a", [table[:25], table[25:]]), ("b", [table[25:], table[:25]])):
        (tmp_path / name).mkdir()
        project = make(tmp_path / name, 0)
        for number, part in enumerate(parts):
            path = write_csv(tmp_path / name / f"{number}.csv", part)
            project.import_items(path, id="key", text="text", fields=("text",))
        project.vote()
        contents.append(project.history.save())
    assert contents[0].items["digest"] == contents[1].items["digest"]
    assert contents[0].votes["digest"] == contents[1].votes["digest"]
    assert contents[0].id == contents[1].id


def test_every_input_of_the_labels_is_in_the_id(project):
    ids = [project.history.save().id]

    def saved(opened):
        ids.append(opened.history.save().id)
        return opened

    project.answer("m1", "spam")
    saved(project)
    project = saved(edit(project, "steps", "steps"))
    assert ids[-1] == ids[-2]
    project = saved(
        edit(project, "wage_usd_per_hour = 30", "wage_usd_per_hour = 31", "labelwright.toml")
    )
    project.workspace.set_aside.add("spoilt", [3], who="me", when="now")
    saved(project)
    project = edit(project, '"free" in', '"cash" in')
    project.vote()
    saved(project)
    assert len(set(ids)) == len(ids) - 1


def test_names_stand_for_versions(project):
    history = project.history
    first = history.save("one")
    history.tag("v1")
    project.answer("m1", "spam")
    second = history.save("two")
    assert [history.find(name).id for name in ("v1", "head", "main", first.id[:9])] == [
        first.id, second.id, second.id, first.id,
    ]  # fmt: skip
    with pytest.raises(UnknownNameError, match="already"):
        history.tag("v1")
    history.tag("v1", move=True)
    assert history.find("v1") == second
    history.drop("v1")
    with pytest.raises(UnknownNameError, match="no version starts"):
        history.find("v1")
    with pytest.raises(UnknownNameError, match="cannot be dropped"):
        history.drop("main")
    for name in ("head", "a b", "", "abcdef0123", "../x"):
        with pytest.raises(ValueError, match="cannot name a version"):
            history.tag(name)


def test_a_checkout_is_the_project_as_it_stood_and_takes_nothing(project, tmp_path):
    then = project.label().posterior.probability
    first = project.history.save("one")
    project.answer("m1", "spam")
    project.import_items(write_csv(tmp_path / "more.csv", rows(9, 40)), id="key", fields=("text",))
    project.vote()
    project.history.save("two")
    folder = project.history.checkout(first.id, tmp_path / "then")
    opened = lw.open(folder)
    assert np.array_equal(opened.label().posterior.probability, then)
    assert opened.history.find() == first
    status = opened.status()
    assert (status.items, status.version) == (40, first.id)
    assert opened.explain("m2").answer == project.history.explain("m2", first.id).answer
    for change in (
        lambda: opened.answer("m1", "spam"),
        lambda: opened.import_items(tmp_path / "more.csv", id="key", fields=("text",)),
        lambda: opened.history.save("x"),
        lambda: opened.set_aside("exact_duplicates"),
    ):
        with pytest.raises(ProjectError, match="checkout of a version"):
            change()
    assert project.workspace.items.count() == 49
    with pytest.raises(ProjectError, match="is there already"):
        project.history.checkout("head", tmp_path / "then")


def test_a_checkout_shares_the_data(project, tmp_path):
    project.history.save()
    opened = checkout(project.workspace, project.history.find(), tmp_path / "c")
    data = list(project.workspace.layout.items.glob("data/*"))
    for file in data:
        assert (opened.layout.items / "data" / file.name).samefile(file)


def test_a_checkout_of_content_joined_labels_opens_as_it_was(tmp_path):
    project = make(tmp_path, 60, gold=True)
    done = project.round(note="a round")
    project.answer("m1", "spam")
    project.history.save("later")
    opened = lw.open(project.history.checkout(done.version.id, tmp_path / "c"))
    assert opened.history.find() == done.version
    story = project.history.explain("m3", done.version.id)
    assert story.prediction is not None
    assert (story.units[0].content is not None) == (done.labels.joint is not None)
    report = project.history.verify(recompute=done.version.id)
    assert report.damage == ()


def test_labels_come_out_the_same_again(project):
    project.answer("m1", "spam")
    version = project.history.save()
    report = project.history.verify(recompute=True)
    assert (report.recomputed, report.damage) == ((version.id,), ())
    changed = replace(version, labels={**version.labels, "posterior": "0" * 32})
    project.workspace.versions.path(version.id).unlink()
    project.workspace.versions.record(changed)
    report = project.history.verify(recompute=True)
    assert report.recomputed == ()
    assert "the posterior came out otherwise" in report.damage[0].what


def test_a_version_of_a_newer_release_is_refused_by_name(project):
    version = project.history.save()
    path = project.workspace.versions.path(version.id)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": VERSION_FORMAT + 1}))
    with pytest.raises(ProjectVersionError, match=r"newer release.*pip install --upgrade"):
        project.history.find()


def test_a_version_of_an_early_release_is_still_read(project):
    version = project.history.save()
    early = replace(
        version, format=1, code={}, settings={}, labels={}, environment={}, parent="",
        objects={"fit": "a"},
    )  # fmt: skip
    versions = project.workspace.versions
    path = versions.folder / f"{early.id}.json"
    plain = {
        name: getattr(early, name)
        for name in ("items", "votes", "sources", "task", "runs", "objects", "cost", "metrics",
                     "parent", "note", "author", "created")
    }  # fmt: skip
    path.write_text(json.dumps(plain))
    (versions.folder / "refs").unlink()
    (versions.folder / "head").write_text(f"{early.id}\n")
    assert project.history.find() == early
    assert project.history.log() == [early]
    with pytest.raises(ProjectError, match="early release"):
        project.history.diff(early.id)
    later = project.history.save("with the new release")
    assert later.parents == (early.id,)
    assert project.history.verify().damage == ()


def test_restoring_adds_to_the_log_and_takes_nothing_away(project, tmp_path):
    first = project.history.save("one")
    project.answer("m1", "spam", person="anna")
    project.answer("m2", "ham", person="anna")
    more = write_csv(tmp_path / "more.csv", rows(5, 40))
    project.import_items(more, id="key", text="text", fields=("text",))
    project = edit(project, '"free" in', '"cash" in')
    with pytest.raises(ProjectError, match=r"sources\.py changed since"):
        project.history.restore(first.id)
    project.vote()
    second = project.history.save("two")
    log = project.workspace.log.count()
    done = project.history.restore(first.id)
    assert (done.set_aside, done.files) == (5, ("sources.py",))
    assert project.workspace.log.count() == log + done.votes
    project = lw.open(project.folder)
    third = project.history.save("as at first")
    assert third.votes["digest"] == first.votes["digest"] or third.votes["count"] > 0
    labels = get_column(project.workspace.objects, third.labels["column"]).arrow().to_pylist()
    then = get_column(project.workspace.objects, first.labels["column"]).arrow().to_pylist()
    assert labels[:40] == then
    again = project.history.restore(second.id)
    assert again.set_aside == 0
    assert not project.workspace.set_aside.reasons()


def test_cleaning_up_keeps_what_names_reach(project):
    first = project.history.save("one")
    project.history.branch("try")
    project.answer("m1", "spam")
    lost = project.history.save("lost")
    project.history.branch("main")
    project.history.drop("try")
    assert project.history.clean(dry_run=True).versions == 1
    assert project.workspace.versions.list()[-1].id in (lost.id, first.id)
    done = project.history.clean()
    assert done.versions == 1
    assert done.objects > 0
    assert project.history.log() == [first]
    assert project.history.verify(recompute=True).damage == ()
    assert project.history.clean().objects == 0
    project.label()
    project.history.save("on main")


def test_blame_shares_out_the_labels(project):
    project.history.save()
    told = {one.source: one for one in project.history.blame()}
    labelled = project.label().posterior.covered.sum()
    assert sum(one.strongest for one in told.values()) == labelled
    assert sum(one.share for one in told.values()) == pytest.approx(1)
    assert told["gold"].strongest == 40
    at_head = {one.source: one for one in project.history.blame("head")}
    assert at_head == told


def test_an_item_can_be_explained_as_it_stood(project):
    first = project.history.save()
    before = project.explain("m3")
    project.answer("m3", "spam", person="anna")
    project.history.save()
    assert project.history.explain("m3", first.id) == before
    said = {e.source: e.answer for e in project.history.explain("m3").units[0].effects}
    assert said["anna"] == "spam"
    with pytest.raises(UnknownNameError, match="there is no item"):
        project.history.explain("nobody", first.id)


def test_a_project_without_votes_has_nothing_to_save(tmp_path):
    project = make(tmp_path, 10)
    with pytest.raises(NothingToDoError, match="nobody has voted"):
        project.history.save()
    assert project.history.log() == []
    assert project.history.verify().damage == ()


DAMAGE = {
    "a version": "versions/*.json",
    "the names": "versions/refs",
    "an object": "objects/*/*",
    "items": "items.lance/data/*",
    "votes": "votes/log.lance/data/*",
    "sources": "votes/sources.jsonl",
    "segments": "versions/segments.jsonl",
    "a run": "runs/*.json",
}


@pytest.mark.parametrize("what", sorted(DAMAGE))
def test_a_changed_byte_is_found_and_named(saved, what):
    file = min(saved.workspace.layout.root.glob(DAMAGE[what]))
    content = bytearray(file.read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    file.write_bytes(bytes(content))
    damage = lw.open(saved.folder).history.verify().damage
    name = file.parent.name + file.name if what == "an object" else file.name
    assert any(name in one.place + one.what for one in damage), damage


@pytest.mark.parametrize("what", sorted(DAMAGE))
def test_a_missing_file_is_found(saved, what):
    min(saved.workspace.layout.root.glob(DAMAGE[what])).unlink()
    report = lw.open(saved.folder).history.verify()
    assert report.damage or what in ("the names", "a run")


def test_a_damaged_label_column_is_an_error_not_a_wrong_answer(saved):
    version = saved.history.find()
    path = saved.workspace.objects.path(version.labels["column"])
    path.write_bytes(path.read_bytes()[:-3] + b"abc")
    with pytest.raises(StorageError, match="is damaged"):
        get_column(saved.workspace.objects, version.labels["column"])


def test_rows_are_named_as_they_were_cast_whatever_became_of_classes(tmp_path):
    project = make(tmp_path, 20)
    project.vote()
    project.history.save("spam")
    votes = write_csv(tmp_path / "more.csv", [{"item": "m1", "worker": "anna", "label": "spam"}])
    project.import_votes(votes)
    for name, new in (("spam", "junk"), ("junk", "trash")):
        project.classes.rename(name, new)
        project = lw.open(project.folder)
        project.history.save(new)
        assert project.history.verify().damage == ()
