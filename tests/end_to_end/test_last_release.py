"""Projects that the last release made open here, and say what they said there."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.votes import VOTE_SCHEMA
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


@pytest.mark.parametrize("full", [False, True], ids=["from its record", "fitted anew"])
def test_labels_are_the_same_to_the_bit(opened, full):
    project, told = opened
    labels = project.label(full=full)
    assert labels.answers.answer.to_pylist() == told["answer"]
    assert [float(one).hex() for one in labels.answers.confidence] == told["confidence"]
    then = np.array(told["posterior"]).reshape(labels.posterior.probability.shape)
    # Of items on which nobody voted it said the balance of the others, which says nothing of them.
    now = labels.posterior.probability[labels.posterior.covered]
    assert [float(one).hex() for one in now.ravel()] == [
        *then[labels.posterior.covered].ravel().tolist()
    ]


def test_its_version_verifies_and_comes_out_again(opened):
    project, told = opened
    report = project.history.verify(recompute=True)
    assert report.damage == ()
    assert report.recomputed == (told["version"],)


def test_the_next_version_is_the_one_that_it_would_have_saved(opened):
    project, told = opened
    project.label()
    assert project.history.save().id == told["next version"]


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
