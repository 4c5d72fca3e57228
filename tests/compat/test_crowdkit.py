"""crowd-kit's interface on every label model there is."""

import numpy as np
import pandas as pd
import pytest

from labelwright.compat import crowdkit
from labelwright.compat.crowdkit import AGGREGATORS, DawidSkene, MajorityVote
from labelwright.labelmodels import MODELS, by_name


@pytest.fixture
def crowd():
    rng = np.random.default_rng(3)
    truth = {f"t{number}": "yes" if number % 3 else "no" for number in range(60)}
    rows = [
        (task, f"w{worker}", label if rng.random() < right else rng.choice(["no", "yes"]))
        for task, label in truth.items()
        for worker, right in enumerate([0.95, 0.8, 0.7, 0.3])
    ]
    table = pd.DataFrame(rows, columns=["task", "worker", "label"]).sample(frac=1, random_state=1)
    return table, pd.Series(truth)


def test_there_is_a_class_for_every_label_model():
    assert sorted(each.method for each in AGGREGATORS.values()) == sorted(MODELS)
    assert set(AGGREGATORS) < set(crowdkit.__all__)
    assert crowdkit.MACE.method == "mace"


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_class_answers_as_crowd_kit_does(name, crowd):
    table, truth = crowd
    model = getattr(crowdkit, name)()
    labels = model.fit_predict(table)
    assert (labels.name, labels.index.name) == ("agg_label", "task")
    assert (labels == truth[labels.index]).mean() > 0.8
    probabilities = model.fit_predict_proba(table)
    assert (probabilities.index.name, probabilities.columns.name) == ("task", "label")
    assert list(probabilities.columns) == ["no", "yes"]
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.idxmax(axis=1) == model.labels_).all()
    assert (model.skills_.name, model.skills_.index.name) == ("skill", "worker")
    assert list(model.skills_.index) == ["w0", "w1", "w2", "w3"]
    assert (model.priors_.name, model.priors_.index.name) == ("prior", "label")
    assert model.priors_.sum() == pytest.approx(1)
    assert model.errors_.index.names == ["worker", "label"]
    assert list(model.errors_.columns) == ["no", "yes"]
    sums = model.errors_.groupby("worker").sum()
    assert np.allclose(sums, 1)
    assert model.fit(table) is model
    assert model.labels_.equals(model.fit_predict(table.sample(frac=1, random_state=2)))


def test_errors_are_what_workers_say_given_the_truth(crowd):
    table, _ = crowd
    errors = DawidSkene().fit(table).errors_
    assert errors.loc[("w0", "no"), "no"] > errors.loc[("w3", "no"), "no"]
    assert errors.loc[("w0", "yes"), "no"] == pytest.approx(1 - errors.loc[("w0", "no"), "no"])


def test_true_labels_decide_where_they_are_given(crowd):
    table, truth = crowd
    known = truth.head(5).map({"yes": "no", "no": "yes"})
    labels = DawidSkene().fit_predict(table, pd.concat([known, pd.Series({"other": "maybe"})]))
    assert (labels[known.index] == known).all()
    model = DawidSkene().fit(table, known)
    assert len(model.skills_) == 4
    with pytest.raises(ValueError, match="'maybe', a label that no worker gave"):
        DawidSkene().fit(table, pd.Series({"t0": "maybe"}))
    for wrong in ({"t0": "no"}, pd.Series(["no", "no"], ["t0", "t0"])):
        with pytest.raises(ValueError, match="Series indexed by task"):
            DawidSkene().fit(table, wrong)


def test_names_of_any_type_come_back_as_they_were():
    rows = [(1, 2.5, True), (1, "w", True), (0, 2.5, False), (0, "w", False)]
    table = pd.DataFrame(rows, columns=["task", "worker", "label"])
    model = DawidSkene().fit(table)
    assert model.labels_.to_dict() == {0: False, 1: True}
    assert list(model.skills_.index) == [2.5, "w"]


def test_one_label_is_certain():
    table = pd.DataFrame([("t", "w", "only")], columns=["task", "worker", "label"])
    for model in AGGREGATORS.values():
        assert model().fit_predict_proba(table).to_dict() == {"only": {"t": 1.0}}


def test_no_votes_give_empty_results():
    model = MajorityVote().fit(pd.DataFrame({"task": [], "worker": [], "label": []}))
    assert [len(each) for each in (model.labels_, model.probas_, model.skills_, model.priors_,
                                   model.errors_)] == [0] * 5  # fmt: skip


def test_steps_are_called_n_iter_and_other_settings_by_name():
    assert repr(DawidSkene(7, own=2.0)) == f"DawidSkene({by_name('dawid_skene', steps=7, own=2.0)})"
    with pytest.raises(ValueError, match="takes no steps"):
        MajorityVote(5)
    with pytest.raises(ValueError, match="no setting 'tol'"):
        DawidSkene(tol=1e-3)


def test_tables_that_cannot_be_are_refused(crowd):
    table, _ = crowd
    for wrong in (table.drop(columns="label"), {"task": 1, "worker": 1, "label": 1}, 3):
        with pytest.raises(ValueError, match="DataFrame with the columns task, worker, label"):
            MajorityVote().fit(wrong)
    with pytest.raises(ValueError, match="column 'label' has 1 empty"):
        MajorityVote().fit(pd.DataFrame([("t", "w", None), ("t", "v", "a")], columns=table.columns))
    with pytest.raises(ValueError, match="two votes"):
        MajorityVote().fit(pd.concat([table, table]))
