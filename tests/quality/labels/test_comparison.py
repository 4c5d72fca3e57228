"""Several label models side by side."""

import json

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.posterior import Posterior
from labelwright.quality import compare_labels, undecided


def posterior(rows, covered=None):
    rows = np.asarray(rows, float)
    return Posterior(rows, np.ones(len(rows), bool) if covered is None else np.array(covered))


SURE = posterior([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], [True, True, False])
OTHER = posterior([[0.8, 0.2], [0.9, 0.1], [0.5, 0.5]], [True, True, False])


def test_coverage_balance_and_agreement_are_of_covered_units():
    found = compare_labels({"a": SURE, "b": OTHER}, classes=("x", "y"))
    np.testing.assert_allclose(found.coverage, 2 / 3)
    np.testing.assert_allclose(found.balance, [[0.5, 0.5], [1, 0]])
    np.testing.assert_allclose(found.agreement, [[1, 0.5], [0.5, 1]])
    assert found.disputed.tolist() == [1]
    assert found.label.tolist() == [[0, 1, -1], [0, 0, -1]]
    assert np.isnan(found.accuracy).all()


def test_methods_are_held_against_the_truth_with_intervals():
    found = compare_labels({"a": SURE, "b": OTHER}, classes=("x", "y"), truth=[0, 1, 1])
    assert found.judged.tolist() == [2, 2]
    assert found.accuracy.tolist() == [1, 0.5]
    assert ((found.low <= found.accuracy) & (found.accuracy <= found.high)).all()
    other = compare_labels({"a": SURE}, classes=("x", "y"), truth=[0, 1, 1], judged={"a": OTHER})
    assert other.accuracy.tolist() == [0.5]


def test_what_is_told_is_json_and_a_frame():
    found = compare_labels({"a": SURE, "b": OTHER}, classes=("x", "y"), truth=[0, 1, -1])
    told = found.to_dict()
    json.dumps(told, allow_nan=False)
    assert told["agreement"]["a"] == {"a": 1.0, "b": 0.5}
    assert told["units_that_differ"] == 1
    frame = found.to_frame()
    assert frame["method"].to_list() == ["a", "b"]
    assert frame["share_x"].to_list() == [0.5, 1.0]
    assert compare_labels({"a": SURE}, classes=("x", "y")).rows()[0]["accuracy"] is None


def test_the_most_disputed_unit_comes_first():
    one = posterior([[0.55, 0.45], [1, 0], [0.9, 0.1]])
    two = posterior([[0.45, 0.55], [0, 1], [0.9, 0.1]])
    found = compare_labels({"a": one, "b": two}, classes=("x", "y"))
    assert found.disputed.tolist() == [1, 0]
    assert found.dispute[1] == pytest.approx(1)
    assert found.dispute[2] == pytest.approx(0)


def test_labels_that_are_ties_are_counted_as_undecided():
    tie = posterior([[0.5, 0.5], [0.4, 0.6], [0.5, 0.5]], [True, True, False])
    assert undecided(tie).tolist() == [True, False, False]
    assert compare_labels({"a": tie}, classes=("x", "y")).undecided.tolist() == [0.5]


def test_one_class_is_never_undecided():
    assert undecided(posterior([[1.0]])).tolist() == [False]
    assert compare_labels({"a": posterior([[1.0]])}, classes=("x",)).dispute.tolist() == [0]


def test_no_units_at_all():
    found = compare_labels({"a": posterior(np.zeros((0, 2)))}, classes=("x", "y"))
    assert found.coverage.tolist() == [0]
    assert np.isnan(found.agreement[0, 0])


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError):
        compare_labels({}, classes=("x",))
    with pytest.raises(DataError):
        compare_labels({"a": SURE, "b": posterior([[1, 0]])}, classes=("x", "y"))
    with pytest.raises(DataError, match="2 classes"):
        compare_labels({"a": SURE}, classes=("x",))
