"""The demonstrations, from the command line."""

import hashlib
import io
import json
import subprocess
import sys
import urllib.request
import zipfile

import pytest

from end_to_end.making import environment, labelwright, make, ok, told, wrong
from labelwright.cli.demos import sms

NO_NETWORK = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
)


@pytest.fixture(scope="module")
def tumours(tmp_path_factory):
    """The demonstration as a user runs it, in a process without a network."""

    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "labelwright", "demo", "--json"],
        cwd=folder, env=environment(**NO_NETWORK), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return folder / "labelwright-demo-tumours", json.loads(done.stdout)


def test_the_label_model_beats_majority_vote_and_answers_help(tumours):
    _, outcome = tumours
    majority, model, answered = (row["right"] for row in outcome["labels"])
    assert model > majority
    assert answered >= model
    assert outcome["labels"][2]["model_right"] > 0.9
    assert outcome["answers"] == 25
    assert outcome["spent_usd"] < outcome["by_hand_usd"] / 5


def test_the_report_shows_estimated_beside_true_accuracy(tumours):
    _, outcome = tumours
    rules = [row for row in outcome["sources"] if row["kind"] in ("rule", "function")]
    assert len(rules) >= 7
    for row in rules:
        assert 0 <= row["coverage"] <= 1
        assert row["true"] is not None
        assert abs(row["estimated"] - row["true"]) < 0.25, row["name"]
    # The old wives' tale is found out.
    assert min(rules, key=lambda row: row["estimated"])["name"] == "complex_boundary"


def test_a_demonstration_is_an_ordinary_project_afterwards(lw, tumours):
    project, outcome = tumours
    assert told(lw("status", project, "--json"))["version"] == outcome["version"]
    ok(lw("explain", outcome["item"], "--project", project))
    assert "vote on" not in ok(lw("sources", project)).err
    again = told(lw("round", project, "--json"))
    assert again["votes"]["sources"] == []


def test_a_folder_that_is_no_demonstration_is_left_alone(lw, tmp_path):
    project = make(lw, tmp_path, 5)
    wrong(lw("demo", "--into", project), "no demonstration", "--into")
    assert told(lw("status", project, "--json"))["items"] == 5
    (tmp_path / "file").write_text("mine")
    wrong(lw("demo", "--into", tmp_path / "file"), "no demonstration")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_unknown_demonstration_names_those_that_exist(lw):
    wrong(lw("demo", "tumors"), "did you mean 'tumours'", "digits", "sms")


def collection(count=300):
    """Messages made up here, in the format of the SMS Spam Collection."""
    made = []
    for n in range(count):
        if n % 5 == 0:
            made.append(f"spam\tWINNER!! claim your FREE PRIZE cash now call 0800{n:04d} £{n}")
        else:
            made.append(f"ham\tok i will see you at dinner then, me and my cat no {n}\x85 lol")
    return "\n".join(made) + "\n"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "SMSSpamCollection"
    path.write_text(collection(), encoding="utf-8")
    return path


def zipped(text, member="SMSSpamCollection"):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme", "x")
        archive.writestr(member, text)
    return held.getvalue()


def test_sms_from_a_file(lw, tmp_path, small):
    outcome = told(lw("demo", "sms", "--from", small, "--into", tmp_path / "d", "--json"))
    assert outcome["items"] == 300
    assert outcome["labels"][-1]["right"] > 0.9
    assert told(lw("status", tmp_path / "d", "--json"))["items"] == 300


def test_sms_from_an_archive_is_the_same_and_replaces_the_last_demonstration(tmp_path, small):
    folder = tmp_path / "d"
    folder.mkdir()
    plain = sms.prepare(folder, path=small)
    text = (folder / "messages.jsonl").read_text("utf-8")
    (tmp_path / "sms.zip").write_bytes(zipped(collection()))
    packed = sms.prepare(folder, path=tmp_path / "sms.zip")
    assert packed == plain
    assert (folder / "messages.jsonl").read_text("utf-8") == text
    rows = [json.loads(line) for line in text.split("\n") if line]
    assert len(rows) == 300
    told_truth = [row for row in rows if row["split"] == "train" and row["label"]]
    assert len(told_truth) == sms.GOLD


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "line 1"), (b"label,text\nham,x\n", "line 1"), (b"ham\thi\neggs\tno\n", "line 2"),
        (b"ham\t\xff\xfe\n", "UTF-8"), (b"PK\x03\x04 broken", "archive"),
        (zipped("ham\tx\n", "other.txt"), "SMSSpamCollection"), (b"ham\tonly one\n", "two"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_the_collection_is_refused(lw, tmp_path, content, word):
    path = tmp_path / "sms"
    path.write_bytes(content)
    wrong(lw("demo", "sms", "--from", path, "--into", tmp_path / "d"), word)
    # A demonstration that failed can be made again.
    wrong(lw("demo", "sms", "--from", path, "--into", tmp_path / "d"), word)


def test_a_path_that_is_no_file_is_refused(lw, tmp_path):
    for path in (tmp_path / "none", tmp_path):
        wrong(lw("demo", "sms", "--from", path, "--into", tmp_path / "d"), path, "--from")


def test_without_a_network_the_error_says_what_to_do(tmp_path, lw, monkeypatch):
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)
    # What urllib makes of these proxies must not be kept for the tests that follow.
    monkeypatch.setattr(urllib.request, "_opener", None)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    wrong(lw("demo", "sms", "--into", tmp_path / "d"), sms.URL, "--from PATH", "labelwright demo")


def test_a_download_with_another_checksum_is_not_used(tmp_path, lw, monkeypatch):
    other = tmp_path / "other.zip"
    other.write_bytes(zipped(collection()))
    monkeypatch.setattr(sms, "URL", other.as_uri())
    found = hashlib.sha256(other.read_bytes()).hexdigest()
    wrong(lw("demo", "sms", "--into", tmp_path / "d"), found, sms.SHA256, "nothing was used")
    monkeypatch.setattr(sms, "SHA256", found)
    assert sms.download() == collection()


@pytest.mark.slow
def test_digits_come_with_a_crowd(tmp_path):
    done = labelwright("demo", "digits", "--into", tmp_path / "d", "--json")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    majority, model, answered = (row["right"] for row in outcome["labels"])
    assert model > majority
    assert answered > 0.5
    kinds = {row["kind"] for row in outcome["sources"]}
    assert kinds >= {"person", "function", "gold"}


@pytest.mark.slow
def test_the_demonstration_in_words_says_what_a_newcomer_needs(tmp_path):
    done = labelwright("demo", "--into", tmp_path / "d")
    assert done.returncode == 0, done.stderr
    for words in ("Who votes", "majority vote", "label model", "25 answers", "hidden truth",
                  "minutes", "$", "labelwright explain", "test items"):  # fmt: skip
        assert words in done.stdout
