"""Projects that the last release made open here, and say what they said there."""

import json
import tarfile
from pathlib import Path

import pytest

import labelwright as lw
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.pipeline.label.label import latest_fit
from labelwright.pipeline.versions.push_pull import clone
from labelwright.pipeline.vote.collect_answers import collect_answers

PROJECTS = Path(__file__).parent / "last_release" / "projects.tar.xz"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("last release")
    with tarfile.open(PROJECTS) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=["classification", "multilabel"])
def kind(request):
    return request.param


@pytest.fixture
def opened(made, kind, tmp_path):
    """The project as it came, and what was said of it."""
    with tarfile.open(PROJECTS) as packed:
        packed.extractall(tmp_path, filter="data")
    return lw.open(tmp_path / kind), json.loads((made / f"{kind}.json").read_text())


def test_it_is_labelled_anew_by_the_label_model_of_this_release(opened):
    project, told = opened
    assert project.label().cached is False
    assert project.label().cached is True
    assert len(project.label().answers.answer) == len(told["answer"])


def test_what_was_learnt_then_is_read_before_it_is_labelled_anew(opened):
    project, told = opened
    fit = latest_fit(project.workspace)
    assert fit.fit.model == "source_kinds"
    assert len(told["posterior"]) % fit.fit.classes == 0


def test_its_version_verifies_and_comes_out_again(opened):
    project, told = opened
    report = project.history.verify(recompute=True)
    assert report.damage == ()
    assert report.recomputed == (told["version"],)


def test_the_next_version_follows_the_one_that_it_saved(opened):
    project, told = opened
    project.label()
    assert project.history.save(anyway=True).parents == (told["version"],)


def test_a_clone_of_it_verifies(opened, tmp_path):
    project, told = opened
    project.history.push(tmp_path / "depot")
    copy = lw.open(clone(str(tmp_path / "depot"), tmp_path / "copy").folder)
    assert copy.history.verify(recompute=True).damage == ()
    assert copy.history.find().id == told["version"]


def test_answers_that_waited_at_its_desk_are_taken_in(opened):
    project, _ = opened
    assert collect_answers(project.workspace) == 3
    rows = project.workspace.log.scan(columns=["answer", "id"]).to_pylist()
    assert all(row["answer"] for row in rows[-3:])
    assert project.label().votes.items == 60


def test_its_log_keeps_answers_as_texts(opened):
    project, told = opened
    assert project.workspace.log.answers is None
    said = set(project.label().votes.answers)
    assert len(said & {*told["answer"]}) > 2
    assert project.workspace.log.scan().schema == VOTE_SCHEMA
