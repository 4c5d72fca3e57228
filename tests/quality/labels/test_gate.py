"""The comparison of two models on the same items."""

import numpy as np
import pytest
from scipy import stats

from labelwright.core.errors import DataError
from labelwright.quality import Verdict, compare_models


def pair(both, only_old, only_new, neither):
    """What two models get right: so many items of each kind."""
    old = [1] * both + [1] * only_old + [0] * only_new + [0] * neither
    new = [1] * both + [0] * only_old + [1] * only_new + [0] * neither
    return old, new


def compared(*counts, **settings):
    return compare_models(*pair(*counts), np.random.default_rng(0), **settings)


@pytest.mark.parametrize(
    ("counts", "verdict", "strictly", "else_"),
    [
        ((400, 5, 60, 35), Verdict.BETTER, True, True),
        ((900, 0, 0, 100), Verdict.NOT_WORSE, True, True),
        ((80, 8, 8, 4), Verdict.UNCLEAR, False, True),
        ((80, 10, 6, 4), Verdict.SEEMS_WORSE, False, False),
        ((400, 60, 5, 35), Verdict.WORSE, False, False),
    ],
)
def test_a_model_passes_by_what_the_interval_shows(counts, verdict, strictly, else_):
    found = compared(*counts, tolerance=0.01)
    assert found.verdict is verdict
    assert found.passes(strict=True) is strictly
    assert found.passes(strict=False) is else_


def test_the_numbers_are_those_of_the_pairs():
    found = compared(50, 7, 3, 40)
    assert (found.items, found.gained, found.lost) == (100, 3, 7)
    assert (found.old, found.new) == (0.57, 0.53)
    assert found.low < -0.04 < found.high
    assert found.p == pytest.approx(stats.binomtest(3, 10).pvalue)
    assert 0.05 < found.noticed < 0.12
    assert compared(5, 0, 0, 5).p == 1.0


def test_a_shown_loss_within_the_tolerance_is_no_reason_to_refuse():
    assert compared(9000, 40, 10, 950, tolerance=0.02).verdict is Verdict.NOT_WORSE


def test_models_that_were_not_judged_on_the_same_items_are_refused():
    with pytest.raises(DataError):
        compare_models([1], [1, 0], np.random.default_rng(0))
    with pytest.raises(DataError):
        compare_models([], [], np.random.default_rng(0))
