"""The commands for several people and for planning, as one types them."""

import json

import pytest

from pipeline.making import make


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make(tmp_path_factory.mktemp("crowd"), count=120, gold=True)
    toml = made.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[crowd]\nquiz = 2\nmost = 3\n")
    made = type(made).open(made.folder)
    made.vote()
    return made


def test_crowd_tells_who_is_trusted_and_forgives(project, lw):
    assert "nobody has answered yet" in lw("crowd", project.folder).out
    asked = json.loads(lw("next", project.folder, "--person", "ben", "-n", 3, "--json").out)
    item = asked[0]["item"]
    project.answer(item, "ham", person="ben")
    shown = lw("crowd", project.folder).out
    assert "ben" in shown
    assert "of 1" in shown
    report = json.loads(lw("crowd", project.folder, "--forgive", asked[0]["item"], "--json").out)
    assert report["people"][0]["tested"] == 0


def test_status_gives_the_outlook(project, lw):
    assert "no forecast yet" in lw("status", project.folder).out
    told = json.loads(lw("status", project.folder, "--target", 0.9, "--json").out)
    assert told["outlook"]["target"] == 0.9
    assert told["items"] == 120
