"""Masks as run lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from labelwright.core.errors import AnswerError
from labelwright.core.runs import mask_of, run_lengths, runs_of

SIDES = st.integers(0, 12)


@given(arrays.arrays(bool, st.tuples(SIDES, SIDES)))
def test_a_mask_comes_back_from_its_runs(mask):
    np.testing.assert_array_equal(mask_of(runs_of(mask), *mask.shape), mask)


@given(arrays.arrays(bool, st.tuples(SIDES, SIDES)))
def test_only_the_first_run_may_be_empty(mask):
    lengths = run_lengths(runs_of(mask))
    assert lengths.sum() == mask.size
    assert np.all(lengths[1:] > 0)


def test_the_first_run_is_outside():
    assert list(runs_of(np.array([[False, True], [True, False]]))) == [1, 2, 1]
    assert list(runs_of(np.array([[True]]))) == [0, 1]


def test_a_long_run_takes_one_byte_for_every_seven_bits():
    runs = runs_of(np.zeros((1000, 1000), bool))
    assert list(runs) == [0b11000000, 0b10000100, 0b00111101]
    assert run_lengths(runs).tolist() == [1_000_000]


def test_a_disc_of_half_a_megapixel_takes_a_few_kilobytes():
    y, x = np.ogrid[:512, :512]
    runs = runs_of((x - 256) ** 2 + (y - 256) ** 2 < 200**2)
    assert len(runs) < 1_600


@pytest.mark.parametrize("runs", [b"\x80", b"\x01\xff", b"\x80\x80\x80\x80\x80\x01", b"\x03"])
def test_damaged_runs_are_refused(runs):
    with pytest.raises(AnswerError):
        mask_of(runs, 1, 2)
