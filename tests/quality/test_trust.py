"""How far confidences can be trusted."""

import numpy as np
import pytest

from labelwright.quality import calibration


def sample(items, off=0.0, seed=0):
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.6, 0.95, items)
    right = rng.random(items) < sure - off
    return np.stack([sure, 1 - sure], axis=1), (~right).astype(int), rng


def test_calibrated_confidences_are_called_so():
    called = [not calibration(*sample(300, seed=seed)).trustworthy for seed in range(60)]
    assert np.mean(called) < 0.15


def test_over_confidence_is_found_and_its_size_is_in_the_interval():
    inside = []
    for seed in range(60):
        found = calibration(*sample(1_000, 0.1, seed))
        assert not found.trustworthy
        assert "over-confident" in found.sentence()
        inside.append(found.error_low <= 0.1 <= found.error_high)
    assert np.mean(inside) > 0.85


def test_the_sentence_says_what_chance_would_make():
    found = calibration(*sample(100))
    assert "no more than chance makes of 100 items" in found.sentence()
    assert found.error_low == 0 <= found.error <= found.error_high


def test_under_confidence_is_told_from_over_confidence():
    assert "under-confident" in calibration(*sample(2_000, -0.05)).sentence()


def test_every_bin_has_its_interval():
    found = calibration(*sample(500))
    assert found.table.count.sum() == found.items == 500
    assert ((found.low <= found.table.accuracy) & (found.table.accuracy <= found.high)).all()
    assert found.accuracy == pytest.approx(
        np.average(found.table.accuracy, weights=found.table.count)
    )


def test_nothing_verified_is_not_distrusted():
    found = calibration([[0.5, 0.5]], [-1], np.random.default_rng(0))
    assert found.items == 0
    assert np.isnan(found.error)
    assert found.trustworthy
