"""The commands for several people and for planning, as one types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline"))

from making import make


def run(*words):
    done = subprocess.run(
        [sys.executable, "-m", "labelwright", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make(tmp_path_factory.mktemp("crowd"), count=120, gold=True)
    toml = made.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[crowd]\nquiz = 2\nmost = 3\n")
    made = type(made).open(made.folder)
    made.vote()
    return made


def test_crowd_tells_who_is_trusted_and_forgives(project):
    assert "nobody has answered yet" in run("crowd", project.folder).stdout
    asked = json.loads(run("next", project.folder, "--person", "ben", "-n", 3, "--json").stdout)
    item = asked[0]["item"]
    project.answer(item, "ham", person="ben")
    shown = run("crowd", project.folder).stdout
    assert "ben" in shown
    assert "of 1" in shown
    report = json.loads(
        run("crowd", project.folder, "--forgive", asked[0]["item"], "--json").stdout
    )
    assert report["people"][0]["tested"] == 0


def test_status_gives_the_outlook(project):
    assert "no forecast yet" in run("status", project.folder).stdout
    told = json.loads(run("status", project.folder, "--target", 0.9, "--json").stdout)
    assert told["outlook"]["target"] == 0.9
    assert told["items"] == 120
