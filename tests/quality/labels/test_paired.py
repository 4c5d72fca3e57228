"""Two models on the same items."""

import pytest
from scipy.stats import binomtest

from labelwright.core.errors import DataError
from labelwright.quality import paired


def test_only_items_that_tell_them_apart_count():
    first = [True] * 20 + [True] * 9 + [False] * 3 + [False] * 8
    second = [True] * 20 + [False] * 9 + [True] * 3 + [False] * 8
    found = paired(first, second)
    assert (found.both, found.first, found.second, found.neither) == (20, 9, 3, 8)
    assert found.p == pytest.approx(binomtest(3, 12).pvalue)


def test_equal_models_and_no_items_differ_by_nothing():
    assert paired([True, False], [True, False]).p == 1
    assert paired([], []).both == 0
    assert paired([True, False], [False, True]).p == 1


def test_other_items_are_refused():
    with pytest.raises(DataError, match="same items"):
        paired([True], [True, False])
