"""Versions that travel: clone, push, pull, and two people's work made one."""

import shutil

import pytest

import labelwright as lw
from labelwright.core.errors import (
    DataError,
    NothingToDoError,
    ProjectError,
    ProjectVersionError,
    StorageError,
)
from labelwright.pipeline.versions.push_pull import clone
from pipeline.making import make, rows, write_csv


@pytest.fixture(scope="module")
def voted(tmp_path_factory):
    project = make(tmp_path_factory.mktemp("voted"), 40, gold=True)
    project.vote()
    project.history.save("the base")
    return project.folder


@pytest.fixture
def ours(tmp_path, voted):
    return lw.open(shutil.copytree(voted, tmp_path / "ours"))


@pytest.fixture
def depot(tmp_path):
    return tmp_path / "depot"


def cloned(place, folder):
    clone(str(place), folder)
    return lw.open(folder)


@pytest.fixture
def both(ours, depot, tmp_path):
    """Two people's projects, and the place to which both push."""
    ours.history.push(depot)
    return ours, cloned(depot, tmp_path / "theirs")


def posterior(project):
    labels, items = project.label(), project.workspace.items
    ids = [id_ for batch in items.scan(["_id"]) for id_ in batch.column("_id").to_pylist()]
    return dict(zip(ids, labels.posterior.probability[:, 0].tolist(), strict=True))


def test_a_clone_is_the_same_project(ours, depot, tmp_path):
    ours.history.tag("v1")
    ours.history.push(depot)
    for number, place in enumerate((depot, ours.folder)):
        copy = cloned(place, tmp_path / f"copy {number}")
        assert copy.history.log() == ours.history.log()
        assert copy.history.find("v1") == ours.history.find("v1")
        assert posterior(copy) == posterior(ours)
        assert copy.history.save() == ours.history.find()
        assert copy.history.verify(recompute=True).damage == ()
        with pytest.raises(ProjectError, match="is there already"):
            clone(str(place), copy.folder)


def test_a_clone_goes_on_by_itself(ours, tmp_path):
    copy = cloned(ours.folder, tmp_path / "copy")
    count = ours.workspace.log.count()
    copy.answer("m1", "spam", person="bob")
    more = write_csv(tmp_path / "more.csv", rows(5, 40))
    copy.import_items(more, id="key", text="text", fields=("text",))
    copy.history.save("more")
    assert (ours.workspace.log.count(), ours.workspace.items.count()) == (count, 40)
    assert ours.history.verify().damage == ()


def test_only_what_is_missing_is_copied(both, depot):
    ours, theirs = both
    assert ours.history.push().versions == 0
    ours.answer("m1", "spam", person="anna")
    ours.history.save("one answer")
    before = {file: file.stat().st_mtime_ns for file in depot.rglob("*") if file.is_file()}
    done = ours.history.push()
    assert (done.versions, done.segments) == (1, 1)
    touched = [f for f, t in before.items() if f.stat().st_mtime_ns != t]
    assert [file.name for file in touched] == ["names.json"]
    got = theirs.history.pull()
    assert (got.versions, got.how) == (1, "taken as they are")
    assert theirs.history.find() == ours.history.find()
    assert theirs.history.pull().how == "nothing new"


def test_work_of_two_is_united(both, tmp_path):
    ours, theirs = both
    base = ours.history.find()
    ours.answer("m1", "spam", person="anna")
    ours.answer("m2", "spam", person="anna")
    mine = ours.history.save("anna's")
    theirs.answer("m3", "ham", person="bob")
    more = write_csv(tmp_path / "more.csv", rows(6, 40))
    theirs.import_items(more, id="key", text="text", fields=("text",))
    theirs.vote()
    other = theirs.history.save("bob's")
    ours.history.push()
    with pytest.raises(ProjectError, match="take them in first"):
        theirs.history.push()
    done = theirs.history.pull()
    assert (done.how, done.merge.disputed, done.merge.conflicts) == ("merged", 0, ())
    assert done.merge.base == base.id
    merged = theirs.history.find()
    assert merged.parents == (other.id, mine.id)
    assert merged.items["count"] == 46
    theirs.history.push()
    assert ours.history.pull().how == "taken as they are"
    assert ours.history.find() == merged
    ours = lw.open(ours.folder)
    assert posterior(ours) == pytest.approx(posterior(theirs))
    assert ours.history.save() == merged
    for project in (ours, theirs):
        assert project.history.verify(recompute=True).damage == ()
        for version in project.history.log():
            assert project.history.verify(recompute=version.id).damage == ()


