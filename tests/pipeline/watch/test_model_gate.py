"""Which model is published, and which is refused."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import NothingToDoError, UnknownNameError
from labelwright.pipeline.watch.model_gate import published, published_or_latest
from pipeline.making import CLASSES, make, make_sets, rows, rows_of_sets, write_csv


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with a test slice whose rules are right, trained once."""
    project = make(tmp_path_factory.mktemp("gate"), 400, gold=True, split="train=0.5,test=0.5")
    project.vote()
    project.train()
    return project.folder


@pytest.fixture
def project(made, tmp_path):
    import shutil

    shutil.copytree(made, tmp_path / "copy")
    return lw.open(tmp_path / "copy")


def spoil(project):
    """Turns every rule round, so that what is trained next is wrong."""
    sources = project.folder / "sources.py"
    text = sources.read_text().replace('"spam"', '"X"').replace('"ham"', '"spam"')
    sources.write_text(text.replace('"X"', '"ham"'))
    toml = project.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[sources.gold]\nenabled = false\n")
    spoiled = lw.open(project.folder)
    spoiled.vote()
    spoiled.train(anyway=True)
    return spoiled


def test_the_first_model_is_published_and_the_same_again_changes_nothing(project):
    first = project.drift.gate()
    assert (first.passed, first.published, first.against) == (True, True, "")
    again = project.drift.gate()
    assert again.reason == "it is the published one"
    assert len(project.workspace.published.list()) == 1


def test_a_worse_model_is_refused_stays_on_record_and_does_not_predict(project, tmp_path):
    good = project.drift.gate()
    project = spoil(project)
    bad = project.drift.gate()
    assert (bad.passed, bad.published, bad.against) == (False, False, good.run)
    assert bad.difference.verdict == "worse"
    assert bad.run in {run.id for run in project.workspace.runs.list("train")}
    assert [each["published"] for each in project.workspace.published.list()] == [True, False]
    assert published_or_latest(project.workspace).run.id == good.run
    path = write_csv(tmp_path / "new.csv", rows(20))
    project.predict(path, tmp_path / "out.jsonl")
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert np.mean([row["label"] == row["truth"] for row in told]) > 0.5


def test_a_model_is_published_anyway_for_a_reason_and_taken_back(project):
    good = project.drift.gate()
    project = spoil(project)
    assert project.drift.gate(publish=False).published is False
    assert published(project.workspace).run.id == good.run
    forced = project.drift.gate(anyway="the test slice is out of date")
    assert (forced.passed, forced.published) == (True, True)
    back = project.drift.gate(good.run[:12])
    assert (back.run, back.published) == (good.run, True)
    with pytest.raises(UnknownNameError, match="no training starts"):
        project.drift.gate("zzz")


def test_without_a_test_slice_only_the_first_model_passes(tmp_path):
    project = make(tmp_path, 100)
    with pytest.raises(NothingToDoError, match="labelwright train"):
        project.drift.gate()
    project.vote()
    project.train()
    assert project.drift.gate().published
    project.train(seed=1)
    report = project.drift.gate()
    assert not report.passed
    assert "the test slice holds 0 items" in report.reason


def test_the_command_exits_with_1_where_a_model_is_refused(project, lw):
    done = lw("gate", project.folder)
    assert (done.code, done.out[:9]) == (0, "published")
    spoil(project)
    done = lw("gate", project.folder)
    assert done.code == 1
    assert done.out.startswith("refused: model")
    assert "McNemar p =" in done.out
    told = json.loads(lw("gate", project.folder, "--dry-run", "--json").out)
    assert told["passed"] is False
    assert told["difference"]["verdict"] == "worse"


def test_a_set_is_right_if_the_whole_of_it_is(tmp_path):
    project = make_sets(tmp_path, 400)
    project.train()
    assert project.drift.gate().published
    sources = project.folder / "sources.py"
    sources.write_text(sources.read_text().replace('{"money": True}', '{"money": False}'))
    toml = project.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[sources.gold]\nenabled = false\n")
    spoiled = lw.open(project.folder)
    spoiled.vote()
    spoiled.train()
    report = spoiled.drift.gate()
    assert report.difference.items == 100
    said = spoiled.train().prediction.argmax(axis=1).reshape(400, -1)[::4]
    truth = np.array([[name in row["truth"] for name in CLASSES] for row in rows_of_sets(400)[::4]])
    assert report.difference.new == pytest.approx(np.mean(np.all(said == truth, axis=1)))
    assert not report.passed
