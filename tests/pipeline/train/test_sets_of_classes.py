"""Sets of classes are learnt, predicted and exported like single ones: one question a class."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

import labelwright as lw
from labelwright.pipeline.vote.active_sources import END_MODEL_SOURCE
from pipeline.making import CLASSES, make_sets, rows_of_sets, write_csv


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make_sets(tmp_path_factory.mktemp("sets"))
    made.round(note="first")
    return made


def truth_of(count):
    rows = rows_of_sets(count)
    return np.array([[name in row["truth"] for name in CLASSES] for row in rows])


def test_an_end_model_learns_every_class_and_beats_the_votes(project):
    trained = project.train()
    assert trained.prediction.shape == (200 * len(CLASSES), 2)
    said = trained.prediction.argmax(axis=1).reshape(-1, len(CLASSES)) == 1
    tested = project.workspace.splits() == "test"
    right = np.mean(said[tested] == truth_of(200)[tested])
    votes = project.label().posterior.label.reshape(-1, len(CLASSES)) == 1
    assert right > np.mean(votes[tested] == truth_of(200)[tested])
    assert right > 0.9
    assert trained.rows == int((~tested).sum())
    assert trained.quality.accuracy == pytest.approx(right)


def test_content_is_joined_to_the_votes_class_by_class(project):
    labels = project.join()
    assert labels.joint is not None
    assert labels.posterior.probability.shape == (600, 2)
    votes = labels.votes_posterior.label.reshape(-1, 3) == 1
    joint = labels.posterior.label.reshape(-1, 3) == 1
    assert np.mean(joint == truth_of(200)) > np.mean(votes == truth_of(200))
    # Each class keeps about the share that votes give it.
    share = joint.mean(axis=0)
    assert np.all(np.abs(share - truth_of(200).mean(axis=0)) < 0.1)


def test_the_same_seed_trains_the_same_model_from_the_record_or_anew(project):
    first = project.train()
    again = project.train(force=True)
    assert np.array_equal(first.prediction, again.prediction)
    loaded = project.train()
    assert loaded.cached
    items = project.workspace.items.take(np.arange(9), loaded.fields)
    assert np.array_equal(loaded.predictor.predict(items), loaded.prediction[: 9 * len(CLASSES)])


def test_a_round_freezes_a_version_that_opens_again(project):
    (version,) = project.versions()
    assert {"label", "join", "train"} <= version.runs.keys()
    assert project.history.verify().damage == ()


def test_the_export_has_the_answer_and_the_probability_of_every_class(project, tmp_path):
    project.export(tmp_path / "train.parquet")
    table = pq.read_table(tmp_path / "train.parquet")
    assert [name for name in table.column_names if name.startswith("p_")] == [
        f"p_{name}" for name in CLASSES
    ]
    for row in table.to_pylist():
        said = [name for name in CLASSES if row[f"p_{name}"] > 0.5]
        assert json.loads(row["label"]) == said
        sure = min(max(row[f"p_{name}"], 1 - row[f"p_{name}"]) for name in CLASSES)
        assert row["confidence"] == pytest.approx(sure)
        assert set(json.loads(row["model_label"])) <= set(CLASSES)
        if row["votes_label"] is not None:
            assert set(json.loads(row["votes_label"])) <= set(CLASSES)


def test_rows_of_files_are_predicted_with_the_probability_of_every_class(project, tmp_path):
    new = write_csv(tmp_path / "new.csv", rows_of_sets(40, start=5000))
    report = project.predict(new, tmp_path / "said.parquet")
    assert report.rows == 40
    found = pq.read_table(tmp_path / "said.parquet").to_pylist()
    truth = [json.loads(row["truth"]) for row in rows_of_sets(40, start=5000)]
    right = [json.loads(row["label"]) == names for row, names in zip(found, truth, strict=True)]
    assert np.mean(right) > 0.7
    for row in found:
        assert json.loads(row["label"]) == [name for name in CLASSES if row[f"p_{name}"] > 0.5]


def test_a_training_stream_gives_sets_with_probabilities(project):
    stream = project.history.stream()
    (row, *_) = stream.rows()
    assert json.loads(row["label"]) == [name for name in CLASSES if row[f"p_{name}"] > 0.5]


def test_the_end_model_votes_with_sets_and_is_weighed_like_others(tmp_path):
    project = make_sets(tmp_path, 120, toml="\n[end_model]\nvotes = true\n")
    project.round()
    labels = lw.open(project.folder).label()
    names = [source.name for source in labels.active.sources]
    model = labels.votes.source == names.index(END_MODEL_SOURCE)
    assert model.sum() == 120
    assert all(json.loads(labels.votes.answers[n]) is not None
               for n in labels.votes.answer[model])  # fmt: skip


def test_classes_that_nobody_speaks_of_or_that_always_belong_do_not_stop_training(tmp_path):
    functions = """
