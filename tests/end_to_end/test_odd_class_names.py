"""Names of classes that look like something else come through every door as they are."""

import json

import pytest

import labelwright as lw
from labelwright.core.task import Task
from labelwright.pipeline.ask.answer_keys import keys_of
from pipeline.making import write_csv
from serving import client_of, open_office, person

NAMES = ("a|b", "c,d", '"q"', "{x", "[1]", "=1+1", "null", "!a", "Été 2", "0")
FUNCTIONS = f"""
import labelwright as lw

NAMES = {NAMES!r}

@lw.source
def named(x):
    return NAMES[int(x.place) % len(NAMES)]
"""


def said(kind, name):
    """An answer that is this class alone, as votes keep it."""
    return name if kind == "classification" else json.dumps([name], ensure_ascii=False)


@pytest.fixture(scope="module", params=["classification", "multilabel"])
def project(request, tmp_path_factory):
    """Forty items; a function names the class of each, and gold in a file does so of ten."""
    folder = tmp_path_factory.mktemp(request.param)
    made = lw.Project.create(folder / "p", Task(request.param, NAMES))
    (made.folder / "sources.py").write_text(FUNCTIONS)
    rows = [
        {"key": f"k{n}", "text": f"text {n}", "place": n, "is": NAMES[n % 10] if n < 10 else ""}
        for n in range(40)
    ]
    path = write_csv(folder / "items.csv", rows)
    report = made.import_items(path, id="key", text="text", gold="is", empty="unknown")
    assert (report.gold, report.set_aside) == (10, 0)
    told = made.vote()
    assert [(one.votes, one.failures, one.reason) for one in told.sources] == [(40, 0, "")]
    return made


def test_labels_are_what_the_function_said(project):
    kind = project.settings.task.kind
    answers = project.label().answers.answer.to_pylist()
    assert answers == [said(kind, NAMES[n % 10]) for n in range(40)]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_export_is_read_back_as_gold(project, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    project.export(path, anyway=True)
    kind = project.settings.task.kind
    again = lw.Project.create(tmp_path / "again", Task(kind, NAMES))
    report = again.import_items(path, id="id", text="text", gold="label", fields=("text",))
    assert (report.gold, report.set_aside) == (40, 0)
    answers = again.label().answers.answer.to_pylist()
    assert answers == [said(kind, NAMES[n % 10]) for n in range(40)]


def test_every_class_has_a_key_of_its_own_and_is_found_in_browse(project, tmp_path):
    keys = keys_of(NAMES)
    assert set(keys.values()) == set(NAMES)
    office = open_office(project.folder, database=f"sqlite:///{tmp_path}/desk.sqlite")
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    found = {
        name: client.post("/api/v1/items/browse", json={"label": name}).json()["total"]
        for name in NAMES
    }
    rows = client.post("/api/v1/items/browse", json={"limit": 40}).json()["items"]
    office.close()
    assert found == dict.fromkeys(NAMES, 4)
    several = project.settings.task.kind == "multilabel"
    told = [[NAMES[n % 10]] if several else NAMES[n % 10] for n in range(40)]
    assert [row["label"] for row in rows] == told
