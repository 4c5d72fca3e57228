"""Intervals against published numbers, and the estimate from a random share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.errors import DataError
from labelwright.quality import accuracy_of_all, bootstrap, clopper_pearson, jeffreys, wilson

EVERY = [wilson, jeffreys, clopper_pearson]

# R. G. Newcombe: Two-sided confidence intervals for the single proportion. Statistics in Medicine
# 17(8), 1998, table I. https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
HITS, TRIALS = [81, 15, 0, 1], [263, 148, 20, 29]


def test_wilson_gives_newcombes_table():
    found = wilson(HITS, TRIALS)
    np.testing.assert_allclose(found.low, [0.2553, 0.0624, 0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(found.high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_clopper_pearson_gives_newcombes_table():
    found = clopper_pearson(HITS, TRIALS)
    np.testing.assert_allclose(found.low, [0.2527, 0.0578, 0, 0.0009], atol=5e-5)
    np.testing.assert_allclose(found.high, [0.3676, 0.1617, 0.1684, 0.1776], atol=5e-5)


def test_jeffreys_is_the_middle_of_its_beta_distribution():
    from scipy.stats import beta

    found = jeffreys([3, 10], [20, 20], 0.9)
    np.testing.assert_allclose(found.low, beta.ppf(0.05, [3.5, 10.5], [17.5, 10.5]))
    np.testing.assert_allclose(found.high, beta.ppf(0.95, [3.5, 10.5], [17.5, 10.5]))


@pytest.mark.parametrize("interval", EVERY)
@given(trials=st.integers(0, 10**7), share=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_an_interval_holds_its_estimate_and_stays_within_0_and_1(interval, trials, share, level):
    hits = int(share * trials)
    found = interval(hits, trials, level)
    estimate = hits / trials if trials else 0.5
    assert 0 <= found.low <= estimate + 1e-12
    assert estimate - 1e-12 <= found.high <= 1


@pytest.mark.parametrize("interval", EVERY)
def test_without_trials_anything_is_possible(interval):
    found = interval(0, 0)
    assert (float(found.low), float(found.high)) == (0, 1)


@pytest.mark.parametrize("interval", EVERY)
@pytest.mark.parametrize(
    ("hits", "trials", "level"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1), (1, 2, 0), (np.nan, 2, 0.9)]
)
def test_numbers_that_cannot_be_are_refused(interval, hits, trials, level):
    with pytest.raises(DataError):
        interval(hits, trials, level)


def test_the_bootstrap_of_a_mean_is_near_the_normal_interval():
    values = np.random.default_rng(0).normal(size=400)
    found = bootstrap(lambda rows: values[rows].mean(), 400, np.random.default_rng(1))
    reach = 1.96 * values.std() / 20
    np.testing.assert_allclose(
        [found.low, found.high], [values.mean() - reach, values.mean() + reach], atol=0.02
    )


def test_the_bootstrap_of_nothing_is_refused():
    with pytest.raises(DataError):
        bootstrap(lambda rows: 0.0, 0, np.random.default_rng(0))
    with pytest.raises(DataError):
        bootstrap(lambda rows: 0.0, 3, np.random.default_rng(0), level=2)


def test_answers_drawn_with_unequal_probability_estimate_all_items():
    rng = np.random.default_rng(0)
    chance = np.where(np.arange(2_000) < 1_000, 0.02, 0.2)
    right = rng.random(2_000) < np.where(np.arange(2_000) < 1_000, 0.9, 0.5)
    estimates, covered = [], 0
    for _ in range(400):
        drawn = rng.random(2_000) < chance
        found = accuracy_of_all(right[drawn], chance[drawn])
        estimates.append(found.value)
        covered += found.low <= right.mean() <= found.high
    plain = right[rng.random(2_000) < chance].mean()
    assert abs(np.mean(estimates) - right.mean()) < 0.01
    assert abs(plain - right.mean()) > 0.1
    assert covered >= 0.92 * 400


def test_with_equal_probability_the_estimate_is_the_mean_and_its_interval_wilsons():
    found = accuracy_of_all([1, 1, 0, 1], [1e-9] * 4)
    expected = wilson(3, 4)
    assert found.value == 0.75
    assert found.answers == 4
    np.testing.assert_allclose(
        [found.effective, found.low, found.high], [4, expected.low, expected.high]
    )


def test_all_items_asked_leaves_nothing_to_estimate():
    found = accuracy_of_all([1, 0], [1, 1])
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_no_answers_tell_nothing():
    found = accuracy_of_all([], [])
    assert np.isnan(found.value)
    assert (found.low, found.high, found.answers) == (0, 1, 0)


@pytest.mark.parametrize(
    ("correct", "chance"), [([1], [0.5, 0.5]), ([1], [0]), ([1], [1.5]), ([0.5], [0.5]), (1, 0.5)]
)
def test_answers_that_make_no_sense_are_refused(correct, chance):
    with pytest.raises(DataError):
        accuracy_of_all(correct, chance)