def test_who_merges_makes_no_difference(both, tmp_path):
    ours, theirs = both
    ours.answer("m1", "spam", person="anna")
    theirs.answer("m1", "ham", person="anna")
    theirs.answer("m2", "ham", person="anna")
    for project in both:
        project.history.save()
    first, second = (cloned(p.folder, tmp_path / f"c{n}") for n, p in enumerate(both))
    done = first.history.pull(theirs.folder)
    assert (done.merge.disputed, done.merge.votes) == (1, 1)
    assert second.history.pull(ours.folder).merge.disputed == 1
    assert first.history.find().votes["digest"] == second.history.find().votes["digest"]
    # The later answer counts.
    said = {e.source: e.answer for e in first.explain("m1").units[0].effects}
    assert said["anna"] == "ham"


def test_edits_of_different_lines_are_joined(both):
    ours, theirs = both
    for project, old, new in ((ours, '"free" in', '"cash" in'), (theirs, "> 30", "> 20")):
        path = project.folder / "sources.py"
        path.write_text(path.read_text().replace(old, new))
        lw.open(project.folder).vote()
        lw.open(project.folder).history.save()
    done = ours.history.pull(theirs.folder)
    assert done.merge.conflicts == ()
    text = (ours.folder / "sources.py").read_text()
    assert '"cash" in' in text
    assert "> 20" in text
    ours = lw.open(ours.folder)
    versions = {s["name"]: s["version"] for s in ours.history.find().sources}
    theirs_now = {s["name"]: s["version"] for s in theirs.history.find().sources}
    assert versions["long"] == theirs_now["long"]
    assert ours.vote().votes == 0
    assert ours.history.save() == ours.history.find()


def test_edits_of_the_same_line_are_shown_as_git_shows_them(both):
    ours, theirs = both
    for project, new in ((ours, '"cash" in'), (theirs, '"money" in')):
        path = project.folder / "sources.py"
        path.write_text(path.read_text().replace('"free" in', new))
        lw.open(project.folder).vote()
        lw.open(project.folder).history.save()
    done = ours.history.pull(theirs.folder)
    assert done.merge.conflicts == ("sources.py",)
    assert done.merge.version == ""
    path = ours.folder / "sources.py"
    text = path.read_text()
    assert text.index("<<<<<<< ours") < text.index('"cash"') < text.index("=======")
    assert text.index("=======") < text.index('"money"') < text.index(">>>>>>> theirs")
    path.write_bytes((theirs.folder / "sources.py").read_bytes())
    ours = lw.open(ours.folder)
    ours.vote()
    saved = ours.history.save("solved")
    assert theirs.history.find().id in saved.parents
    assert ours.history.names().merging == ""


def test_what_is_not_saved_is_not_pulled_over(both):
    ours, theirs = both
    theirs.answer("m1", "spam", person="bob")
    theirs.history.save()
    ours.answer("m2", "spam", person="anna")
    with pytest.raises(ProjectError, match="no version has yet"):
        ours.history.pull(theirs.folder)
    ours.history.save()
    (ours.folder / "sources.py").write_text("# empty\n")
    with pytest.raises(ProjectError, match=r"sources\.py changed since"):
        ours.history.pull(theirs.folder)


