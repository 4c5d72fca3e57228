"""Trust is a posterior: a prior that test questions move."""

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.quality import trust


def test_nobody_tested_is_what_is_expected_of_anybody():
    found = trust([0], [0], expected=0.8, strength=2)
    assert found.value == pytest.approx([0.8])
    assert found.low[0] < 0.3


def test_more_test_questions_narrow_the_interval_around_the_share():
    few, many = trust([8], [10]), trust([800], [1_000])
    assert many.value == pytest.approx([0.8], abs=0.001)
    assert many.high - many.low < few.high - few.low
    assert few.low < few.value < few.high


def test_the_interval_covers_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(0)
    accuracy = draw.beta(1.6, 0.4, 2_000)
    found = trust(draw.binomial(12, accuracy), np.full(2_000, 12))
    inside = (found.low <= accuracy) & (accuracy <= found.high)
    assert 0.93 < inside.mean() < 0.97


@pytest.mark.parametrize(
    ("right", "tested", "settings"),
    [
        ([2], [1], {}),
        ([-1], [1], {}),
        ([1, 1], [1], {}),
        ([1], [1], {"expected": 1.0}),
        ([1], [1], {"strength": 0}),
        ([1], [1], {"level": 1.0}),
    ],
)
def test_nonsense_is_refused(right, tested, settings):
    with pytest.raises(DataError):
        trust(right, tested, **settings)
