"""Content joins the votes from the command line and from Python, and records say so."""

import json

import numpy as np
import pyarrow.csv
import pytest

import labelwright as lw
from labelwright.core.errors import SettingsError
from making_once import made_once
from pipeline.making import BALANCE_KNOWN, make, rows, write_csv

SPARSE = """
import labelwright as lw

@lw.source
def free(x):
    return "spam" if "free" in x.text else None

@lw.source
def hello(x):
    return "ham" if "hello" in x.text else None
"""
MIXED = ["free cash prize", "win cash prize now", "hello dinner at home", "see you at home"]


def make_sparse(folder, count=80, settings="", **more):
    """A project in which half of the items have no vote, but words of those that have one."""
    project = make(folder, 0, functions=SPARSE, rules=BALANCE_KNOWN + settings)
    table = [
        {"key": f"m{n}", "text": f"{MIXED[n % 4]} n{n}", "truth": "spam" if n % 4 < 2 else "ham"}
        for n in range(count)
    ]
    for n, row in enumerate(table):
        row["part"] = "test" if n % 10 == 9 else "train"
    path = write_csv(folder / "data.csv", table)
    project.import_items(path, id="key", text="text", fields=("text",), **more)
    project.vote()
    return project


sparse = made_once(make_sparse)


def exported(project, tmp_path, **options):
    report = project.export(tmp_path / "out.csv", **options)
    return report, pyarrow.csv.read_csv(tmp_path / "out.csv").to_pydict()


def truth(count=80):
    return ["spam" if n % 4 < 2 else "ham" for n in range(count)]


def test_items_without_a_vote_get_the_label_of_items_that_read_alike(tmp_path):
    project = sparse(tmp_path)
    votes = project.label()
    assert votes.answers.answer.null_count == 40
    joint = project.join()
    assert joint.answers.answer.to_pylist() == truth()
    assert np.array_equal(joint.votes_posterior.probability, votes.posterior.probability)


def test_labelling_gives_votes_alone_and_training_joins_content_in(tmp_path):
    project = sparse(tmp_path)
    trained = project.train()
    assert trained.rows == 80
    assert project.label().joint is None
    assert project.train().cached


def test_joining_twice_computes_once_and_another_seed_computes_again(tmp_path):
    project = sparse(tmp_path)
    first, second, other = project.join(), project.join(), project.join(seed=1)
    assert first.joint.run.started < second.joint.run.started
    assert first.id == second.id != other.id
    assert len(project.workspace.runs.list("join")) == 2
    assert np.array_equal(first.posterior.probability, second.posterior.probability)


def test_the_same_project_made_twice_is_joined_alike(tmp_path):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(make_sparse(tmp_path / name).join().posterior.probability)
    assert np.array_equal(*made)


def test_switched_off_nothing_is_joined(tmp_path):
    project = sparse(tmp_path, settings="\n[joining]\nenabled = false\n")
    assert project.join().joint is None
    assert project.train().rows == 40
    report, table = exported(project, tmp_path)
    assert not report.content
    assert "votes_label" not in table
    assert not project.status().content


def test_the_export_says_what_votes_alone_say_beside_the_joint_label(tmp_path):
    project = sparse(tmp_path)
    before, _ = exported(project, tmp_path)
    assert (before.content, before.labelled) == (False, 40)
    project.train()
    report, table = exported(project, tmp_path)
    assert (report.content, report.labelled) == (True, 80)
    assert table["label"] == truth()
    assert table["votes_label"][1] in (None, "")
    assert table["votes_label"][0] == "spam"
    report, table = exported(project, tmp_path, votes_only=True)
    assert (report.content, report.labelled) == (False, 40)
    assert "votes_label" not in table


def test_the_status_says_whether_content_has_a_say(tmp_path, lw):
    project = sparse(tmp_path)
    assert "votes and content" not in lw("status", project.folder).out
    project.train()
    assert "of votes and content" in lw("status", project.folder).out


def test_an_explanation_tells_how_much_content_moved_the_label(tmp_path, lw):
    project = sparse(tmp_path)
    assert project.explain("m1").units[0].content is None
    joint = project.join()
    story = project.explain("m1")
    (unit,) = story.units
    assert story.answer == "spam"
    assert unit.content.votes_label is None
    assert unit.content.effect > 0
    assert unit.probability["spam"] == pytest.approx(joint.posterior.probability[1, 0])
    voted = project.explain("m0").units[0]
    total = voted.before + sum(one.effect or 0 for one in voted.effects) + voted.content.effect
    assert total == pytest.approx(np.log(joint.posterior.probability[0]) @ [1, -1], abs=0.05)
    shown = lw("explain", "m1", "-p", project.folder).out
    assert "content (TextLinear): spam" in shown
    assert "votes alone say nothing" in shown
    plain = json.loads(lw("explain", "m1", "-p", project.folder, "--json").out)
    assert plain["units"][0]["content"]["model"] == "TextLinear"


