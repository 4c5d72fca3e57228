"""A watched folder: whole files, each once, bad ones with a reason, and what follows."""

import json
import os
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

import labelwright as lw
from labelwright.core.errors import SettingsError, StorageError
from labelwright.pipeline.ask.drift_questions import marked
from labelwright.pipeline.watch.arrivals import look
from pipeline.making import make, rows, write_csv

AN_HOUR = 3600
QUICK = """
[joining]
enabled = false

[[rules]]
name = "offer"
vote = "spam"
when = { field = "text", keywords = ["free", "win", "cash", "refund"] }

[[rules]]
name = "talk"
vote = "ham"
when = { field = "text", keywords = ["meet", "dinner", "hello", "tomorrow"] }
"""


def arrive(folder, name, table, *, age_s=AN_HOUR):
    """A file that was last changed so many seconds ago."""
    folder.mkdir(exist_ok=True, parents=True)
    path = write_csv(folder / name, table)
    old = time.time() - age_s
    os.utime(path, (old, old))
    return path


def toml(project, text):
    path = project.folder / "labelwright.toml"
    path.write_text(path.read_text() + text)
    return lw.open(project.folder)


@pytest.fixture
def project(tmp_path):
    """No functions and content not joined in, which would take most of the time."""
    return make(tmp_path, 60, functions="", rules=QUICK)


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_what_arrives_is_imported_voted_on_learnt_and_predicted_once(tmp_path, inbox):
    project = make(tmp_path, 60)
    arrive(inbox, "one.csv", rows(40, start=60))
    report = project.drift.watch(inbox, predictions=tmp_path / "out")
    assert [(each.file, each.state, each.added) for each in report.files] == [
        ("one.csv", "imported", 40)
    ]
    assert report.added == 40
    assert report.votes > 100
    assert report.retrained == "no model is trained yet"
    assert report.gate.published
    assert report.version == project.versions()[-1].id
    assert sum(report.predicted.values()) == 40
    (written,) = (tmp_path / "out").iterdir()
    assert pq.read_table(written).column("id").to_pylist()[0] == "m60"
    again = project.drift.watch(inbox)
    assert again.idle
    assert (again.files, again.added, project.status().items) == ((), 0, 100)


def test_files_that_may_not_be_whole_wait(project, inbox):
    arrive(inbox, "fresh.csv", rows(5, start=60), age_s=0)
    arrive(inbox, "half.csv.part", rows(5, start=60))
    arrive(inbox, ".hidden.csv", rows(5, start=60))
    report = project.drift.watch(inbox)
    assert (report.files, report.waiting, report.idle) == ((), 1, True)
    project = toml(project, "\n[watch]\nsettle_s = 0\n")
    assert [each.file for each in project.drift.watch(inbox).files] == ["fresh.csv"]


