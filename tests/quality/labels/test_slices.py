"""Slices: what is worse is found, what only looks worse among many is not."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import fisher_exact

from labelwright.core.errors import DataError
from labelwright.quality import Facet, facet_by_mark, facet_by_size, facet_of, worst_slices
from labelwright.quality.labels.slices import Slices


def test_a_slice_that_is_worse_is_found_first_with_its_counts():
    rng = np.random.default_rng(0)
    shop = rng.integers(5, size=1_000)
    wrong = rng.random(1_000) < np.where(shop == 3, 0.4, 0.1)
    found = worst_slices(wrong, [Facet("shop", tuple("abcde"), shop)])
    first = found.worst[0]
    assert (first.facet, first.value, first.worse) == ("shop", "d", True)
    assert first.items == (shop == 3).sum()
    assert first.wrong == (wrong & (shop == 3)).sum()
    assert first.low < first.error < first.high
    assert found.error == wrong.mean()
    assert not any(one.worse for one in found.worst[1:])


def test_the_test_is_fishers_and_the_correction_counts_every_slice():
    wrong = np.arange(100) < 20
    code = np.where(np.arange(100) < 30, 0, 1)
    table = [[20, 10], [0, 70]]
    expected = fisher_exact(table, alternative="greater").pvalue
    found = worst_slices(wrong, [Facet("a", ("x", "y"), code)])
    assert found.looked_at == 2
    assert found.worst[0].p == pytest.approx(2 * expected)


def test_of_many_slices_without_a_difference_none_is_called_worse_in_19_of_20_worlds():
    alarms = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        facets = [Facet(f"f{n}", tuple("abcde"), rng.integers(5, size=300)) for n in range(10)]
        found = worst_slices(rng.random(300) < 0.2, facets)
        alarms += any(one.worse for one in found.worst)
    assert alarms <= 16  # 10 are allowed on the mean; the test is exact, so it stays below


def test_all_intervals_hold_together():
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        facets = [Facet(f"f{n}", tuple("abcd"), rng.integers(4, size=200)) for n in range(5)]
        found = worst_slices(rng.random(200) < 0.2, facets, most=100)
        held += all(one.low <= 0.2 <= one.high for one in found.worst)
    assert held >= 188


def test_small_slices_whole_ones_and_repeated_ones_are_left_out():
    wrong = np.arange(40) < 10
    code = np.where(np.arange(40) < 15, 0, 1)
    facets = [
        Facet("all", ("every",), np.zeros(40, np.int64)),
        Facet("few", ("three",), np.where(np.arange(40) < 3, 0, -1)),
        Facet("one", ("first", "rest"), code),
        Facet("again", ("same", "others"), code),
    ]
    found = worst_slices(wrong, facets)
    assert [one.facet for one in found.worst] == ["one"]
    assert found.looked_at == 2


def test_without_items_slices_or_errors_there_is_nothing_to_see():
    nothing = worst_slices(np.zeros(0, bool), [Facet("a", ("x",), np.zeros(0, np.int64))])
    assert nothing == Slices(0, 0, 0, ())
    assert np.isnan(nothing.error)
    code = np.arange(60) % 2
    assert worst_slices(np.zeros(60, bool), [Facet("a", ("x", "y"), code)]).worst == ()


def test_a_facet_of_other_items_is_refused():
    with pytest.raises(DataError, match="'day' cuts 3 items, but there are 2"):
        worst_slices([True, False], [Facet("day", ("x",), np.zeros(3, np.int64))])


def test_a_column_of_few_values_is_cut_by_them_and_its_gaps_are_a_slice():
    facet = facet_of("land", pa.array(["at", "de", None, "at", "de", None, "at"]))
    assert facet.values == ("at", "de", "missing")
    assert facet.code.tolist() == [0, 1, 2, 0, 1, 2, 0]
    chunked = facet_of("land", pa.chunked_array([["at", "at"], ["de", "de"]]))
    assert chunked.code.tolist() == [0, 0, 1, 1]


def test_values_that_come_once_or_are_too_many_are_no_slices():
    column = pa.array(["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["d"])
    facet = facet_of("letter", column, values=2)
    assert facet.values == ("a", "b")
    assert facet.code.tolist() == [0] * 5 + [1] * 3 + [-1] * 3


def test_texts_that_all_differ_are_cut_by_their_length():
    facet = facet_of("body", pa.array(["x" * n for n in range(1, 9)]))
    assert facet.name == "length of body"
    assert facet.values[:4] == ("1 to 2", "3 to 4", "5 to 6", "7 to 8")
    assert facet.code.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_yes_and_no_are_cut_by_value_even_where_they_differ_everywhere():
    assert facet_of("new", pa.array([True, False])).code.tolist() == [-1, -1]
    assert facet_of("new", pa.array([True, False, True, False])).values == ("true", "false")


def test_numbers_are_cut_into_parts_of_equal_size_but_few_numbers_are_values():
    facet = facet_of("age", pa.array([float(n) for n in range(100)] + [None]))
    assert np.bincount(facet.code).tolist() == [25, 25, 25, 25, 1]
    assert facet.values[0] == "0 to 24"
    assert facet.values[-1] == "missing"
    assert facet_of("stars", pa.array([1, 2, 1, 2, 5, 5])).values == ("1", "2", "5")


def test_numbers_that_are_mostly_equal_or_missing_still_make_parts():
    assert facet_by_size("n", [1, 1, 1, 1, 1, 1]).values == ("1 to 1", "missing")
    facet = facet_by_size("n", [0] * 9 + [5])
    assert facet.values == ("0 to 0", "5 to 5", "missing")
    assert facet_by_size("n", [np.nan, np.nan]).values == ("missing",)


def test_other_types_are_cut_by_whether_they_are_given():
    facet = facet_of("tags", pa.array([["a"], None, []]))
    assert facet.values == ("missing", "given")
    assert facet.code.tolist() == [1, 0, 1]


def test_a_mark_is_one_slice():
    facet = facet_by_mark("source", "voted", [True, False])
    assert facet.values == ("voted",)
    assert facet.code.tolist() == [0, -1]
