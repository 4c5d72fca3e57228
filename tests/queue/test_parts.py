"""The parts under the strategies, and what tells when to stop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError, SettingsError
from labelwright.queue import Curve, StoppingRule
from labelwright.queue.clusters import cluster
from labelwright.queue.spread import Space


def rng(seed=0):
    return np.random.default_rng(seed)


def test_clusters_find_far_groups():
    member = np.repeat(np.arange(5), 40)
    points = (50 * np.eye(5)[member] + rng(1).normal(size=(200, 5))).astype(np.float32)
    label = cluster(points, 5, rng()).label
    assert len(set(zip(member.tolist(), label.tolist(), strict=True))) == 5


def test_there_are_no_more_clusters_than_distinct_points():
    points = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    assert len(np.unique(cluster(points, 8, rng()).label)) == 3


def test_a_large_pool_is_clustered_from_a_sample_in_chunks():
    member = rng(2).integers(0, 3, 60_000)
    points = (50 * np.eye(3)[member]).astype(np.float32)
    found = cluster(points, 3, rng())
    assert len(set(zip(member.tolist(), found.label.tolist(), strict=True))) == 3
    assert found.distance.max() < 1e-2


def test_novelty_tells_neighbours_apart_far_from_the_origin():
    points = (1e4 + rng().normal(size=(300, 8))).astype(np.float32)
    points[1] = points[0]
    space = Space.of(points, rng())
    novelty = space.novelty(np.array([1, 2]), np.array([0]))
    assert novelty[0] == 0
    assert novelty[1] > 0.3


def test_where_all_points_are_one_nothing_counts_as_repeated():
    space = Space.of(np.ones((4, 2), np.float32), rng())
    assert space.typical == 0
    assert space.novelty(np.array([1, 2]), np.array([0])).tolist() == [1, 1]


def test_predictions_have_settled_when_the_last_rounds_agree():
    rule = StoppingRule(kappa=0.99, rounds=3)
    assert not rule.settled([])
    assert not rule.settled([1.0, 1.0])
    assert not rule.settled([1.0, 0.9, 1.0])
    assert rule.settled([0.2, 0.99, 1.0, 0.99])
    assert not rule.settled([1.0, float("nan"), 1.0])


@pytest.mark.parametrize("wrong", [{"kappa": 1.5}, {"kappa": -0.1}, {"rounds": 0}])
def test_a_rule_that_cannot_be_met_is_refused(wrong):
    with pytest.raises(SettingsError):
        StoppingRule(**wrong)


def curve_of(points=(20, 40, 80, 160), tested=400, seed=0):
    """A curve through counts drawn from error = 0.05 + 1.5 / sqrt(answers)."""
    error = 0.05 + 1.5 / np.sqrt(points)
    return Curve.through(points, rng(seed).binomial(tested, error), [tested] * len(points))


def test_the_forecast_covers_the_truth_as_often_as_it_says():
    truth = 1 - (0.05 + 1.5 / np.sqrt(640))
    found = [curve_of(seed=seed).accuracy(640) for seed in range(40)]
    assert sum(f.low <= truth <= f.high for f in found) >= 32
    assert all(f.low <= f.value <= f.high for f in found)


def test_more_measurements_narrow_the_forecast():
    few, many = curve_of(tested=50).accuracy(640), curve_of(tested=5_000).accuracy(640)
    assert many.high - many.low < few.high - few.low


def test_the_forecast_of_answers_and_of_accuracy_are_inverse():
    curve = curve_of(tested=100_000)
    needed = curve.answers(0.85)
    assert abs(curve.accuracy(needed.value).value - 0.85) < 0.01
    assert abs(needed.value - 225) < 25


def test_what_cannot_be_reached_takes_for_ever():
    flat = Curve.through([10, 100, 1_000, 10_000], [300] * 4, [1_000] * 4)
    found = flat.answers(0.99)
    assert found.value == found.high == np.inf


def test_what_is_reached_from_the_start_takes_one_answer():
    assert Curve.through([10, 20], [1, 1], [1_000, 1_000]).answers(0.5).value == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=5))
def test_a_forecast_is_a_probability_whatever_was_counted(mistakes):
    counts = 10 * np.arange(1, len(mistakes) + 1)
    found = Curve.through(counts, mistakes, [50] * len(mistakes)).accuracy(1_000)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("answers", "mistakes", "tested"),
    [([1, 2], [1], [3, 3]), ([0], [1], [3]), ([1], [4], [3]), ([1], [-1], [3])],
)
def test_counts_that_cannot_be_are_refused(answers, mistakes, tested):
    with pytest.raises(DataError):
        Curve.through(answers, mistakes, tested)