def test_bad_files_are_refused_with_a_reason_and_tried_again_only_when_they_change(project, inbox):
    arrive(inbox, "good.csv", rows(5, start=60))
    arrive(inbox, "copy.csv", rows(5, start=60))
    (inbox / "notes.docx").write_bytes(b"PK")
    (inbox / "empty.csv").write_bytes(b"")
    (inbox / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    for name in ("notes.docx", "empty.csv", "broken.parquet"):
        os.utime(inbox / name, (1, 1))
    report = project.drift.watch(inbox)
    state = {each.file: each.state for each in report.files}
    assert state == {
        "broken.parquet": "refused",
        "copy.csv": "imported",
        "empty.csv": "refused",
        "good.csv": "known",
        "notes.docx": "refused",
    }
    reasons = {each.file: each.reason for each in report.files}
    assert "ending" in reasons["notes.docx"]
    assert reasons["good.csv"] == "the same as copy.csv"
    assert report.refused
    assert project.drift.watch(inbox).idle
    arrive(inbox, "empty.csv", rows(2, start=90))
    assert [each.state for each in project.drift.watch(inbox).files] == ["imported"]


def test_what_an_empty_answer_means_is_asked_and_may_stand_in_the_settings(tmp_path, inbox):
    project = lw.init(tmp_path / "topics", classes=["art", "news"], kind="multilabel")
    table = [{"key": f"m{place}", "text": f"text {place}", "y": "art|news"} for place in range(3)]
    project.import_items(write_csv(tmp_path / "a.csv", table), id="key", text="text", gold="y")
    arrive(inbox, "b.csv", [{"key": "m4", "text": "text 4", "y": ""}])
    (refused,) = look(project.workspace, inbox, time.time()).files
    assert refused.state == "refused"
    assert "--empty none or --empty unknown" in refused.reason
    assert "[watch]" in refused.reason
    project = toml(project, '\n[watch]\nempty = "none"\n')
    arrive(inbox, "b.csv", [{"key": "m4", "text": "text 4", "y": ""}], age_s=AN_HOUR / 2)
    (taken,) = look(project.workspace, inbox, time.time()).files
    assert (taken.state, taken.added) == ("imported", 1)
    assert project.workspace.log.scan().to_pylist()[-1]["answer"] == "[]"


def test_a_model_is_trained_again_by_the_rules_of_the_settings(project, inbox):
    project = toml(
        project,
        "\n[watch]\nretrain_items = 30\nretrain_answers = 3\nretrain_when_drifted = false\n",
    )
    arrive(inbox, "a.csv", rows(10, start=60))
    assert project.drift.watch(inbox).retrained == "no model is trained yet"
    arrive(inbox, "b.csv", rows(10, start=70))
    assert project.drift.watch(inbox).retrained == ""
    arrive(inbox, "c.csv", rows(25, start=80))
    assert project.drift.watch(inbox).retrained == "35 new items since the last training"
    for number in range(3):
        project.answer(f"m{number}", "ham")
    report = project.drift.watch(inbox)
    assert (report.answers, report.retrained) == (3, "3 new answers since the last training")
    # Without a test slice nothing shows that the new model is as good as the published one.
    assert not report.gate.passed


def test_items_that_drifted_are_told_marked_and_learnt(project, inbox):
    arrive(inbox, "a.csv", rows(60, start=60))
    project.drift.watch(inbox)
    words = ["refund", "parcel", "broken", "delivery", "late", "courier", "invoice"]
    table = [
        {"key": f"s{n}", "text": " ".join(words[(n * k + k) % 7] for k in range(1, 9)) + f" {n}",
         "truth": "spam"}
        for n in range(60)
    ]  # fmt: skip
    arrive(inbox, "b.csv", table)
    report = project.drift.watch(inbox)
    assert report.drift.drifted
    assert report.retrained.startswith("items drifted: ")
    assert len(marked(project.workspace)) > 30
    arrive(inbox, "c.csv", [{**row, "key": f"t{row['key']}"} for row in table])
    assert project.drift.watch(inbox).drift.before == 180
    assert len(marked(project.workspace)) > 30


def test_items_that_break_declared_rules_are_set_aside(project, inbox):
    project = toml(
        project,
        '\n[check.columns.text]\nmin_length = 20\non_import = "set aside"\n'
        "[watch]\nretrain_items = 0\n",
    )
    arrive(inbox, "a.csv", rows(20, start=60))
    report = project.drift.watch(inbox)
    (told,) = report.findings
    assert told.standing
    assert project.status().items_set_aside == told.count > 0


def test_a_folder_that_is_not_there_is_told(project, tmp_path):
    with pytest.raises(SettingsError, match="is no folder"):
        project.drift.watch(tmp_path / "nowhere")


def test_a_project_may_lie_in_the_folder_that_it_watches(project):
    os.utime(project.folder / "sources.py", (1, 1))
    os.utime(project.folder / "labelwright.toml", (1, 1))
    report = project.drift.watch(project.folder)
    assert {each.file for each in report.files} == {"sources.py", "labelwright.toml"}


def test_the_command_looks_once_and_says_what_happened(project, inbox, lw):
    arrive(inbox, "one.csv", rows(40, start=60))
    done = lw("watch", inbox, "--project", project.folder, "--once")
    assert done.code == 0
    assert "imported one.csv: 40 items added" in done.out
    assert "trained again: no model is trained yet" in done.out
    assert "predicted: spam" in done.out
    assert lw("watch", inbox, "-p", project.folder, "--once").out == "nothing new\n"
    (inbox / "bad.xyz").write_text("?")
    os.utime(inbox / "bad.xyz", (1, 1))
    done = lw("watch", inbox, "-p", project.folder, "--once", "--json")
    assert done.code == 1
    assert json.loads(done.out)["files"][0]["state"] == "refused"


def test_killed_at_any_moment_every_file_is_taken_once(project, inbox, tmp_path):
    project = toml(project, "\n[watch]\nretrain_items = 0\nretrain_when_drifted = false\n")
    for part in range(4):
        arrive(inbox, f"{part}.csv", rows(20, start=60 + 20 * part))
    command = [sys.executable, "-m", "labelwright", "watch", str(inbox), "--once"]
    command += ["--project", str(project.folder), "--predictions", str(tmp_path / "out")]
    for wait in (1.5, 2.5):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        running.send_signal(signal.SIGKILL)
        running.wait()
    # The last one goes on looking until it is interrupted.
    arrive(inbox, "4.csv", rows(20, start=140))
    endless = [part for part in command if part != "--once"]
    with subprocess.Popen(endless, stdout=subprocess.PIPE, text=True) as running:
        while "predicted" not in running.stdout.readline():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
    assert running.returncode == 130
    project = lw.open(project.folder)
    assert project.status().items == 160
    files = [each.file for each in project.workspace.arrivals.files()]
    assert sorted(files) == [f"{part}.csv" for part in range(5)]
    assert project.drift.watch(inbox).idle
    first = project.workspace.arrivals.last("finished")
    assert first["items"] == 160
    ids = [
        name
        for path in (tmp_path / "out").iterdir()
        for name in pq.read_table(path).column("id").to_pylist()
    ]
    assert set(ids) == {f"m{n}" for n in range(60, 160)}


def test_a_training_that_broke_off_before_the_gate_is_judged_by_the_next_look(project, inbox):
    project = toml(project, "\n[watch]\nretrain_items = 0\nretrain_when_drifted = false\n")
    project.vote()
    project.train()
    project.workspace.arrivals.note("started", items=60)
    report = project.drift.watch(inbox)
    assert report.retrained == "the last training broke off before the gate"
    assert report.gate.published
    assert project.drift.watch(inbox).idle


def test_what_arrives_at_an_address_is_fetched_once(project, inbox):
    project = toml(project, "\n[watch]\nretrain_items = 0\n")
    arrive(inbox / "day 1", "a.csv", rows(20, start=60))
    arrive(inbox, "b.csv.tmp", rows(20, start=80))
    arrive(inbox / ".hidden", "c.csv", rows(20, start=80))
    report = project.drift.watch(inbox.as_uri())
    assert [(each.file, each.added) for each in report.files] == [("day 1/a.csv", 20)]
    assert project.drift.watch(inbox.as_uri()).idle
    assert project.drift.watch(inbox).idle
    assert not (project.workspace.layout.cache / "arriving").exists()


def test_an_address_that_is_none_or_cannot_be_read_is_told(project, inbox):
    with pytest.raises(SettingsError, match="no address that can be watched"):
        project.drift.watch("nowhere://bucket")
    with pytest.raises(StorageError, match="cannot be read now"):
        project.drift.watch((inbox / "absent").as_uri())
