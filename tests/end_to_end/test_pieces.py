"""A project whose answers are made of pieces: kept once, and carried wherever votes go."""

import json

import pytest

import labelwright as lw
from labelwright.core.errors import StorageError
from labelwright.pipeline.versions.push_pull import clone
from labelwright.tasks import KINDS
from pipeline.making import write_csv
from tasks.tiny_kinds import TinyBoxes

ITEMS = 12


@pytest.fixture(autouse=True)
def tiny_boxes(monkeypatch):
    monkeypatch.setitem(KINDS, "tiny-boxes", TinyBoxes)


def boxes(number, shift=0):
    """One cell or two, by the item's number."""
    made = [("cell", number, 0, number + 10, 10 + shift)]
    return [*made, ("dust", 50, 50, 60, 60)] if number % 3 == 0 else made


def told(workers, items=range(ITEMS), **shifts):
    return [
        {"item": f"i{n}", "worker": worker, "label": json.dumps(boxes(n, shifts.get(worker, 0)))}
        for n in items
        for worker in workers
    ]


@pytest.fixture
def project(tmp_path):
    made = lw.Project.create(tmp_path / "cells", lw.Task("tiny-boxes", ("cell", "dust")))
    items = [{"id": f"i{n}", "text": f"picture {n}"} for n in range(ITEMS)]
    made.import_items(write_csv(tmp_path / "items.csv", items), id="id", text="text")
    made.import_votes(write_csv(tmp_path / "votes.csv", told(["anna", "ben"])))
    return made


def rows(project):
    columns = ["item", "source", "state", "answer"]
    return project.workspace.log.scan(columns=columns).to_pylist()


def test_every_answer_is_kept_once_and_shown_as_text(project):
    log = project.workspace.log
    assert log.count() == 2 * ITEMS
    assert log.answers.count() == ITEMS
    assert json.loads(rows(project)[0]["answer"])[0] == {"label": "cell", "box": [0, 0, 10, 10]}
    votes = project.label().votes
    assert len(votes.answers) == ITEMS
    assert votes.answers.pieces(range(ITEMS)).num_rows == ITEMS + 4
    assert [row["answer"][:10] for row in project.workspace.rows_on(3).values()] == [
        '[{"label":', '[{"label":']  # fmt: skip
    assert project.explain("i3").answer.startswith('[{"label":"cell","box":[3,0,13,10]}')


def test_importing_twice_changes_nothing(project, tmp_path):
    again = project.import_votes(tmp_path / "votes.csv")
    assert (again.added, again.unchanged) == (0, 2 * ITEMS)
    assert project.workspace.log.answers.count() == ITEMS


def test_answers_at_the_desk_are_texts_until_they_are_drained(project):
    project.answer("i1", boxes(1, 1), person="zoë")
    waiting = (project.folder / ".labelwright" / "desk" / "answers.jsonl").read_text()
    assert "label" in waiting
    project.label()
    assert project.workspace.log.answers.count() == ITEMS + 1
    assert json.loads(rows(project)[-1]["answer"])[0]["box"] == [1, 0, 11, 11]


def test_versions_carry_the_answers(project, tmp_path):
    labels = project.label()
    first = project.history.save("first")
    project.import_votes(write_csv(tmp_path / "more.csv", told(["cid"], cid=1)))
    project.label()
    project.history.save("second")
    assert project.history.verify(recompute=True).damage == ()
    project.history.push(tmp_path / "depot")
    for number, place in enumerate((tmp_path / "depot", project.folder)):
        clone(str(place), tmp_path / f"copy {number}")
        copy = lw.open(tmp_path / f"copy {number}")
        assert copy.history.verify(recompute=True).damage == ()
        assert sorted(map(str, rows(copy))) == sorted(map(str, rows(project)))
        assert copy.history.find().id == project.history.find().id
    at = lw.open(project.history.checkout(first.id, tmp_path / "at"))
    assert at.label().answers.answer.equals(labels.answers.answer)
    project.history.restore(first.id)
    assert lw.open(project.folder).label().answers.answer.equals(labels.answers.answer)


def test_two_peoples_answers_are_merged(project, tmp_path):
    project.label()
    project.history.save("base")
    project.history.push(tmp_path / "depot")
    clone(str(tmp_path / "depot"), tmp_path / "theirs")
    theirs = lw.open(tmp_path / "theirs")
    for one, name, shift in ((project, "cid", 1), (theirs, "dan", 2)):
        votes = told([name], range(4), **{name: shift})
        one.import_votes(write_csv(tmp_path / f"{name}.csv", votes))
        one.label()
        one.history.save(name)
    project.history.push(tmp_path / "depot")
    report = theirs.history.pull(tmp_path / "depot")
    assert report.how == "merged"
    merged = lw.open(theirs.folder)
    assert {json.loads(row["answer"])[0]["box"][3] for row in rows(merged)} == {10, 11, 12}
    assert merged.history.verify(recompute=True).damage == ()
    project.history.pull(tmp_path / "depot")
    assert {source.name for source in merged.workspace.log.sources()} >= {"cid", "dan"}


def test_damage_to_an_answer_is_found(project):
    project.label()
    project.history.save("whole")
    (file, *_) = (project.folder / ".labelwright" / "votes" / "answers.lance" / "data").iterdir()
    content = bytearray(file.read_bytes())
    content[20] ^= 255
    file.write_bytes(content)
    assert lw.open(project.folder).history.verify().damage
    file.unlink()
    with pytest.raises(StorageError):
        rows(lw.open(project.folder))
