"""What the README promises: gold measures, reading runs no code, nothing depends on the place."""

import shutil

import numpy as np
import pytest

import labelwright as lw
from labelwright.pipeline.train.train import latest_trained
from pipeline.making import make, rows, voted, write_csv


def with_gold_on_test(folder, *, flipped):
    """A project whose gold lies on the test split alone; flipped, every one of them is wrong."""
    folder.mkdir()
    project = make(folder, 0)
    table = rows(80)
    for number, row in enumerate(table):
        row["part"] = "test" if number % 3 == 0 else "valid" if number % 7 == 0 else "train"
        other = {"spam": "ham", "ham": "spam"}[row["truth"]]
        row["truth"] = (other if flipped else row["truth"]) if row["part"] != "train" else ""
    path = write_csv(folder / "data.csv", table)
    project.import_items(path, id="key", text="text", gold="truth", split="part", fields=("text",))
    return project


def test_gold_of_held_out_items_changes_no_label_and_no_model(tmp_path):
    right, wrong = (
        with_gold_on_test(tmp_path / name, flipped=name == "wrong").round()
        for name in ("right", "wrong")
    )
    assert (right.labels.posterior.probability == wrong.labels.posterior.probability).all()
    assert (right.trained.prediction == wrong.trained.prediction).all()
    assert right.questions == wrong.questions
    assert right.labels.fit.id == wrong.labels.fit.id
    # Runs hold times, and evaluations measure.
    made = [{**r.version.objects, "runs": "", "evaluation": ""} for r in (right, wrong)]
    assert made[0] == made[1]
    # The only thing it changes is what it is for: the measure.
    assert right.trained.quality.accuracy == pytest.approx(1 - wrong.trained.quality.accuracy)


def test_no_question_is_about_an_item_that_is_held_out(tmp_path):
    project = with_gold_on_test(tmp_path / "p", flipped=False)
    project.vote()
    held_out = {f"m{n}" for n in range(80) if n % 3 == 0 or n % 7 == 0}
    asked = {question.item for question in project.next(200)}
    assert asked
    assert not asked & held_out


def test_gold_of_training_items_counts(tmp_path):
    project = voted(tmp_path, 40, gold=True)
    labels = project.label()
    gold = {f"m{n}": row["truth"] for n, row in enumerate(rows(40))}
    answers = labels.answers.answer.to_pylist()
    assert answers == list(gold.values())


SPY = """
from pathlib import Path
with Path(__file__).with_name("ran.txt").open("a") as file:
    file.write("x")
"""


def ran(project):
    path = project.folder / "ran.txt"
    return len(path.read_text()) if path.exists() else 0


def test_reading_a_project_never_runs_its_code(tmp_path):
    project = make(tmp_path, 40)
    code = project.folder / "sources.py"
    code.write_text(SPY + code.read_text())
    project.round()
    once = ran(project)
    assert once > 0
    opened = lw.open(project.folder)
    opened.status()
    opened.label()
    opened.sources()
    opened.train()
    opened.next(3)
    opened.explain("m1")
    opened.answer("m1", "ham")
    opened.export(tmp_path / "o.csv")
    opened.predict(tmp_path / "data.csv", tmp_path / "p.csv")
    opened.import_items(tmp_path / "data.csv", id="key", text="text", fields=("text",))
    opened.freeze("again")
    assert opened.versions()
    assert opened.known_sources()
    assert ran(project) == once
    opened.vote()
    assert ran(project) > once


def test_a_project_moved_elsewhere_computes_nothing_again(tmp_path):
    project = make(tmp_path, 40)
    version = project.round().version
    shutil.move(project.folder, tmp_path / "moved")
    moved = lw.open(tmp_path / "moved")
    done = moved.round()
    assert done.version.id == version.id
    assert done.votes.sources == ()
    assert done.labels.cached
    assert done.trained.cached


def test_a_version_does_not_depend_on_folder_file_name_or_how_often_things_ran(tmp_path):
    ids = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        project = make(tmp_path / name, 0)
        path = write_csv(tmp_path / name / f"{name}.csv", rows(50))
        for _ in range(1 + (name == "b")):
            project.import_items(path, id="key", text="text", fields=("text",))
            project.vote()
            project.label()
        ids.append(project.round().version.id)
    assert ids[0] == ids[1]


def test_a_model_trained_for_other_items_or_classes_is_not_used(tmp_path):
    project = make(tmp_path, 30)
    project.round()
    assert latest_trained(project.workspace, 30) is not None
    assert latest_trained(project.workspace, 31) is None
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text().replace('["spam", "ham"]', '["spam", "ham", "egg"]'))
    wider = lw.open(project.folder)
    assert latest_trained(wider.workspace) is None
    assert wider.explain("m1").prediction is None
    assert wider.label().posterior.probability.shape == (30, 3)


def test_an_end_model_by_name_finds_the_fields_that_it_reads(tmp_path):
    project = voted(tmp_path, 40)
    by_name, chosen = project.train("text"), project.train()
    assert by_name.fields == chosen.fields == ("text",)
    assert np.allclose(by_name.prediction, chosen.prediction)


def test_a_source_switched_off_keeps_its_votes_but_has_no_say(tmp_path):
    project = voted(tmp_path, 40)
    before = project.label()
    settings = project.folder / "labelwright.toml"
    text = settings.read_text()
    settings.write_text(text + "\n[sources.win]\nenabled = false\n")
    without = lw.open(project.folder).label()
    assert len(without.active.sources) == len(before.active.sources) - 1
    settings.write_text(text)
    again = lw.open(project.folder).label()
    assert (again.posterior.probability == before.posterior.probability).all()
