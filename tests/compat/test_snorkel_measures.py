"""Measures of label matrices and predictions, against their definitions."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from labelwright.compat.snorkel.utils import (
    filter_labels,
    preds_to_probs,
    probs_to_preds,
    to_int_label_array,
)

from labelwright.compat.snorkel.analysis import (
    Scorer,
    get_label_buckets,
    get_label_instances,
    metric_score,
)
from labelwright.compat.snorkel.labeling import LabelingFunction, LFAnalysis

MATRICES = arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 5)),
                  elements=st.integers(-1, 2))  # fmt: skip


@given(MATRICES, st.data())
def test_every_measure_is_what_its_definition_says(labels, data):
    gold = data.draw(arrays(np.int64, len(labels), elements=st.integers(0, 2)))
    found = LFAnalysis(labels)
    items = [[label for label in row if label >= 0] for row in labels.tolist()]
    assert found.label_coverage() == np.mean([len(row) > 0 for row in items])
    assert found.label_overlap() == np.mean([len(row) > 1 for row in items])
    assert found.label_conflict() == np.mean([len(set(row)) > 1 for row in items])
    for j, column in enumerate(labels.T):
        voted = column >= 0
        overlap = [v and len(row) > 1 for v, row in zip(voted, items, strict=True)]
        conflict = [v and len(set(row)) > 1 for v, row in zip(voted, items, strict=True)]
        assert found.lf_polarities()[j] == sorted(set(column[voted].tolist()))
        assert found.lf_coverages()[j] == voted.mean()
        assert found.lf_overlaps()[j] == np.mean(overlap)
        assert found.lf_conflicts()[j] == np.mean(conflict)
        per_vote = np.mean(np.array(overlap)[voted]) if voted.any() else 0
        assert found.lf_overlaps(normalize_by_coverage=True)[j] == pytest.approx(per_vote)
        per_overlap = sum(conflict) / sum(overlap) if any(overlap) else 0
        assert found.lf_conflicts(normalize_by_overlaps=True)[j] == pytest.approx(per_overlap)
        right = np.mean(column[voted] == gold[voted]) if voted.any() else 0
        assert found.lf_empirical_accuracies(gold)[j] == pytest.approx(right)
        for y in set(gold.tolist()):
            of_class = column[gold == y]
            shares = [np.mean(of_class == label) for label in (-1, 0, 1, 2)]
            assert found.lf_empirical_probs(gold, 3)[j, :, y].tolist() == pytest.approx(shares)


def test_the_summary_has_snorkels_columns():
    labels = np.array([[1, -1, 0], [1, 0, -1], [1, 1, -1]])
    functions = [LabelingFunction(name, int) for name in "abc"]
    plain = LFAnalysis(labels).lf_summary()
    assert list(plain.columns) == ["Polarity", "Coverage", "Overlaps", "Conflicts"]
    assert list(plain.index) == [0, 1, 2]
    full = LFAnalysis(labels, functions).lf_summary(np.array([1, 0, -1]), [0.1, 0.2, 0.3])
    assert list(full.columns) == ["j", *plain.columns, "Correct", "Incorrect", "Emp. Acc.",
                                  "Learned Weight"]  # fmt: skip
    assert list(full.index) == ["a", "b", "c"]
    assert full["Correct"].tolist() == [1, 1, 0]
    assert full["Incorrect"].tolist() == [1, 0, 1]
    assert full["Emp. Acc."].tolist() == pytest.approx([1 / 3, 1 / 2, 0])
    assert full.loc["c", "Polarity"] == [0]


def test_classes_without_gold_have_no_probabilities():
    probs = LFAnalysis([[0], [-1]]).lf_empirical_probs(np.array([0, 0]), 2)
    assert probs[0, :, 0].tolist() == [0.5, 0.5, 0.0]
    assert np.isnan(probs[0, :, 1]).all()


def test_no_items_have_no_shares():
    empty = LFAnalysis(np.zeros((0, 2), int))
    assert (empty.label_coverage(), empty.lf_overlaps().tolist()) == (0, [0, 0])
    assert isinstance(empty.lf_summary(), pd.DataFrame)


def test_what_is_no_label_matrix_is_refused():
    with pytest.raises(ValueError, match="start at -1"):
        LFAnalysis([[-2]])
    with pytest.raises(ValueError, match="1 functions, but 2 columns"):
        LFAnalysis([[0, 1]], [LabelingFunction("a", int)])
    with pytest.raises(ValueError, match="Y has 2 labels, but L has 1 rows"):
        LFAnalysis([[0, 1]]).lf_empirical_accuracies([0, 1])


def test_ties_break_as_the_policy_says():
    probs = np.array([[0.5, 0.5], [0.9, 0.1], [0.5, 0.5 + 1e-7], [0.5, 0.5]])
    assert probs_to_preds(probs, "abstain").tolist() == [-1, 0, -1, -1]
    lot = [int(hashlib.sha1(str(i).encode()).hexdigest(), 16) % 2 for i in range(4)]
    assert probs_to_preds(probs).tolist() == [lot[0], 0, lot[2], lot[3]]
    drawn = {tuple(probs_to_preds(probs, "true-random")) for _ in range(100)}
    assert len(drawn) == 8
    assert probs_to_preds(probs, "abstain", tol=1e-9).tolist() == [-1, 0, 1, -1]
    with pytest.raises(ValueError, match="did you mean 'random'"):
        probs_to_preds(np.eye(2), "randon")
    with pytest.raises(ValueError, match="at least two classes"):
        probs_to_preds(np.ones((3, 1)))


def test_labels_become_probabilities_unless_they_abstain():
    assert preds_to_probs(np.array([[1], [0]]), 2).tolist() == [[0, 1], [1, 0]]
    for labels in ([-1], [2]):
        with pytest.raises(ValueError, match=r"abstention|must lie in 0\.\.1"):
            preds_to_probs(np.array(labels), 2)


def test_labels_are_whole_numbers_in_one_column():
    assert to_int_label_array(np.array([[1.0]])).tolist() == [1]
    assert to_int_label_array(np.array([[1.0]]), flatten_vector=False).tolist() == [[1]]
    for wrong in ([0.5], ["a"], [[1, 2]], [np.nan]):
        with pytest.raises(ValueError, match="labels must be"):
            to_int_label_array(np.array(wrong))


def test_filters_keep_arrays_aligned():
    arrays_ = {"golds": np.array([-1, 0, 1]), "preds": np.array([0, 0, -1]), "probs": None}
    kept = filter_labels(arrays_, {"golds": [-1], "preds": [-1], "other": [3]})
    assert (kept["golds"].tolist(), kept["preds"].tolist(), kept["probs"]) == ([0], [0], None)
    assert filter_labels(arrays_, {})["golds"].tolist() == [-1, 0, 1]


def test_scores_leave_out_what_is_unknown_or_abstained():
    gold, labels = np.array([1, 0, -1, 1]), np.array([1, 1, 1, -1])
    probs = np.array([[0.1, 0.9], [0.6, 0.4], [0, 1], [0.5, 0.5]])
    names = ["accuracy", "coverage", "precision", "recall", "f1", "f1_micro", "f1_macro",
             "matthews_corrcoef", "roc_auc"]  # fmt: skip
    scores = Scorer(names, {"mine": lambda golds, preds, probs: {"n": len(golds)}}).score(
        gold, labels, probs
    )
    assert list(scores) == [*names, "n"]
    assert (scores["accuracy"], scores["coverage"], scores["recall"]) == (0.5, 0.75, 1.0)
    assert (scores["roc_auc"], scores["n"]) == (1.0, 4)
    assert Scorer(["accuracy"], abstain_label=None).score(gold, labels) == {"accuracy": 0.25}
    assert metric_score(gold[:2], labels[:2], metric="fbeta", beta=2.0) == pytest.approx(5 / 6)


def test_scores_that_cannot_be_are_refused():
    one = np.array([1])
    for golds, preds, probs, metric, message in (
        ([], one, None, "accuracy", "no gold"),
        (one, -one, None, "accuracy", "both gold and a prediction"),
        (one, one, None, "roc_auc", "needs probs"),
        (one, one, np.eye(3)[:1], "roc_auc", "two classes"),
        (2 * one, one, None, "f1", "take f1_micro"),
    ):
        with pytest.raises(ValueError, match=message):
            Scorer([metric]).score(golds, preds, probs)
    with pytest.raises(ValueError, match="unknown metric 'acuracy'"):
        Scorer(["acuracy"])
    with pytest.raises(ValueError, match="filter_dict: unknown 'gold'"):
        metric_score(one, one, filter_dict={"gold": [1]})


def test_buckets_hold_the_rows_of_each_combination():
    gold, labels, x = np.array([0, 1, 1, 0]), np.array([0, 0, 0, 1]), np.array(list("abcd"))
    buckets = get_label_buckets(gold, labels)
    assert {key: rows.tolist() for key, rows in buckets.items()} == {
        (0, 0): [0], (0, 1): [3], (1, 0): [1, 2],
    }  # fmt: skip
    assert get_label_instances((1, 0), x, gold, labels).tolist() == ["b", "c"]
    with pytest.raises(ValueError, match="one label of the bucket per array"):
        get_label_instances((1,), x, gold, labels)
    with pytest.raises(ValueError, match="as long as each other"):
        get_label_buckets(gold, labels[:1])
