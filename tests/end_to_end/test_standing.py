"""How many items have a label, on what basis, how right: one word in every command, report and
screen. A failure here costs trust: two numbers for one thing, and nobody knows which holds."""

import csv
import json
from collections import Counter

import pytest

import labelwright
from end_to_end.making import flat, messages, ok, told, write_csv
from serving import client_of, open_office, person

FUNCTIONS = """
import labelwright as lw

@lw.source
def free(x):
    return {spam} if "free" in x.body or "cash" in x.body else None

@lw.source
def greets(x):
    return {ham} if "hello" in x.body or "thanks" in x.body else None

@lw.source
def meets(x):
    return {ham} if "meeting" in x.body else None
"""
VOTES_ALONE = "\n[joining]\nenabled = false\n"


def make(folder, kind="classification", settings=""):
    """Some items have gold, some got no vote, two are set aside, one answer was taken back."""
    project = labelwright.init(folder / "reviews", classes=["spam", "ham"], kind=kind)
    several = kind == "multilabel"
    names = {name: f'["{name}"]' if several else f'"{name}"' for name in ("spam", "ham")}
    (project.folder / "sources.py").write_text(FUNCTIONS.format(**names))
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text() + settings)
    project = labelwright.open(project.folder)
    rows = messages(150)
    for number, row in enumerate(rows):
        truth = f'["{row["truth"]}"]' if several else row["truth"]
        row["truth"] = truth if number % 3 == 0 else ""
    rows += [{**row, "key": f"twin {row['key']}"} for row in rows[1:3]]
    data = write_csv(folder / "data.csv", rows)
    project.import_items(data, text="body", id="key", gold="truth", split="part", empty="unknown")
    project.vote()
    project.check()
    project.set_aside("duplicates")
    answer = ["ham"] if several else "ham"
    for item in ("m4", "m5"):
        project.answer(item, answer)
    project.withdraw(project.answer("m7", answer))
    return project.folder


CASES = {
    "votes alone": {"settings": VOTES_ALONE},
    "votes and content": {},
    "sets of classes": {"kind": "multilabel"},
}


@pytest.fixture(scope="module", params=CASES)
def done(request, tmp_path_factory):
    """A project, and what its first round said."""
    from typer.testing import CliRunner

    from labelwright.cli.main import app

    folder = make(tmp_path_factory.mktemp("standing"), **CASES[request.param])
    first = CliRunner().invoke(app, ["round", str(folder), "--json"])
    assert first.exit_code == 0, first.output
    return request.param, folder, json.loads(first.stdout)["labels"]


def same(standing):
    """What stands, as JSON has it, to the last digit that a float keeps on its way."""
    return json.loads(json.dumps(standing), parse_float=lambda text: f"{float(text):.12g}")


def test_every_output_tells_the_same_of_what_stands(done, lw, tmp_path):
    case, folder, first = done
    stands = same(first["standing"])
    assert stands["items"] == 150
    assert stands["content"] is (case != "votes alone")
    assert sum(stands["basis"].values()) == stands["items"]
    assert ("nobody knows" in stands["basis"]) == (stands["labelled"] < stands["items"])
    assert stands["right"]["of"] > 30
    told_by = {
        "label": told(lw("label", folder, "--json"))["standing"],
        "status": told(lw("status", folder, "--json"))["labels"]["standing"],
        "export": told(lw("export", folder, "--to", tmp_path / "o.csv", "--json"))["standing"],
        "report": told(lw("report", folder, "--no-checks", "--json"))["data"]["standing"],
    }
    assert {name: same(one) for name, one in told_by.items()} == dict.fromkeys(told_by, stands)
    summary = told(lw("label", folder, "--json"))
    assert (summary["items"], summary["labelled"]) == (stands["items"], stands["labelled"])