import labelwright as lw

@lw.source
def money(x):
    return {"money": "cash" in x.text, "always": True}
"""
    project = make_sets(
        tmp_path, 60, gold=False, classes=["money", "always", "silent"], functions=functions
    )
    done = project.round()
    chance = done.trained.prediction.reshape(60, 3, 2)
    assert np.all(chance[:, 1, 1] > 0.5)
    assert np.all(chance[:, 2] == 0.5)
    answers = [json.loads(one) for one in done.labels.answers.answer.to_pylist()]
    assert all("always" in one and "silent" not in one for one in answers)
    project.export(tmp_path / "out.csv")


def test_items_set_aside_teach_nothing(tmp_path):
    project = make_sets(tmp_path, 60, gold=False)
    rows = project.train().rows
    copies = write_csv(tmp_path / "copies.csv", [{**row, "key": f"c{row['key']}"}
                                                 for row in rows_of_sets(5)])  # fmt: skip
    project.import_items(copies, id="key", text="text", fields=("text",))
    project.vote()
    assert project.train().rows == rows + 5
    assert project.set_aside("duplicates") == 5
    assert project.train().rows == rows


def test_one_class_alone_is_a_question_too(tmp_path):
    functions = (
        "import labelwright as lw\n\n@lw.source\ndef money(x):\n"
        '    return ["money"] if "cash" in x.text or "bank" in x.text else []\n'
    )
    project = make_sets(tmp_path, 60, gold=False, classes=["money"], functions=functions)
    project.round()
    project.export(tmp_path / "out.parquet")
    row = pq.read_table(tmp_path / "out.parquet").to_pylist()[0]
    assert "p_money" in row
    assert "p_no" not in row


def test_a_version_repeats_and_compares_its_training(project):
    run = project.workspace.runs.latest("train").id
    done = project.experiments.repeat(run)
    assert (done.identical, done.changed, done.items) == (True, 0, 200)
    compared = project.experiments.compare(run, run)
    assert compared.differ == 0


def test_measures_of_sets_are_on_record_and_in_the_report(project):
    run = project.workspace.runs.latest("train")
    assert {"exact", "hamming_loss", "f1_micro", "f1_macro", "cardinality"} <= run.metrics.keys()
    assert {f"f1/{name}" for name in CLASSES} <= run.metrics.keys()
    assert run.metrics["accuracy"] == pytest.approx(1 - run.metrics["hamming_loss"])
    tested = project.workspace.splits() == "test"
    said = project.train().prediction.argmax(axis=1).reshape(-1, 3)[tested] == 1
    true = truth_of(200)[tested]
    hits = (said & true).sum()
    assert run.metrics["f1_micro"] == pytest.approx(2 * hits / (said.sum() + true.sum()))
    assert run.metrics["exact"] == pytest.approx(np.mean(np.all(said == true, axis=1)))
    report = project.experiments.report(checks=False)
    assert [one.name for one in report.model.quality.classes] == CLASSES
    assert "Hamming loss" in report.text("markdown")
    for mistake in report.model.errors:
        assert json.loads(mistake.truth) != json.loads(mistake.given)


def test_the_model_predicts_in_mlflow_with_a_column_a_class(project):
    pytest.importorskip("mlflow")
    import pandas as pd

    from labelwright.compat.mlflow import PyfuncPredictor

    trained = project.train()
    table = project.workspace.items.take(np.arange(5), trained.fields).select(["text"])
    told = PyfuncPredictor(trained.predictor, tuple(CLASSES)).predict(table.to_pandas())
    assert isinstance(told, pd.DataFrame)
    assert list(told.columns) == CLASSES
    assert np.allclose(told.to_numpy().ravel(), trained.prediction[:15, 1])
