"""Projects that commands are run on."""

import shutil

import pytest

from pipeline.making import make


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A project with gold in both splits, votes, labels and a model; tests only copy it."""
    folder = tmp_path_factory.mktemp("trained")
    project = make(folder, 90, gold=True, split="train=0.6,test=0.4")
    project.vote()
    project.train("text")
    return project.folder


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of that project to change."""
    return shutil.copytree(trained, tmp_path / "reviews")


@pytest.fixture(scope="session")
def unvoted(tmp_path_factory):
    """A project with functions, a rule and 30 items on which nothing has voted."""
    return make(tmp_path_factory.mktemp("unvoted"), 30).folder


@pytest.fixture
def fresh(unvoted, tmp_path):
    """A copy of that project to change, and the file that its items came from, `data.csv`."""
    shutil.copy(unvoted.parent / "data.csv", tmp_path)
    return shutil.copytree(unvoted, tmp_path / "fresh")
