import json
from dataclasses import replace

import pytest

from labelwright.core.errors import DataError, StorageError, UnknownNameError
from labelwright.core.record import Run, Version
from labelwright.stores import Runs, Versions

RUN = Run(
    "label",
    {"votes": "ab12", "rows": 3, "nested": {"ü": [1, 2.5, None, True]}},
    {"steps": 100, "prior": float("nan")},
    seed=7,
    outputs={"posterior": "cd34"},
    metrics={"accuracy": 0.5},
    started="2026-05-01T12:00:00+00:00",
)
VERSION = Version(
    items={"digest": "i", "count": 2},
    votes={"digest": "v"},
    sources=({"name": "f"}, {"name": "ü"}),
    task={"kind": "classification"},
    runs={"label": "r"},
    objects={"posterior": "o"},
    cost={"minutes": 2.5},
    note="the first",
    created="2026-05-01",
)


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path)


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path)


def test_a_run_is_found_by_what_went_in(runs):
    runs.record(RUN)
    found = runs.find(replace(RUN, outputs={}, started="").id)
    assert found.outputs == RUN.outputs
    assert found.inputs == RUN.inputs
    assert found.id == RUN.id
    assert runs.find(replace(RUN, seed=8).id) is None


def test_the_latest_run_of_a_step_is_the_one_that_started_last(runs):
    later = replace(RUN, seed=1, started="2026-06-01T00:00:00+00:00")
    for run in (later, RUN, replace(RUN, step="train", started="2027")):
        runs.record(run)
    assert runs.latest("label").id == later.id
    assert runs.latest("vote") is None
    assert [run.seed for run in runs.list("label")] == [7, 1]
    assert len(runs.list()) == 3


def test_a_repeated_run_replaces_the_record(runs):
    runs.record(RUN)
    runs.record(replace(RUN, seconds=2.0))
    assert [run.seconds for run in runs.list()] == [2.0]


@pytest.mark.parametrize("settings", [{1: "number as key"}, {"x": {1, 2}}, {"x": b"bytes"}])
def test_what_json_does_not_give_back_is_refused(runs, settings):
    with pytest.raises(DataError, match="the record of a run"):
        runs.record(replace(RUN, settings=settings))
    assert runs.list() == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"step": "other"}'])
def test_a_damaged_run_is_named(runs, text):
    runs.record(RUN)
    (runs.folder / f"{RUN.id}.json").write_text(text)
    with pytest.raises(StorageError, match="does not hold the run that its name says"):
        runs.find(RUN.id)


def test_a_run_of_a_newer_release_may_say_more(runs):
    runs.record(RUN)
    path = runs.folder / f"{RUN.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"energy_kwh": 3}))
    assert runs.find(RUN.id).seed == 7


def test_versions_form_a_line(versions):
    assert versions.head() is None
    assert list(versions.history()) == []
    first = versions.record(VERSION)
    second = versions.record(replace(VERSION, parent=first, note="again", created="2026-05-02"))
    assert versions.head().id == second
    assert [version.id for version in versions.history()] == [second, first]
    assert [version.id for version in versions.list()] == [first, second]
    assert versions.find("head") == versions.head()
    assert versions.find(first[:8]) == VERSION


def test_the_same_content_is_one_version_with_its_first_note(versions):
    first = versions.record(VERSION)
    assert versions.record(replace(VERSION, note="later", author="me")) == first
    assert versions.find(first).note == "the first"
    assert len(versions.list()) == 1


def test_unknown_versions_are_refused(versions):
    with pytest.raises(UnknownNameError, match="to be the parent"):
        versions.record(replace(VERSION, parent="abc"))
    ids = [versions.record(replace(VERSION, items={"n": n})) for n in range(17)]
    for name, message in (("", "no version"), ("zz", "no version"), ("head2", "no version")):
        with pytest.raises(UnknownNameError, match=message):
            versions.find(name)
    shared = next(id_[0] for id_ in ids if sum(other[0] == id_[0] for other in ids) > 1)
    with pytest.raises(UnknownNameError, match="versions start with"):
        versions.find(shared)


def test_a_missing_head_version_is_damage(versions):
    id_ = versions.record(VERSION)
    (versions.folder / f"{id_}.json").unlink()
    with pytest.raises(StorageError, match="which is missing"):
        versions.head()


def test_versions_of_one_second_stand_in_the_order_in_which_they_were_made(tmp_path):
    versions = Versions(tmp_path)
    made = [replace(VERSION, note="0", created="now")]
    for number in range(1, 5):
        made.append(replace(VERSION, note=str(number), created="now", parent=made[-1].id))
    for version in made:
        versions.record(version)
    assert [version.note for version in versions.list()] == ["0", "1", "2", "3", "4"]
