"""Agreement against the worked examples of the literature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.quality import cohen_kappa, fleiss_kappa, krippendorff_alpha


def matrix_of(*observers):
    """One row of digits an observer, one column a unit, a dot where there is no vote."""
    codes = [[-1 if digit == "." else int(digit) - 1 for digit in row] for row in observers]
    return VoteMatrix.from_dense(np.array(codes).T, classes=5)


# K. Krippendorff: Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, 2011,
# examples A, B and C. https://repository.upenn.edu/handle/20.500.14332/2089


def test_alpha_of_two_observers_and_two_classes():
    assert round(krippendorff_alpha(matrix_of("1211111121", "2221121111")), 3) == 0.095


def test_alpha_of_two_observers_and_five_classes():
    assert round(krippendorff_alpha(matrix_of("112243335441", "212223335444")), 3) == 0.692


def test_alpha_of_four_observers_with_votes_missing():
    observers = "123321412...", "1233224125.3", ".3332342251.", "12332441251."
    assert round(krippendorff_alpha(matrix_of(*observers)), 3) == 0.743


def test_alpha_without_two_votes_on_a_unit_is_not_known():
    assert np.isnan(krippendorff_alpha(matrix_of("12.", "..1")))


def test_alpha_of_one_class_is_not_known():
    assert np.isnan(krippendorff_alpha(matrix_of("111", "111")))


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_alpha_is_1_for_copies_and_about_0_for_dice(seed):
    rng = np.random.default_rng(seed)
    votes = rng.integers(0, 4, 500)
    votes[:2] = [0, 1]
    assert krippendorff_alpha(VoteMatrix.from_dense(np.stack([votes] * 3, axis=1))) == 1
    dice = VoteMatrix.from_dense(rng.integers(0, 4, (500, 3)), classes=4)
    assert abs(krippendorff_alpha(dice)) < 0.15


def test_alpha_depends_on_neither_names_of_classes_nor_order():
    rng = np.random.default_rng(0)
    dense = rng.integers(-1, 3, (60, 4))
    renamed = np.array([2, 0, 1, -1])[dense][::-1, ::-1]
    found = [krippendorff_alpha(VoteMatrix.from_dense(d, classes=3)) for d in (dense, renamed)]
    assert found[0] == pytest.approx(found[1])


def test_cohens_kappa_of_a_two_by_two_table():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.7, expected 0.5.
    first = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    second = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_cohens_kappa_counts_items_that_both_voted_on():
    assert cohen_kappa([0, 1, -1, 0], [0, 1, 1, -1]) == 1


def test_cohens_kappa_is_that_of_scikit_learn():
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, (2, 200))
    second[:80] = first[:80]
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_kappa_of_nothing_or_of_one_class_is_not_known():
    assert np.isnan(cohen_kappa([], []))
    assert np.isnan(cohen_kappa([1, 1], [1, 1]))
    assert np.isnan(fleiss_kappa(np.zeros((0, 2))))
    assert np.isnan(fleiss_kappa([[3, 0], [3, 0]]))


def test_kappa_of_items_that_differ_is_refused():
    with pytest.raises(DataError):
        cohen_kappa([1, 0], [1])


def test_fleiss_kappa_of_ten_items_and_fourteen_raters():
    # The worked example of https://en.wikipedia.org/wiki/Fleiss%27_kappa
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert round(fleiss_kappa(counts), 3) == 0.21


@pytest.mark.parametrize("counts", [[[1, 2], [1, 1]], [[1, 0], [0, 1]], [1, 2]])
def test_fleiss_kappa_refuses_uneven_tables(counts):
    with pytest.raises(DataError):
        fleiss_kappa(counts)
