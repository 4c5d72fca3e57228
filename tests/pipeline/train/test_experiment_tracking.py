"""MLflow shows what the project keeps, and can load the model; without it nothing is lost."""

import json
import sys

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import DataError, MissingExtraError, StorageError
from labelwright.stores.records.mlflow_tracker import MlflowTracker, _named
from pipeline.making import make

GOLD_SPLIT = "train=0.6,test=0.4"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracking")
    made = make(folder, 100, gold=True, split=GOLD_SPLIT)
    made.vote()
    made.train()
    return made


def test_without_mlflow_a_message_names_the_extra_and_the_run_is_kept(project, monkeypatch, lw):
    for name in [name for name in sys.modules if name.split(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match=r"labelwright\[mlflow\]"):
        project.experiments.track()
    assert lw("runs", "track", "-p", project.folder).code == 2
    assert project.experiments.repeat().identical


def test_only_trainings_are_shown(project):
    with pytest.raises(DataError, match="only trainings"):
        project.experiments.track("label")


def test_the_address_is_that_of_the_settings_else_of_the_environment(project, monkeypatch):
    from labelwright.pipeline.train.experiment_tracking import tracker_of

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracker_of(project.workspace).address.startswith("sqlite:////")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracker.example")
    assert tracker_of(project.workspace).address == "http://tracker.example"
    settings = project.folder / "labelwright.toml"
    before = settings.read_text()
    settings.write_text(before + '\n[tracking]\nuri = "sqlite:///x"\n')
    assert tracker_of(lw.open(project.folder).workspace).address == "sqlite:///x"
    settings.write_text(before)


def test_names_that_mlflow_refuses_are_mended_and_stay_apart():
    names = dict(_named({"f1/häm": 1, "f1/h?m": 2, "f1/h_m": 3, "ok.1": 4, "?": 5, "": 6}))
    assert len(names) == 6
    assert names["f1/h_m"] == "f1/häm"
    assert names["ok.1"] == "ok.1"


def test_a_mended_name_takes_no_name_that_is_there():
    keys = ["a_", "a__2", "a#"]
    names = dict(_named(dict.fromkeys(keys)))
    assert list(names.values()) == keys


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_measures_settings_data_files_and_a_model_that_predicts_the_same(
    project, monkeypatch, lw
):
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = lw("runs", "track", "-p", project.folder, "--json")
    told = json.loads(done.out)
    import mlflow

    client = mlflow.MlflowClient(told["address"], registry_uri=told["address"])
    shown = client.get_run(told["id"])
    run = project.experiments.show("train").run
    assert shown.data.metrics["accuracy"] == run.metrics["accuracy"]
    assert shown.data.params["seed"] == "0"
    assert shown.data.params["head.folds"] == "5"
    assert shown.data.tags["environment.python"] == run.environment["python"]
    assert shown.info.status == "FINISHED"
    assert shown.info.end_time - shown.info.start_time == int(run.seconds * 1000)
    (data,) = shown.inputs.dataset_inputs
    assert data.dataset.digest == run.inputs["labels"]

    mlflow.set_tracking_uri(told["address"])
    loaded = mlflow.pyfunc.load_model(f"{shown.info.artifact_uri}/model")
    assert loaded.metadata.get_input_schema().input_names() == ["text"]
    frame = project.workspace.items.take(np.arange(100), ["text"]).select(["text"]).to_pandas()
    said = loaded.predict(frame)
    assert list(said.columns) == ["spam", "ham"]
    assert np.allclose(said.to_numpy(), project.train().prediction)

    version = client.get_model_version_by_alias("reviews", "current")
    assert version.run_id == told["id"]
    again = project.experiments.track()
    assert again.id == told["id"]
    assert len(client.search_runs([shown.info.experiment_id])) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_each_training_is_shown_when_the_settings_say_so_and_the_run_survives_a_dead_server(
    project, monkeypatch
):
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    settings = project.folder / "labelwright.toml"
    settings.write_text(
        settings.read_text() + '\n[tracking]\nmlflow = true\nuri = "http://127.0.0.1:9"\n'
    )
    opened = lw.open(project.folder)
    before = len(opened.experiments.runs())
    with pytest.raises(StorageError, match=r"MLflow at http://127\.0\.0\.1:9"):
        opened.train(seed=9)
    assert len(opened.experiments.runs()) == before + 1
    assert opened.train(seed=9).cached


def test_a_tracker_is_named_by_its_settings_alone(tmp_path):
    assert MlflowTracker(tmp_path) == MlflowTracker(tmp_path)
