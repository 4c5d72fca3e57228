"""Labelwright's label models behind crowd-kit's interface, and the door of every aggregator."""

import numpy as np
import pandas as pd
import pytest

from compat.crowds import COLUMNS, a_crowd
from labelwright.compat import crowdkit
from labelwright.compat.crowdkit import Aggregator, aggregation
from labelwright.labelmodels import MODELS, by_name

CROWDKIT = (
    aggregation.MajorityVote, aggregation.Wawa, aggregation.ZeroBasedSkill,
    aggregation.DawidSkene, aggregation.OneCoinDawidSkene, aggregation.MACE, aggregation.GLAD,
)  # fmt: skip


@pytest.fixture
def crowd():
    return a_crowd()


def test_what_aggregation_has_can_be_imported_from_the_top_too():
    for name in crowdkit.__all__:
        assert getattr(crowdkit, name) is getattr(aggregation, name)


@pytest.mark.parametrize("method", MODELS)
def test_every_label_model_answers_as_crowd_kit_does(method, crowd):
    table, truth = crowd
    model = Aggregator(method)
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
    assert np.allclose(model.errors_.groupby("worker").sum(), 1)
    assert model.fit(table) is model
    assert model.labels_.equals(model.fit_predict(table.sample(frac=1, random_state=2)))


def test_the_default_is_that_of_labelwright(crowd):
    table, _ = crowd
    assert repr(Aggregator()) == f"Aggregator({by_name('source_kinds')})"
    assert Aggregator().fit(table).labels_.equals(Aggregator("source_kinds").fit(table).labels_)


def test_true_labels_decide_where_they_are_given(crowd):
    table, truth = crowd
    known = truth.head(5).map({"yes": "no", "no": "yes"})
    further = pd.concat([known, pd.Series({"other": "maybe"})])
    for model in (Aggregator("dawid_skene"), aggregation.DawidSkene()):
        labels = model.fit_predict(table, further)
        assert (labels[known.index] == known).all()
        with pytest.raises(ValueError, match="'maybe', a label that no worker gave"):
            model.fit(table, pd.Series({"t0": "maybe"}))
        for wrong in ({"t0": "no"}, pd.Series(["no", "no"], ["t0", "t0"])):
            with pytest.raises(ValueError, match="Series indexed by task"):
                model.fit(table, wrong)
    assert len(Aggregator("dawid_skene").fit(table, known).skills_) == 4


def test_names_of_any_type_come_back_as_they_were():
    rows = [(1, 2.5, True), (1, "w", True), (0, 2.5, False), (0, "w", False)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    for kind in (Aggregator, aggregation.Wawa, aggregation.OneCoinDawidSkene):
        model = kind()
        assert model.fit_predict(table).to_dict() == {0: False, 1: True}
        assert list(model.skills_.index) == [2.5, "w"]


def test_one_label_is_certain():
    table = pd.DataFrame([("t", "w", "only")], columns=COLUMNS)
    for model in (*map(Aggregator, MODELS), *(kind() for kind in CROWDKIT)):
        assert model.fit_predict_proba(table).to_dict() == {"only": {"t": pytest.approx(1.0)}}


def test_no_votes_give_empty_results():
    empty = pd.DataFrame({"task": [], "worker": [], "label": []})
    model = Aggregator().fit(empty)
    assert [len(each) for each in (model.labels_, model.probas_, model.skills_, model.priors_,
                                   model.errors_)] == [0] * 5  # fmt: skip
    for kind in (*CROWDKIT, aggregation.KOS):
        assert len(kind().fit_predict(empty)) == 0
    gold = aggregation.GoldMajorityVote().fit(empty, pd.Series({"a": "yes"}))
    assert (len(gold.skills_), len(gold.predict(empty))) == (0, 0)


def test_steps_are_called_n_iter_and_other_settings_by_name():
    model = by_name("dawid_skene", steps=7, own=2.0)
    assert repr(Aggregator("dawid_skene", 7, own=2.0)) == f"Aggregator({model})"
    with pytest.raises(ValueError, match="takes no steps"):
        Aggregator("majority_vote", 5)
    with pytest.raises(ValueError, match="no setting 'tol'"):
        Aggregator("dawid_skene", tol=1e-3)
    with pytest.raises(LookupError, match="unknown label model 'dawid'"):
        Aggregator("dawid", 5)


@pytest.mark.parametrize("kind", [*CROWDKIT, Aggregator, aggregation.KOS, aggregation.MMSR])
def test_a_table_without_a_column_is_a_key_error_that_names_it(kind, crowd):
    table, _ = crowd
    for column in COLUMNS:
        with pytest.raises(KeyError) as refused:
            kind().fit_predict(table.drop(columns=column))
        assert isinstance(refused.value, ValueError)
        assert str(refused.value).startswith(f"the table has no column '{column}'")


def test_what_is_no_table_of_votes_is_refused(crowd):
    table, _ = crowd
    for wrong in ({"task": 1, "worker": 1, "label": 1}, 3):
        with pytest.raises(ValueError, match="DataFrame with the columns task, worker, label"):
            Aggregator().fit(wrong)
    gap = pd.DataFrame([("t", "w", None), ("t", "v", "a")], columns=COLUMNS)
    with pytest.raises(ValueError, match="column 'label' has 1 empty"):
        aggregation.MajorityVote().fit(gap)
    with pytest.raises(ValueError, match="two votes"):
        Aggregator().fit(pd.concat([table, table]))


def test_those_who_extend_a_base_define_fit():
    for base in (aggregation.base.BaseClassificationAggregator,
                 aggregation.base.BaseImageSegmentationAggregator):  # fmt: skip
        with pytest.raises(NotImplementedError, match="must define fit"):
            base().fit_predict(None)
