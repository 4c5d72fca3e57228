"""What a project says of its own labels: what they rest on, how sure, how stable, compared."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import labelwright as lw
from labelwright.core.errors import UnknownNameError, VotesError
from labelwright.labelmodels import Metal
from labelwright.pipeline.analysis.compare_label_models import compare
from pipeline.making import rows, voted, write_csv

GOLD_SPLIT = "train=0.7,test=0.3"


@pytest.fixture
def project(tmp_path):
    return voted(tmp_path, 80, gold=True, split=GOLD_SPLIT)


def with_an_odd_item(project, folder):
    """The project with one item on which nobody votes."""
    path = write_csv(folder / "odd.csv", [{"key": "odd", "text": "xyz"}])
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    return project


def test_where_nobody_voted_every_place_says_that_it_is_only_the_class_balance(project, tmp_path):
    project = with_an_odd_item(project, tmp_path)
    report = project.label_report()
    frame = report.to_frame()
    odd = frame.filter(pl.col("item") == "odd")
    assert odd["basis"].to_list() == ["class balance"]
    assert odd["label"].to_list() == [None]
    assert odd["confidence"].to_list() == [0]
    assert project.explain("odd").units[0].basis == "class balance"
    project.export(tmp_path / "out.parquet")
    exported = pl.read_parquet(tmp_path / "out.parquet").filter(pl.col("id") == "odd")
    assert exported["basis"].to_list() == ["class balance"]
    assert report.to_dict()["basis"]["class balance"] >= 1


def test_gold_and_votes_are_told_apart(project, tmp_path):
    report = project.label_report()
    assert set(report.basis) >= {"gold", "votes"}
    gold = project.explain(report.item[int(np.flatnonzero(report.basis == "gold")[0])].as_py())
    assert gold.units[0].basis == "gold"
    project.export(tmp_path / "out.parquet")
    exported = pl.read_parquet(tmp_path / "out.parquet")
    assert dict(zip(exported["id"], exported["basis"], strict=True)) == dict(
        zip(report.item.to_pylist(), report.basis, strict=True)
    )


def test_tied_votes_are_called_so(tmp_path):
    sources = "import labelwright as lw\n\n" + "\n\n".join(
        f"@lw.source\ndef {name}(x):\n    return {name!r}" for name in ("ham", "spam")
    )
    project = voted(tmp_path, 6, functions=sources + "\n", rules="")
    report = project.label_report("majority_vote")
    assert set(report.basis) == {"tied votes"}
    assert report.undecided.all()
    assert project.explain("m1").units[0].basis == "tied votes"


def test_the_label_report_is_ready_to_plot(project):
    report = project.label_report(stability=True)
    units = len(report.item)
    assert report.probability.shape == (units, len(report.classes))
    assert report.label.shape == report.confidence.shape == report.undecided.shape == (units,)
    assert report.balance.sum() == pytest.approx(1)
    assert report.calibration.table.confidence.shape == report.calibration.low.shape
    assert len(report.stability.same) == units
    json.dumps(report.to_dict())
    assert report.to_frame().columns[-2:] == ["p_spam", "p_ham"]


def test_sources_come_with_intervals_and_checks(project):
    report = project.sources()
    assert ((report.report.low <= report.report.accuracy)
            & (report.report.accuracy <= report.report.high)).all()  # fmt: skip
    assert report.checks is not None
    told = report.to_dict(confusions=True)
    json.dumps(told, allow_nan=False)
    assert {row["class"] for row in told["confusions"]} == {"spam", "ham"}
    assert report.to_frame()["kind"].to_list() == list(report.kinds)
    unchecked = project.sources(check=False)
    assert unchecked.checks is None
    assert unchecked.to_dict()["findings"] == []
    assert unchecked.warnings() == unchecked.report.warnings()


def test_many_findings_are_cut_short_for_people_and_not_for_scripts(project):
    report = project.sources()
    everything = replace(report.checks, found=np.ones(len(report.checks.aspect), bool))
    forced = replace(report, checks=everything)
    short = forced.warnings(1)
    assert short[-1].startswith("and ")
    assert len(forced.warnings()) > len(short)


def test_comparing_changes_no_label_and_records_nothing(project):
    before = project.label().run.id
    runs = len(project.workspace.runs.list())
    found = project.compare()
    assert len(project.workspace.runs.list()) == runs
    assert project.label().run.id == before
    assert found.comparison.methods == (
        "majority_vote", "dawid_skene", "data_programming", "metal", "source_kinds",
    )  # fmt: skip
    assert found.comparison.judged.min() > 0
    assert not found.failed
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.to_frame().height == 5


def test_disputed_items_are_named_so_that_they_can_be_explained(project):
    found = project.compare("majority_vote", "source_kinds", "wawa", show=3)
    for one in found.disputed:
        assert project.explain(one.item).item == one.item
        labels = {None if said is None else said[0] for said in one.labels.values()}
        assert len(labels) > 1
        assert one.alike >= 1
    assert len(found.disputed) <= 3


def test_a_method_judged_on_gold_was_not_told_that_gold(tmp_path):
    # All votes are gold's and a function's that is always wrong: without gold it is wrong.
    always = 'import labelwright as lw\n\n@lw.source\ndef spam(x):\n    return "spam"\n'
    project = voted(tmp_path, 40, gold=True, functions=always, rules="")
    truth = [row["truth"] for row in rows(40)]
    found = project.compare("majority_vote")
    assert found.comparison.accuracy[0] == pytest.approx(truth.count("spam") / 40)


def test_an_unknown_method_is_an_error_and_one_that_cannot_read_the_votes_is_told(
    project, monkeypatch
):
    with pytest.raises(UnknownNameError, match="unknown label model"):
        project.compare("majority")

    def refuse(self, votes):
        raise VotesError("too few")

    monkeypatch.setattr(Metal, "fit", refuse)
    assert project.compare("metal", "wawa").failed == {"metal": "too few"}
    with pytest.raises(VotesError, match="metal: too few"):
        project.compare("metal")


def test_a_sample_stands_for_many_units(project):
    found = compare(project.workspace, ("majority_vote", "wawa"), units=30)
    assert (found.units, found.all_units) == (30, 80)
    for one in found.disputed:
        assert project.explain(one.item)


def test_the_status_says_how_far_labels_can_be_trusted(project, tmp_path):
    assert project.status().labels is None
    project.label()
    at_hand = project.status().labels
    assert at_hand.standing.right.of > 0
    assert at_hand.calibration.items == at_hand.standing.right.of
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text().replace('"spam", "ham"', '"spam", "ham", "news"'))
    assert lw.open(project.folder).status().labels is None


def test_without_truth_nobody_knows(tmp_path):
    project = voted(tmp_path, 40)
    project.label()
    at_hand = project.status().labels
    assert at_hand.standing.right is None
    assert at_hand.calibration is None
    assert project.compare("wawa").comparison.judged.tolist() == [0]


def test_multilabel_items_are_compared_class_by_class(tmp_path):
    project = lw.init(tmp_path / "p", classes=["a", "b"], kind="multilabel")
    (project.folder / "sources.py").write_text(
        "import labelwright as lw\n\n"
        "@lw.source\ndef one(x):\n    return ['a'] if 'free' in x.text else []\n\n"
        "@lw.source\ndef two(x):\n    return ['b'] if 'win' in x.text else ['a']\n"
    )
    texts = ["free", "win", "free win", "no"]
    items = [{"key": str(number), "text": text} for number, text in enumerate(texts)]
    path = write_csv(tmp_path / "d.csv", items)
    project = lw.open(project.folder)
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    found = project.compare("majority_vote", "source_kinds")
    assert found.comparison.classes == ("no", "yes")
    assert {one.unit for one in found.disputed} <= {0, 1}
    assert len(project.label_report().item) == 8
