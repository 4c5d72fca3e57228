"""Experiments: every training is on record, can be compared, and can be done again."""

import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import DataError, NothingToDoError, UnknownNameError
from labelwright.pipeline.workspace.environment import environment
from pipeline.making import make, rows, voted, write_csv

GOLD_SPLIT = "train=0.6,test=0.4"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two trainings that differ in their settings."""
    folder = tmp_path_factory.mktemp("experiments")
    made = make(folder, 150, gold=True, split=GOLD_SPLIT)
    settings = made.folder / "labelwright.toml"
    text = settings.read_text().replace("[cost]\n", "[cost]\nmachine_usd_per_hour = 3600.0\n")
    settings.write_text(text)
    made = lw.open(made.folder)
    made.round()
    settings.write_text(text + '\n[end_model]\nname = "text"\nhead = {strength = 100.0}\n')
    made = lw.open(made.folder)
    made.train(seed=3)
    return made


@pytest.fixture
def spare(project, tmp_path):
    """A copy of the project that a test may write to."""
    shutil.copytree(project.folder, tmp_path / "reviews")
    return lw.open(tmp_path / "reviews")


def runs(project):
    return [run.id for run in project.experiments.runs()]


def without(run, *names):
    """The run as an older release, or another machine, would have left it."""
    return replace(run, outputs={k: v for k, v in run.outputs.items() if k not in names})


def test_a_training_is_on_record_with_code_libraries_machine_measures_and_cost(project):
    first, second = project.experiments.runs()
    assert second.seed == 3
    assert second.metrics["accuracy"] == project.train(seed=3).quality.accuracy
    assert second.metrics["accuracy_low"] <= second.metrics["accuracy"]
    assert "recall/spam" in second.metrics
    assert {"labelwright", "python", "numpy", "scikit-learn", "system", "cores"} <= set(
        second.environment
    )
    assert second.cost_usd == pytest.approx(second.seconds)
    detail = project.experiments.show(first.id)
    assert detail.versions == (project.versions()[-1].id,)
    assert detail.classes == ("spam", "ham")
    assert detail.evaluation["confusion"].sum() == first.metrics["test_items"]
    assert detail.evaluation["count"].sum() == first.metrics["test_items"]


def test_a_run_is_named_by_the_start_of_its_id_or_by_its_step(project):
    first, second = runs(project)
    show = project.experiments.show
    assert show(first[:8]).run.id == first
    assert show(second).run.id == second
    assert show("train").run.id in (first, second)
    for name in ("", "xyz", "0" * 32):
        with pytest.raises(UnknownNameError, match="labelwright runs"):
            show(name)


def test_the_start_of_several_ids_names_none_of_them(project):
    ids = [run.id for run in project.experiments.runs(None)]
    starts = [id_[0] for id_ in ids]
    shared = next((start for start in starts if starts.count(start) > 1), None)
    if shared is None:
        pytest.skip("no two ids start alike")
    with pytest.raises(UnknownNameError, match=f"runs start with '{shared}'"):
        project.experiments.show(shared)


def test_a_comparison_names_what_differs_and_nothing_else(project):
    first, second = runs(project)
    found = project.experiments.compare(first, second)
    settings = {one.name: (one.first, one.second) for one in found.settings}
    assert settings["seed"] == (0, 3)
    assert settings["head.strength"] == (None, 100.0)
    assert {one.name for one in found.inputs} <= {"labels"}
    assert found.environment == ()
    accuracy = next(one for one in found.measures if one.name == "accuracy")
    assert accuracy.change == accuracy.second - accuracy.first
    pair = found.paired
    total = pair.both + pair.first + pair.second + pair.neither
    assert total == project.experiments.show(first).run.metrics["test_items"]
    assert found.differ is not None


def test_a_run_compared_with_itself_differs_in_nothing(project):
    found = project.experiments.compare(runs(project)[0], runs(project)[0])
    assert found.inputs == found.settings == found.environment == ()
    assert found.differ == 0
    assert found.paired.p == 1
    assert all(not one.change > 0 for one in found.measures)


def test_runs_that_predict_nothing_are_compared_by_their_inputs(project):
    step = project.experiments.runs("label")[0].id
    found = project.experiments.compare(step, runs(project)[0])
    assert found.differ is None
    assert found.paired is None
    assert any(one.name == "classes" for one in found.inputs)


def test_the_same_again_gives_the_same_to_the_last_bit_and_both_stay_on_record(project):
    run = runs(project)[0]
    before = project.experiments.show(run).run
    found = project.experiments.repeat(run)
    assert found.identical
    assert found.largest == 0
    assert found.changed == 0
    assert "to the last bit" in found.explanation[0]
    assert project.experiments.show(run).run == before
    assert project.experiments.show(found.again).run.inputs["run"] == run
    assert project.experiments.repeat(run).again != found.again


def test_new_items_and_answers_do_not_change_what_a_run_is_repeated_with(spare, tmp_path):
    project = spare
    run = runs(project)[-1]
    path = write_csv(tmp_path / "more.csv", rows(40, start=150))
    project.import_items(path, id="key", text="text", fields=("text",))
    project.answer("m3", "ham")
    project.vote()
    project.label()
    found = project.experiments.repeat(run)
    assert found.identical
    assert found.items == 150


def test_what_comes_out_differently_is_explained(spare):
    project = spare
    run = project.experiments.runs()[-1]
    store = project.workspace
    said = store.objects.get_arrays(run.outputs["prediction"])["probability"]
    elsewhere = {**run.environment, "numpy": "1.0", "dirty": "yes", "commit": "abc"}

    def claimed(prediction, where):
        digest = store.objects.put_arrays({"probability": prediction})
        changed = {**run.outputs, "prediction": digest}
        store.runs.record(replace(run, outputs=changed, environment=where))
        return project.experiments.repeat(run.id)

    other = claimed(said[:, ::-1].copy(), elsewhere)
    assert not other.identical
    assert other.changed == 150
    told = " ".join(other.explanation)
    assert "numpy 1.0 -> " in told
    assert "changed since commit abc" in told
    assert "another order" in " ".join(claimed(said + 1e-9, run.environment).explanation)
    unexplained = claimed(said + 0.1, project.experiments.show(other.again).run.environment)
    assert "not deterministic" in unexplained.explanation[0]


def test_what_is_no_training_or_of_an_older_release_cannot_be_repeated(spare):
    project = spare
    with pytest.raises(DataError, match="only a training"):
        project.experiments.repeat("label")
    run = project.experiments.runs()[-1]
    project.workspace.runs.record(without(run, "training"))
    with pytest.raises(NothingToDoError, match="--force"):
        project.experiments.repeat(run.id)


def test_training_again_by_force_computes_and_gives_the_same(spare):
    first = spare.train(seed=3)
    assert first.cached
    forced = spare.train(seed=3, force=True)
    assert not forced.cached
    assert forced.run.id == first.run.id
    assert np.array_equal(forced.prediction, first.prediction)


def test_without_a_known_test_item_a_run_has_no_measures_but_can_be_repeated(tmp_path):
    project = voted(tmp_path, 60)
    assert project.experiments.runs() == []
    run = project.train().run
    assert "accuracy" not in run.metrics
    assert project.experiments.show(run.id).evaluation == {}
    assert project.experiments.repeat(run.id).identical
    assert project.experiments.compare(run.id, run.id).paired is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_named_and_whether_files_differ_from_it(tmp_path):
    def git(*arguments):
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        command = ["git", *who, *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    assert "commit" not in environment(tmp_path)
    git("init")
    (tmp_path / "sources.py").write_text("x = 1\n")
    git("add", ".")
    git("commit", "-m", "first")
    clean = environment(tmp_path)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] == "no"
    (tmp_path / "sources.py").write_text("x = 2\n")
    assert environment(tmp_path)["dirty"] == "yes"


def test_the_command_line_lists_shows_compares_and_repeats(project, lw):
    folder = project.folder
    first, second = runs(project)
    assert first[:12] in lw("runs", "-p", folder).out
    listed = json.loads(lw("runs", "list", "-p", folder, "--json").out)
    assert [one["id"] for one in listed] == [first, second]
    assert "label" in lw("runs", "list", "--all", "-p", folder).out
    shown = lw("runs", "show", second[:10], "-p", folder).out
    for word in ("head", "numpy", "accuracy", "true class", "in no version"):
        assert word in shown
    assert json.loads(lw("runs", "show", "-p", folder, "--json").out)["id"] in (first, second)
    compared = lw("runs", "compare", first, second, "-p", folder).out
    assert "head.strength" in compared
    assert "environment: the same" in compared
    assert "McNemar" in compared
    again = lw("runs", "repeat", first, "-p", folder)
    assert again.code == 0, again.err
    assert "to the last bit" in again.out


def test_a_repetition_that_differs_exits_with_1(spare, lw):
    project = spare
    run = project.experiments.runs()[-1]
    digest = project.workspace.objects.put_arrays({"probability": np.full((150, 2), 0.5)})
    changed = {**run.outputs, "prediction": digest}
    project.workspace.runs.record(replace(run, outputs=changed))
    done = lw("runs", "repeat", "-p", project.folder)
    assert done.code == 1
    assert "probabilities differ by at most" in done.out
    told = json.loads(lw("runs", "repeat", "-p", project.folder, "--json").out)
    assert told["identical"] is False
