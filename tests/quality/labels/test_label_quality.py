"""Labels and probabilities against truth, and what they cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source, SourceKind
from labelwright.quality import (
    Wage,
    brier_score,
    calibration_error,
    label_quality,
    labelling_cost,
    log_loss,
    reliability,
)


@settings(max_examples=40, deadline=None)  # the first call imports scikit-learn
@given(st.integers(2, 5), st.integers(1, 80), st.integers(0, 10**6))
def test_label_quality_is_what_scikit_learn_says(classes, items, seed):
    from sklearn.metrics import precision_recall_fscore_support

    rng = np.random.default_rng(seed)
    truth, labels = rng.integers(0, classes, (2, items))
    found = label_quality(labels, truth, classes=classes)
    present = np.union1d(truth, labels)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, labels, labels=present, zero_division=np.nan
    )
    np.testing.assert_allclose(found.precision[present], precision)
    np.testing.assert_allclose(found.recall[present], recall)
    np.testing.assert_allclose(found.f1[present], f1)
    np.testing.assert_array_equal(found.support[present], support)
    assert found.f1_macro == pytest.approx(f1.mean())
    assert found.accuracy == pytest.approx((truth == labels).mean())
    low, high = found.accuracy_interval()
    assert low <= found.accuracy <= high


def test_an_undecided_item_is_wrong_but_no_false_alarm():
    found = label_quality([0, -1, 1, 1], [0, 0, 1, 0])
    assert found.undecided.tolist() == [1, 0]
    assert found.confusion.tolist() == [[1, 1], [0, 1]]
    assert found.accuracy == 0.5
    assert found.coverage == 0.75
    assert found.precision.tolist() == [1, 0.5]
    assert found.recall.tolist() == [1 / 3, 1]


def test_items_without_truth_or_left_out_are_not_judged():
    assert label_quality([0, 1, 1], [0, -1, 0]).items == 2
    assert label_quality([0, 1, 1], [0, 1, 0], covered=[True, True, False]).accuracy == 1


def test_soft_labels_and_posteriors_count_as_their_most_probable_class():
    soft = np.array([[0.9, 0.1, 0], [0.2, 0.3, 0.5]])
    for labels in (soft, Posterior(soft, np.ones(2, bool))):
        assert label_quality(labels, [0, 2]).accuracy == 1
        assert label_quality(labels, [0, 2]).confusion.shape == (3, 3)


def test_classes_that_occur_nowhere_have_no_score():
    found = label_quality([0, 1], [0, 1], classes=3)
    assert np.isnan(found.f1[2])
    assert found.f1_macro == 1


def test_without_items_nothing_is_known():
    for empty in (np.zeros(0, int), np.zeros((0, 2))):
        found = label_quality(empty, np.zeros(0, int))
        assert np.isnan([found.accuracy, found.coverage, found.f1_macro]).all()


def test_labels_that_do_not_fit_the_truth_are_refused():
    with pytest.raises(DataError):
        label_quality([0, 1], [0])
    with pytest.raises(DataError):
        label_quality([0, 3], [0, 1], classes=2)


def test_equal_width_bins_are_open_below_and_closed_above():
    rows = np.array([[0.6, 0.4], [0.60001, 0.39999], [0.7, 0.3], [1.0, 0.0]])
    found = reliability(rows, [0, 1, 0, 0], bins=10)
    assert found.count.tolist() == [1, 2, 1]
    np.testing.assert_allclose(found.accuracy, [1, 0.5, 1])
    by_hand = (1 * 0.4 + 2 * abs(0.5 - 0.650005) + 0) / 4
    assert found.error == pytest.approx(by_hand)
    assert found.worst == pytest.approx(0.4)


def test_equal_mass_bins_hold_as_many_items_each_and_keep_ties_together():
    confidence = np.array([0.51, 0.6, 0.7, 0.8, 0.9, 0.95])
    rows = np.stack([confidence, 1 - confidence], axis=1)
    assert reliability(rows, np.zeros(6, int), bins=3, binning="mass").count.tolist() == [2, 2, 2]
    tied = np.full((6, 2), 0.5)
    assert reliability(tied, np.zeros(6, int), bins=3, binning="mass").count.tolist() == [6]


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_probabilities_that_mean_what_they_say_have_no_calibration_error(binning):
    rng = np.random.default_rng(0)
    rows = rng.dirichlet([1, 1, 1], 100_000)
    truth = (rng.random(100_000)[:, None] > rows.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    assert calibration_error(rows, truth, binning=binning) < 0.01
    sharpened = rows**3 / (rows**3).sum(axis=1, keepdims=True)
    assert calibration_error(sharpened, truth, binning=binning) > 0.1


@given(st.integers(0, 10**6), st.integers(1, 30), st.sampled_from(["width", "mass"]))
def test_calibration_error_lies_between_0_and_the_worst_gap(seed, bins, binning):
    rng = np.random.default_rng(seed)
    rows, truth = rng.dirichlet([1, 1], 20), rng.integers(-1, 2, 20)
    truth[0] = 1
    found = reliability(rows, truth, bins=bins, binning=binning)
    assert 0 <= found.error <= found.worst + 1e-12
    assert found.count.sum() == (truth >= 0).sum()


def test_log_loss_and_brier_score_by_hand():
    rows = [[0.8, 0.2], [0.5, 0.5], [1.0, 0.0]]
    assert log_loss(rows, [0, 1, -1]) == pytest.approx(-(np.log(0.8) + np.log(0.5)) / 2)
    assert brier_score(rows, [0, 1, -1]) == pytest.approx((0.08 + 0.5) / 2)
    assert log_loss([[1.0, 0.0]], [1]) == pytest.approx(-np.log(1e-12))


def test_without_truth_calibration_is_not_known():
    rows, truth = np.full((2, 2), 0.5), [-1, -1]
    found = reliability(rows, truth)
    values = [found.error, found.worst, log_loss(rows, truth), brier_score(rows, truth)]
    assert np.isnan(values).all()


@pytest.mark.parametrize(
    ("rows", "truth", "bins"), [([0.5], [0], 5), ([[0.5, 0.5]], [2], 5), ([[0.5, 0.5]], [0], 0)]
)
def test_probabilities_that_do_not_fit_are_refused(rows, truth, bins):
    with pytest.raises(DataError):
        reliability(rows, truth, bins=bins)


def test_cost_adds_the_wages_of_people_and_the_price_of_votes():
    sources = [
        Source("rule", SourceKind.RULE),
        Source("ann", SourceKind.PERSON),
        Source("bob", SourceKind.PERSON, seconds=10),
        Source("llm", SourceKind.PROMPT, cost_usd=0.01, seconds=2),
    ]
    found = labelling_cost(
        sources, [1_000, 20, 10, 500], 1_000, wage=Wage(36), seconds=[np.nan, 500, np.nan, 900]
    )
    assert found.votes == {SourceKind.RULE: 1_000, SourceKind.PERSON: 30, SourceKind.PROMPT: 500}
    assert found.person_seconds == 600
    assert found.usd == pytest.approx(600 * 0.01 + 5)
    assert found.by_hand_seconds == pytest.approx(1_000 * 20)
    assert found.by_hand_usd == pytest.approx(200)
    assert found.time_saved == pytest.approx(1 - 600 / 20_000)
    assert found.money_saved == pytest.approx(1 - 11 / 200)


def test_gold_costs_what_its_source_says():
    free, dear = Source("gold", SourceKind.GOLD), Source("gold", SourceKind.GOLD, seconds=30)
    assert labelling_cost([free], [10], 100, wage=Wage()).person_seconds == 0
    found = labelling_cost([dear], [10], 100, wage=Wage())
    assert found.person_seconds == 300
    assert found.by_hand_seconds == 2_000


def test_with_nothing_to_do_by_hand_nothing_can_be_saved():
    found = labelling_cost([], [], 0, wage=Wage())
    assert found.usd == 0
    assert np.isnan([found.time_saved, found.money_saved]).all()


@pytest.mark.parametrize(
    ("votes", "items", "seconds"),
    [([1, 2], 1, None), ([-1], 1, None), ([1], -1, None), ([1], 1, [-1])],
)
def test_counts_that_cannot_be_are_refused(votes, items, seconds):
    with pytest.raises(DataError):
        labelling_cost([Source("ann", "person")], votes, items, wage=Wage(), seconds=seconds)


@pytest.mark.parametrize("wage", [{"usd_per_hour": -1}, {"seconds_per_answer": float("nan")}])
def test_a_wage_that_cannot_be_is_refused(wage):
    with pytest.raises(DataError):
        Wage(**wage)
