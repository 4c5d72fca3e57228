"""Other packages bring kinds of task; ours stay ours, and a broken one breaks itself alone."""

import os
import subprocess
import sys

import pytest

import labelwright as lw
from installing import install
from labelwright.core.errors import ProjectError, SettingsError, UnknownNameError
from labelwright.core.task import Task
from labelwright.tasks import KINDS, kind_of, known_kinds
from labelwright.tasks.classification import Classification

CLASSES = ("a", "b")
MODULE = """
from dataclasses import dataclass
from labelwright.tasks.classification import Classification

@dataclass(frozen=True)
class Fine(Classification):
    size: int = 1

class Half:
    def canonical(self, answer, task): return str(answer)

class Bare(Half):
    check = schema = read = choices = reads = decompose = recompose = align = judge = alike = None
"""


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """Installs kinds whose classes are in the module of this name."""

    def bring(**kinds):
        module = f"brings_{tmp_path.name}".replace("-", "_")
        folder = tmp_path / "installed"
        install(folder, {name: f"{module}:{place}" for name, place in kinds.items()})
        (folder / f"{module}.py").write_text(MODULE)
        monkeypatch.syspath_prepend(folder)
        return folder

    return bring


def test_a_kind_that_a_package_brings_is_known(brought, tmp_path):
    brought(fine_kind="Fine")
    assert type(kind_of(Task("fine_kind", CLASSES))).__name__ == "Fine"
    assert kind_of(Task("fine_kind", CLASSES, options={"size": 3})).size == 3
    assert known_kinds()[: len(KINDS)] == tuple(KINDS)
    assert "fine_kind" in known_kinds()
    lw.init(tmp_path / "p", classes=["a", "b"], kind="fine_kind")
    assert lw.open(tmp_path / "p").settings.task.kind == "fine_kind"


def test_ours_win_over_one_of_the_same_name(brought):
    brought(classification="Fine", other_kind="Fine")
    assert isinstance(kind_of(Task("classification", CLASSES)), Classification)
    assert known_kinds().count("classification") == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Half", ["lacks check, schema, read, choices, reads, decompose, recompose"]),
        ("Bare", ["no dataclass"]),
        ("Nothing", ["AttributeError", "Nothing"]),
    ],
)
def test_a_broken_one_is_told_with_its_package_and_breaks_no_other(brought, place, words):
    brought(broken_kind=place, good_kind="Fine")
    with pytest.raises(ProjectError, match=r"'broken_kind'.* of bringing-kinds") as caught:
        kind_of(Task("broken_kind", CLASSES))
    assert all(word in str(caught.value) for word in words)
    assert type(kind_of(Task("good_kind", CLASSES))).__name__ == "Fine"
    assert isinstance(kind_of(Task("classification", CLASSES)), Classification)
    assert "broken_kind" in known_kinds()


def test_a_name_that_nobody_brings_is_told_with_those_that_are_known(brought, tmp_path):
    brought(near_kind="Half")
    with pytest.raises(
        UnknownNameError, match=r"did you mean 'near_kind'\? known: .*classification"
    ):
        kind_of(Task("near_kin", CLASSES))
    lw.init(tmp_path / "p", classes=["a", "b"])
    settings = tmp_path / "p" / "labelwright.toml"
    settings.write_text(settings.read_text().replace('"classification"', '"near_kin"'))
    with pytest.raises(SettingsError, match=r"labelwright.toml:\d+.*near_kin.*known: .*class"):
        lw.open(tmp_path / "p")


def test_a_process_of_its_own_knows_it_too(brought):
    folder = brought(away_kind="Fine")
    code = (
        "import labelwright as lw; from labelwright.tasks import kind_of; "
        "print(type(kind_of(lw.Task('away_kind', ('a', 'b')))).__name__)"
    )
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("Fine\n", "")
