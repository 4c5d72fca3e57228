"""What the command line says of how far labels can be trusted."""

import json

import pytest

from making_once import made_once
from pipeline.making import make, voted, write_csv


@pytest.fixture
def folder(tmp_path):
    return with_an_odd_item(tmp_path).folder


@made_once
def with_an_odd_item(folder):
    project = make(folder, 80, gold=True, split="train=0.7,test=0.3")
    path = write_csv(folder / "odd.csv", [{"key": "odd", "text": "xyz"}])
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    return project


def told(done):
    assert done.code == 0, done.err
    return done.out


def test_label_says_what_is_no_label_and_what_confidences_are_worth(lw, folder):
    out = told(lw("label", folder))
    assert "nothing is known of" in out
    assert "which is no label" in out
    assert "95% interval" in out
    assert "calibration error" in out
    summary = json.loads(told(lw("label", folder, "--json")))
    assert summary["no_votes"] >= 1
    assert summary["calibration"]["table"]["count"]


def test_label_shows_stability_when_asked(lw, folder):
    out = told(lw("label", folder, "--stability"))
    assert "resampling the items changes" in out
    assert "least stable accuracies" in out
    summary = json.loads(told(lw("label", folder, "--stability", "--json")))
    assert summary["stability"]["resamples"] == 20


def test_label_compares_methods(lw, folder):
    out = told(lw("label", folder, "--compare"))
    for word in ("dawid_skene", "metal", "same label", "the methods differ on", "ECE"):
        assert word in out
    chosen = json.loads(told(lw("label", folder, "--methods", "wawa, majority_vote", "--json")))
    assert [row["method"] for row in chosen["methods"]] == ["wawa", "majority_vote"]
    assert "unknown label model" in lw("label", folder, "--methods", "best").err


def test_without_truth_it_says_that_nobody_knows(lw, tmp_path):
    project = voted(tmp_path, 40)
    assert "nobody knows" in told(lw("label", project.folder))
    out = told(lw("sources", project.folder, "--no-check"))
    assert "no truth is known" in out
    out = told(lw("label", project.folder, "--compare", "--methods", "wawa,majority_vote"))
    assert "ECE" not in out
    assert "nobody knows" in told(lw("status", project.folder))


def test_sources_show_intervals_and_confusions(lw, folder):
    out = told(lw("sources", folder, "--confusions"))
    assert "95 %" in out
    assert "voted spam" in out
    assert "right on gold" in out
    report = json.loads(told(lw("sources", folder, "--json", "--confusions", "--no-check")))
    assert report["confusions"][0]["votes"].keys() == {"spam", "ham"}
    assert report["sources"][0]["low"] <= report["sources"][0]["high"]


def test_status_says_how_far_labels_can_be_trusted(lw, folder):
    assert "labelled" not in told(lw("status", folder))
    told(lw("label", folder))
    out = told(lw("status", folder))
    assert "labelled   " in out
    assert "trust      mean confidence" in out


def test_an_item_without_votes_is_explained_as_such(lw, folder):
    told(lw("label", folder))
    out = told(lw("explain", "odd", "--project", folder))
    assert "nothing is known about it but the class\nbalance: spam " in out


def test_an_assumed_class_balance_is_not_told_as_known(lw, tmp_path):
    import labelwright

    project = labelwright.init(tmp_path / "rare", classes=["spam", "ham"])
    source = "return 'spam' if x.text == 'free' else None"
    source = f"import labelwright as lw\n\n@lw.source\ndef one(x):\n    {source}\n"
    (project.folder / "sources.py").write_text(source)
    rows = [{"key": str(n), "text": "free" if n % 8 == 0 else "hello"} for n in range(80)]
    data = write_csv(tmp_path / "d.csv", rows)
    project.import_items(data, id="key", text="text", fields=("text",))
    project.vote()
    told(lw("label", project.folder))
    assert "how frequent each class is nobody knows\n(assumed: spam " in told(
        lw("explain", "1", "--project", project.folder)
    )
    assert project.explain("1").balance_known is False
    gold = [{"key": str(n), "truth": "spam" if n % 8 == 0 else "ham"} for n in range(60)]
    project.import_items(write_csv(tmp_path / "g.csv", gold), id="key", gold="truth")
    told(lw("label", project.folder))
    out = told(lw("explain", "79", "--project", project.folder))
    assert "nothing is known about it but the class\nbalance: spam " in out
    assert "assumed" not in out


def test_many_classes_are_left_to_json(lw, tmp_path):
    import labelwright

    project = labelwright.init(tmp_path / "many", classes=list("abcde"))
    source = "import labelwright as lw\n\n@lw.source\ndef one(x):\n    return x.text\n"
    (project.folder / "sources.py").write_text(source)
    rows = [{"key": str(n), "text": "abcde"[n % 5]} for n in range(20)]
    project.import_items(
        write_csv(tmp_path / "d.csv", rows), id="key", text="text", fields=("text",)
    )
    project.vote()
    out = told(lw("label", project.folder, "--methods", "majority_vote,wawa"))
    assert "is a" not in out
    assert "the methods differ on 0 units" in out


def test_status_quotes_class_names_where_one_has_a_comma(lw, tmp_path):
    import labelwright

    odd = labelwright.init(tmp_path / "odd", classes=["id", "Rechnung, Zahlung"])
    plain = labelwright.init(tmp_path / "plain", classes=["spam", "ham"])
    assert "into 'id', 'Rechnung, Zahlung'\n" in told(lw("status", odd.folder))
    assert "into spam, ham\n" in told(lw("status", plain.folder))


def test_reports_of_a_project_are_dictionaries_that_json_holds_and_frames(folder):
    import labelwright

    project = labelwright.open(folder)
    reports = {
        "standing": project.standing(),
        "sources": project.sources(check=False),
        "labels": project.label_report(),
        "compared": project.compare("majority_vote"),
        "stable": project.stability(),
        "check": project.check(),
    }
    for name, report in reports.items():
        assert json.loads(json.dumps(report.to_dict())), name
        assert report.to_frame().width >= 1 or name == "check", name
    stands = reports["standing"]
    assert dict(stands.to_frame().iter_rows()) == stands.basis
    assert stands.to_dict()["how_right"] == stands.how_right
    assert reports["stable"].to_frame().height == reports["stable"].to_dict()["units"]