def test_the_file_that_is_exported_is_what_stands(done, lw, tmp_path):
    _, folder, first = done
    stands = first["standing"]
    path = tmp_path / "out.csv"
    ok(lw("export", folder, "--to", path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == stands["items"]
    labelled = [row for row in rows if row["label"]]
    assert len(labelled) == stands["labelled"]
    basis = Counter(row["basis"] for row in labelled)
    basis["nobody knows"] = len(rows) - len(labelled)
    assert {name: count for name, count in basis.items() if count} == stands["basis"]


def test_people_read_the_same_words_everywhere(done, lw, tmp_path):
    _, folder, first = done
    stands = first["standing"]
    count = f"{stands['labelled']} of {stands['items']}"
    rests = ", ".join(f"{name} {count}" for name, count in stands["basis"].items())
    export = ("export", folder, "--to", tmp_path / "o.csv")
    for arguments in (("label", folder), ("status", folder), ("round", folder), export):
        out = flat(ok(lw(*arguments)).out)
        assert rests in out
        assert flat(stands["how_right"]) in out
        assert count in out or arguments == export
    for name in ("report.md", "report.html"):
        ok(lw("report", folder, "--no-checks", "--to", tmp_path / name))
        text = flat((tmp_path / name).read_text("utf-8"))
        assert f"{count} items have a label" in text
        assert rests in text
        assert flat(stands["how_right"]) in text


def test_the_app_tells_the_same(done):
    _, folder, first = done
    stands = first["standing"]
    office = open_office(folder, questions=0)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    board = client.get("/api/v1/board").json()
    office.close()
    shown = board["standing"]
    for name in ("items", "labelled", "content", "basis", "sentence", "how_right"):
        assert shown[name] == stands[name], name
    right = stands["right"]
    assert [shown["right"][end] for end in ("value", "low", "high")] == pytest.approx(
        [right["share"], right["low"], right["high"]]
    )
    assert (shown["of"], shown["truth"]) == (right["of"], right["truth"])
    assert shown["contradicted"] == []
    assert board["funnel"]["items"] == 152  # all that there are, those set aside too


def test_python_and_the_version_say_it_too(done):
    _, folder, first = done
    project, stands = labelwright.open(folder), first["standing"]
    found = project.standing()
    assert found.labelled == stands["labelled"]
    assert found.basis == stands["basis"]
    assert found.right.share == pytest.approx(stands["right"]["share"])
    head = project.history.find()
    assert head.labels["labelled"] == stands["labelled"]
    assert head.metrics["label_accuracy"] == pytest.approx(found.right.share)


def test_a_source_is_as_good_in_explain_and_in_the_app_as_in_the_report_of_sources(done, lw):
    _, folder, _ = done
    rows = told(lw("sources", folder, "--no-check", "--json"))["sources"]
    reported = {row["name"]: row["accuracy"] for row in rows}
    assert any(row["judged"] for row in rows)
    (unit, *_) = told(lw("explain", "m4", "-p", folder, "--json"))["units"]
    office = open_office(folder, questions=0)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    shown = client.get("/api/v1/items/4/why").json()["units"][0]
    table = client.get("/api/v1/sources").json()["sources"]
    office.close()
    for effects in (unit["effects"], shown["effects"]):
        assert len(effects) > 3
        for effect in effects:
            assert effect["accuracy"] == pytest.approx(reported[effect["source"]]), effect
    assert {row["name"]: row["accuracy"] for row in table} == pytest.approx(reported)


def test_answers_that_were_taken_back_do_not_wait(tmp_path, lw):
    folder = make(tmp_path)
    assert told(lw("status", folder, "--json"))["answers_waiting"] == 2
    office = open_office(folder, questions=0)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    assert client.get("/api/v1/board").json()["waiting"] == 2
    office.close()
    project = labelwright.open(folder)
    project.answer("m4", "spam")  # a correction is no second answer
    assert project.status().answers_waiting == 2


def test_without_truth_all_say_that_nobody_knows(tmp_path, lw):
    project = labelwright.init(tmp_path / "p", classes=["spam", "ham"])
    (project.folder / "sources.py").write_text(FUNCTIONS.format(spam='"spam"', ham='"ham"'))
    project = labelwright.open(project.folder)
    rows = [{"key": row["key"], "body": row["body"]} for row in messages(40)]
    project.import_items(write_csv(tmp_path / "d.csv", rows), text="body", id="key")
    project.vote()
    for arguments in (("label",), ("status",), ("export", "--to", tmp_path / "o.csv")):
        assert "nobody knows: no truth" in flat(ok(lw(*arguments, project.folder)).out)
    assert project.standing().right is None
