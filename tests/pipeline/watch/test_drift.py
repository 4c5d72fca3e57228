"""What a project says of items that came after."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import NothingToDoError, UnknownNameError
from making_once import made_once
from pipeline.making import (
    CLASSES,
    make,
    make_sets,
    rows,
    rows_of_sets,
    voted,
    with_known_balance,
    write_csv,
)


def strange(count):
    """Texts of other words, twice as long."""
    words = ["refund", "parcel", "broken", "delivery", "late", "courier", "invoice"]
    return [
        {
            "key": f"s{n}",
            "text": " ".join(words[(n * k + k) % 7] for k in range(1, 9)) + f" win n{n}",
            "truth": "spam",
        }
        for n in range(count)
    ]


def mixed(count):
    """Rows of the usual kind in random order, so that none of them are like later ones."""
    table = rows(count)
    return [table[place] for place in np.random.default_rng(0).permutation(count)]


def bring(project, tmp_path, table, name="more.csv"):
    path = write_csv(tmp_path / name, table)
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()


@pytest.fixture
def project(tmp_path):
    return first_items(tmp_path)


@made_once
def first_items(folder):
    project = make(folder, 0)
    bring(project, folder, mixed(210)[:140], "first.csv")
    return project


def test_items_of_the_same_kind_do_not_drift(project, tmp_path):
    project.freeze()
    bring(project, tmp_path, mixed(210)[140:])
    report = project.drift.report()
    assert not report.drifted
    assert (report.before, report.after, report.marked) == (140, 70, ())
    assert report.against == project.versions()[0].id
    tested = {(shift.aspect, shift.name) for shift in report.shifts}
    assert {("length", "text"), ("words", "text"), ("space", ""), ("labels", "")} <= tested
    assert {("hit rate", "free"), ("hit rate", "meet"), ("accuracy", "free")} <= tested


def test_other_texts_drift_in_words_length_space_and_sources(project, tmp_path):
    bring(project, tmp_path, strange(60))
    report = project.drift.report()
    assert report.against == ""
    drifted = {(shift.aspect, shift.name) for shift in report.shifts if shift.drifted}
    assert {("words", "text"), ("length", "text"), ("space", ""), ("hit rate", "hello")} <= drifted
    assert len(report.marked) >= 40
    assert min(report.marked) >= 140


def test_too_few_items_are_not_tested(project, tmp_path):
    with pytest.raises(NothingToDoError, match="0 new ones"):
        project.drift.report(before=140)
    bring(project, tmp_path, rows(5, start=140))
    with pytest.raises(NothingToDoError, match="from 20 on"):
        project.drift.report()
    with pytest.raises(UnknownNameError):
        project.drift.report("nonsense")


def test_columns_of_every_kind_are_compared_and_names_are_not(tmp_path):
    project = lw.init(tmp_path / "p", classes=["a", "b"])
    random = np.random.default_rng(0)
    for part, (age, city) in enumerate([(30, ["Basel", "Bern"]), (60, ["Bern", "Genf"])]):
        table = [
            {
                "key": f"{part}-{n}",
                "age": round(float(random.normal(age, 5)), 1),
                "city": city[n % 2],
                "name": f"name{part}{n}",
                "member": str(n % 3 == 0).lower(),
                "gap": "" if part and n % 2 else str(n % 5),
            }
            for n in range(100)
        ]
        path = write_csv(tmp_path / f"{part}.csv", table)
        project.import_items(path, id="key")
    report = project.drift.report()
    drifted = {(shift.aspect, shift.name) for shift in report.shifts if shift.drifted}
    kinds = {("values", "age"), ("values", "city"), ("missing", "gap"), ("space", "")}
    assert drifted == kinds
    assert "name: nearly every value differs" in report.untested
    assert "sources and labels: nobody has voted" in report.untested


def test_ignored_columns_are_not_tested(tmp_path):
    project = make(tmp_path, 40, rules='\n[drift]\nignore = ["text"]\n')
    report = project.drift.report(before=20)
    assert not [shift for shift in report.shifts if shift.name == "text"]


def test_predictions_are_compared_on_items_that_the_model_was_not_trained_on(tmp_path):
    project = voted(tmp_path, 200, gold=True, split="train=0.5,test=0.5")
    project.train()
    bring(project, tmp_path, [row for row in rows(300, start=200) if row["truth"] == "spam"])
    report = project.drift.report()
    (moved,) = [shift for shift in report.shifts if shift.aspect == "predictions"]
    assert moved.drifted
    assert moved.before < 120


def test_the_command_says_what_drifted_and_exits_with_1(project, tmp_path, lw):
    bring(project, tmp_path, strange(60))
    done = lw("drift", project.folder)
    assert done.code == 1
    assert "drifted  words: text: in texts:" in done.out
    assert "items marked for people" in done.out
    assert json.loads(lw("drift", project.folder, "--json").out)["drifted"] is True


def test_the_command_exits_with_0_where_nothing_drifted(project, tmp_path, lw):
    bring(project, tmp_path, mixed(210)[140:])
    done = lw("drift", project.folder)
    assert done.code == 0
    assert "0 of " in done.out
    assert lw("drift", project.folder, "--against", "zzz").code == 2


def test_marked_items_are_asked_about_until_they_are_answered(project, tmp_path):
    project = with_known_balance(project)
    bring(project, tmp_path, strange(40))
    before = project.pick(20)
    marked = set(project.drift.report().marked)
    questions = project.pick(20)
    about = [each for each in questions if each.item in marked]
    assert len(about) == 10
    assert "drift: unlike the items before" in {each.reason for each in about}
    random = [each.item for each in before if each.random]
    assert [each.item for each in questions if each.random] == random
    ids = project.workspace.items.take(np.array([each.item for each in about]), ["_id"])
    for name in ids.column("_id").to_pylist():
        project.answer(name, "spam")
    again = {each.item for each in project.pick(20)}
    assert not again & {each.item for each in about}
    assert again & marked


def test_of_sets_the_share_of_every_class_is_tested(tmp_path):
    project = make_sets(tmp_path, 120, gold=False)
    project.train()
    more = [row for row in rows_of_sets(500, start=1000) if "money" in row["truth"]][:120]
    bring(project, tmp_path, more)
    shifts = {(shift.aspect, shift.name): shift for shift in project.drift.report().shifts}
    for aspect in ("labels", "predictions"):
        assert {name for what, name in shifts if what == aspect} <= {*CLASSES}
    assert shifts["labels", "money"].drifted
    assert not shifts["labels", "food"].drifted