def test_branches_of_one_project_merge(ours):
    history, base = ours.history, ours.history.find()
    history.branch("try")
    ours.answer("m1", "spam", person="anna")
    tried = history.save("tried")
    history.branch("main")
    # Anna is known from now on, but says nothing here.
    assert history.save("as before").votes["digest"] == base.votes["digest"]
    ours.answer("m2", "ham", person="anna")
    history.save("on main")
    done = history.merge("try")
    assert done.how == "merged"
    merged = history.find()
    assert merged.parents[1] == tried.id
    said = {e.source: e.answer for e in ours.explain("m1").units[0].effects}
    assert said["anna"] == "spam"
    assert history.merge("try").how == "nothing new"
    assert history.verify(recompute=True).damage == ()


def test_the_same_id_with_other_content_is_refused(ours, tmp_path):
    copy = cloned(ours.folder, tmp_path / "copy")
    for number, project in enumerate((ours, copy)):
        table = [{"key": "new", "text": f"text of project {number}"}]
        path = write_csv(tmp_path / f"{number}.csv", table)
        project.import_items(path, id="key", text="text", fields=("text",))
        project.history.save()
    with pytest.raises(DataError, match="has other content there than here"):
        ours.history.pull(copy.folder)
    assert ours.history.verify().damage == ()
    assert ours.history.save() == ours.history.find()


def test_places_that_are_none_are_said(ours, tmp_path):
    with pytest.raises(ProjectError, match="is no project, and nothing was pushed there"):
        ours.history.pull(tmp_path / "nowhere")
    with pytest.raises(ProjectError, match="name a folder or an address"):
        ours.history.push()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("important")
    with pytest.raises(ProjectError, match="holds other things"):
        ours.history.push(tmp_path / "full")
    with pytest.raises(ProjectError, match="is somebody's project"):
        ours.history.push(ours.folder)
    empty = make(tmp_path / "e", 0)
    with pytest.raises(NothingToDoError, match="no version to push"):
        empty.history.push(tmp_path / "d")
    with pytest.raises(NothingToDoError, match="no version to clone"):
        clone(str(empty.folder), tmp_path / "copy")


@pytest.mark.parametrize("what", ["items/*.arrow", "votes/*.arrow", "objects/*", "versions/*"])
def test_what_was_damaged_on_the_way_is_not_taken_in(ours, depot, tmp_path, what):
    ours.history.push(depot)
    file = min(depot.glob(what))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(StorageError, match="damaged"):
        clone(str(depot), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_place_of_a_newer_release_is_refused(ours, depot, tmp_path):
    ours.history.push(depot)
    (depot / "labelwright-depot.json").write_text('{"format": 99}')
    with pytest.raises(ProjectVersionError, match="newer release"):
        clone(str(depot), tmp_path / "copy")


def test_a_clone_runs_no_code_of_the_project(ours, tmp_path):
    trap = tmp_path / "trap"
    (ours.folder / "sources.py").write_text(f"open({str(trap)!r}, 'w')\n")
    ours.history.save("a trap")
    copy = cloned(ours.folder, tmp_path / "copy")
    copy.history.diff(copy.history.log()[-1].id)
    copy.history.verify(recompute=True)
    assert not trap.exists()


def test_versions_open_and_travel_after_classes_changed(ours, depot, tmp_path):
    """How answers of before are to be read is a part of the version."""
    votes = [{"item": "m1", "worker": "anna", "label": "spam"}]
    ours.history.push(depot)
    theirs = cloned(depot, tmp_path / "theirs")
    ours.import_votes(write_csv(tmp_path / "more.csv", votes))
    (ours.folder / "sources.py").write_text("")
    for name, new in (("spam", "junk"), ("junk", "trash")):
        ours.classes.rename(name, new)
        ours = lw.open(ours.folder)
        ours.history.save(new)
    assert ours.history.verify(recompute=True).damage == ()
    ours.history.push(depot)
    copy = cloned(depot, tmp_path / "copy")
    assert theirs.history.pull(depot).how == "taken as they are"
    for one in (copy, lw.open(theirs.folder)):
        assert one.history.verify(recompute=True).damage == ()
        assert one.classes.list()[0].name == "trash"
        assert one.label().answers.answer.equals(ours.label().answers.answer)