def test_a_persons_answer_stands_whatever_functions_and_content_say(tmp_path):
    project = sparse(tmp_path)
    for item in ("m0", "m4", "m8", "m1"):
        project.answer(item, "ham", person="ann")
    joint = project.join()
    wrong = [joint.answers.answer[n].as_py() for n in (0, 4, 8, 1)]
    assert wrong == ["ham"] * 4
    assert project.label().answers.answer[0].as_py() == "ham"
    assert project.explain("m0").units[0].content.effect == 0
    assert project.explain("m0").answer == "ham"
    sources = project.sources().report
    assert sources.estimated[sources.names.index("ann")] == pytest.approx(0.95)


def test_a_person_whom_nobody_vouches_for_is_one_voice_among_others(tmp_path):
    project = sparse(tmp_path, settings="\n[sources.ann]\naccuracy = 0.55\n")
    project.answer("m0", "ham", person="ann")
    assert project.label().answers.answer[0].as_py() == "spam"


def test_answers_after_training_count_at_once_beside_what_content_last_said(tmp_path):
    project = sparse(tmp_path)
    project.train()
    project.answer("m1", "ham", person="ann")
    _, table = exported(project, tmp_path)
    assert table["label"][1] == "ham"
    assert table["label"][5] == "spam"
    assert {question.item for question in project.next(5)}.isdisjoint({"m1"})


def test_held_out_items_are_read_and_teach_nothing(tmp_path):
    labels = sparse(tmp_path, split="part").join()
    assert labels.answers.answer.to_pylist() == truth()
    changed = tmp_path / "other"
    changed.mkdir()
    project = make(changed, 0, functions=SPARSE, rules=BALANCE_KNOWN)
    table = [{"key": f"m{n}", "text": f"{MIXED[n % 4]} n{n}", "truth": ""} for n in range(80)]
    for n, row in enumerate(table):
        row["part"] = "test" if n % 10 == 9 else "train"
        row["truth"] = "ham" if n % 10 == 9 else ""
    path = write_csv(changed / "data.csv", table)
    project.import_items(path, id="key", text="text", fields=("text",), split="part", gold="truth")
    project.vote()
    assert np.array_equal(project.join().posterior.probability, labels.posterior.probability)


def test_gold_measures_joint_labels_without_having_a_say(tmp_path):
    project = sparse(tmp_path, gold="truth")
    quality = project.join().quality
    assert quality.items == 80
    assert quality.accuracy == pytest.approx(1.0, abs=0.05)
    assert project.label().quality.items == 40


def test_all_items_covered_and_none_covered(tmp_path):
    (tmp_path / "all").mkdir()
    project = make(tmp_path / "all", 40, gold=True)
    project.vote()
    joint = project.join()
    assert joint.answers.answer.to_pylist() == [row["truth"] for row in rows(40)]
    (tmp_path / "none").mkdir()
    empty = make(tmp_path / "none", 10, functions="", rules="")
    empty.answer("m0", "ham", person="ann")
    joined = empty.join()
    assert joined.answers.answer[0].as_py() == "ham"
    assert np.isfinite(joined.posterior.probability).all()


def test_many_items_teach_through_a_sample_and_all_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr("labelwright.pipeline.train.content_reading.MOST_ITEMS", 50)
    joint = sparse(tmp_path).join()
    assert joint.answers.answer.to_pylist() == truth()


def test_a_version_holds_what_content_said(tmp_path):
    project = sparse(tmp_path)
    version = project.round().version
    assert version.runs["join"] == project.workspace.runs.latest("join").id
    assert "content" in version.objects
    assert project.round().version.id == version.id


def test_tasks_whose_units_are_parts_of_items_are_left_to_votes(tmp_path):
    project = lw.init(tmp_path / "things", classes=["car"], kind="boxes")
    path = write_csv(tmp_path / "d.csv", [{"key": "x", "text": "one two three"}])
    project.import_items(path, id="key", text="text", fields=("text",))
    project.answer("x", [{"label": "car", "box": [1, 2, 3, 4]}], person="ann")
    assert project.join().joint is None
    with pytest.raises(SettingsError, match=r"no end model learns boxes tasks yet; .* export"):
        project.train()


def test_content_may_not_vote_and_be_joined_in(tmp_path):
    both = "\n[end_model]\nvotes = true\n[joining]\nenabled = true\n"
    with pytest.raises(SettingsError, match="content would count twice"):
        make(tmp_path, 0, rules=both)
    (tmp_path / "b").mkdir()
    voting = make(tmp_path / "b", 0, rules="\n[end_model]\nvotes = true\n")
    assert voting.settings.joining is None


def test_a_wrong_setting_is_told_with_its_place(tmp_path):
    project = sparse(tmp_path, settings="\n[joining]\nround = 3\n")
    with pytest.raises(SettingsError, match="did you mean 'rounds'"):
        project.join()
