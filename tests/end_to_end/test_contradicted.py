"""Whatever the kind of task: labels that known truth contradicts are stopped at every command and
in the app, with exit code 3, and go on only where their owner insists."""

import shutil
import time

import pytest

import labelwright
from end_to_end.every_kind.kinds import KINDS, owner_writes, write_items
from end_to_end.every_kind.project import installed_kinds
from end_to_end.making import flat, ok, write_csv
from serving import client_of, open_office, person

EXIT_CONTRADICTED = 3


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A project of each kind: gold on held-out items, and somebody who is always wrong."""
    with installed_kinds(tmp_path_factory.mktemp("installed")):
        yield {name: made(tmp_path_factory.mktemp("made"), kind) for name, kind in KINDS.items()}


def made(folder, kind):
    rows = [{**row, "part": "test" if number % 6 else "train"}
            for number, row in enumerate(kind.items())]  # fmt: skip
    project = labelwright.init(folder / "p", classes=kind.classes, kind=kind.name)
    owner_writes(kind, project.folder)
    (project.folder / "sources.py").write_text("")
    settings = project.folder / "labelwright.toml"
    text, _, _ = settings.read_text().partition("\n[[rules]]")
    settings.write_text(text + "\n[joining]\nenabled = false\n")
    project = labelwright.open(project.folder)
    data = write_items(kind, folder / "items.jsonl", gold=True, rows=rows)
    project.import_items(data, id="key", text="text", split="part", gold="truth", empty="none")
    votes = [{"item": row["key"], "source": name, "label": kind.spelled(kind.wrong(row["truth"]))}
             for row in rows for name in ("cem", "deb")]  # fmt: skip
    project.import_votes(write_csv(folder / "votes.csv", votes), empty="none")
    return project.folder


@pytest.fixture(params=KINDS)
def case(request, folders, tmp_path):
    return KINDS[request.param], shutil.copytree(folders[request.param], tmp_path / "p")


def test_every_command_stops_with_exit_code_3_and_goes_on_anyway(case, lw, tmp_path):
    kind, folder = case
    commands = [
        ("round", folder),
        ("version", "save", "-p", folder),
        ("export", folder, "--to", tmp_path / "o.csv"),
    ]
    commands += [("train", folder)] * kind.learns
    for command in commands:
        done = lw(*command)
        assert done.code == EXIT_CONTRADICTED, (command, done.out, done.err)
        assert "known truth contradicts the labels" in done.err
        assert "--anyway" in done.err
    assert labelwright.open(folder).versions() == []
    assert not (tmp_path / "o.csv").exists()
    for command in (("label", folder), ("status", folder)):
        assert "known truth contradicts the labels" in flat(ok(lw(*command)).out)
    assert "mend the labels" in ok(lw("status", folder)).out
    for command in commands:
        ok(lw(*command, "--anyway"))
    assert "saved anyway" in flat(ok(lw("version", "show", "-p", folder)).out)
    assert lw("version", "push", tmp_path / "depot", "-p", folder).code == EXIT_CONTRADICTED
    ok(lw("version", "push", tmp_path / "depot", "-p", folder, "--anyway"))
    if kind.learns:
        path = write_csv(tmp_path / "new.csv", [{"text": "hello"}])
        predict = ("predict", path, "--to", tmp_path / "said.csv", "-p", folder)
        assert lw(*predict).code == EXIT_CONTRADICTED
        ok(lw(*predict, "--anyway"))
        assert lw("gate", folder).code == EXIT_CONTRADICTED
        assert lw("runs", "track", "-p", folder).code == EXIT_CONTRADICTED


def test_what_is_right_or_wrong_is_called_what_it_is(case):
    kind, folder = case
    nouns = {"classification": "labelled items", "multilabel": "of the sets right as a whole"}
    noun = nouns.get(kind.name, "labelled pieces")
    assert noun in labelwright.open(folder).standing().right.sentence


def test_the_app_stops_and_goes_on_only_when_it_is_told_to(case):
    _, folder = case
    office = open_office(folder, questions=0)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")

    def ended(answer):
        assert answer.status_code == 202, answer.text
        until = time.monotonic() + 120
        while client.get("/api/v1/rounds").json()["now"]["state"] == "running":
            assert time.monotonic() < until
            time.sleep(0.05)
        return client.get("/api/v1/rounds").json()

    try:
        board = client.get("/api/v1/board").json()
        assert board["standing"]["contradicted"]
        assert board["standing"]["remedies"]
        now = ended(client.post("/api/v1/rounds", json={}))["now"]
        assert (now["state"], now["contradicted"]) == ("failed", True)
        assert "known truth contradicts" in now["detail"]
        # Nothing has changed since: nobody need wait to hear the same again.
        again = client.post("/api/v1/rounds", json={})
        assert again.status_code == 409
        assert again.headers["content-type"] == "application/problem+json"
        assert again.json()["title"] == "Known truth contradicts the labels"
        done = ended(client.post("/api/v1/rounds", json={"note": "to see", "anyway": True}))
        assert done["now"]["state"] == "idle"
        assert not done["now"]["contradicted"]
        assert [one["note"] for one in done["rounds"]] == [
            "to see - saved anyway, against known truth"
        ]
    finally:
        office.close()
