import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.judgement import NOTHING, Judgement
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.core.units import Units


def matrix(rows, units=4, sources=3, **more):
    unit, source, label = np.array(rows).reshape(-1, 3).T
    kinds = [SourceKind.PERSON] * sources
    return VoteMatrix.build(unit, source, label, units=units, classes=3, kinds=kinds, **more)


def units(**changes):
    """Two items: the first has units 0 and 1, the second 2 and 3."""
    given = {
        "matrix": matrix([(0, 0, 1), (0, 1, 2), (1, 0, 0), (2, 1, 1), (3, 2, 2)]),
        "item": np.array([0, 0, 1, 1]),
        "items": 2,
        "class_names": ("nothing", "cat", "dog"),
        "key": pa.array(["a", "b", "c", "d"]),
    }
    return Units(**(given | changes))


def test_leaving_sources_out_keeps_the_units():
    left = units().without(np.array([True, False, False]))
    assert left.matrix.units == 4
    np.testing.assert_array_equal(left.item, units().item)
    np.testing.assert_array_equal(left.matrix.covered, [True, False, True, True])


def test_what_several_say_is_one_class_or_none():
    everybody, first = np.ones(3, bool), np.array([True, False, False])
    np.testing.assert_array_equal(units().said_by(everybody), [-1, 0, 1, 2])
    np.testing.assert_array_equal(units().said_by(first), [1, 0, -1, -1])


def test_a_partial_vote_says_no_one_class():
    partial = matrix([(0, 0, 3), (1, 0, 1)], subsets=[[True, True, False]])
    np.testing.assert_array_equal(units(matrix=partial).said_by(np.ones(3, bool)), [-1, 1, -1, -1])


def test_the_truth_is_what_guests_say():
    assert units().truth.tolist() == [-1] * 4
    guests = matrix([(1, 0, 2), (2, 0, 1), (2, 1, 1)], sources=2)
    assert units(guests=guests).truth.tolist() == [-1, 2, 1, -1]


def test_units_that_only_a_guest_named_are_no_part_of_a_fit():
    all_of = units()
    assert all_of.to_fit() is all_of.matrix
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    weighed = matrix([(0, 0, 1), (1, 0, 0), (3, 2, 2)], weight=weight)
    alone = np.array([False, True, False, False])
    fit = units(matrix=weighed, guests_only=alone).to_fit()
    assert fit.units == 3
    np.testing.assert_array_equal(fit.unit, [0, 2])
    np.testing.assert_array_equal(fit.weight, [1, 3, 4])
    plain = units(guests_only=alone).to_fit()
    np.testing.assert_array_equal(plain.unit, [0, 0, 1, 2])
    assert plain.weight is None


def test_one_value_an_item_is_the_least_the_most_or_the_sum_of_its_units():
    value = np.array([0.5, 0.25, 1.0, 2.0])
    assert units().to_items(value, "least").tolist() == [0.25, 1]
    assert units().to_items(value, "most").tolist() == [0.5, 2]
    assert units().to_items(value, "sum").tolist() == [0.75, 3]
    assert units(head_names=("",)).to_items(value, "sum") is value
    none = units(matrix=matrix([], units=0), item=np.zeros(0, int), items=0)
    assert none.to_items(value[:0], "sum").tolist() == []


def test_the_units_of_some_items_are_numbered_anew():
    guests = matrix([(1, 0, 2), (3, 0, 1)], sources=1)
    alone = np.array([False, True, False, True])
    weighed = matrix([(0, 0, 1), (2, 0, 0), (3, 2, 2)], weight=np.arange(1.0, 5))
    second = units(matrix=weighed, guests=guests, guests_only=alone).of_items(1, 2)
    assert (second.items, second.matrix.units) == (1, 2)
    np.testing.assert_array_equal(second.item, [0, 0])
    np.testing.assert_array_equal(second.matrix.unit, [0, 1])
    np.testing.assert_array_equal(second.matrix.weight, [3, 4])
    assert second.truth.tolist() == [-1, 1]
    assert second.guests_only.tolist() == [False, True]
    assert second.key.to_pylist() == ["c", "d"]
    single = units(key=None, head_names=("",)).of_items(0, 1)
    assert single.single
    assert single.heads == 1
    assert single.guests is None


def test_beliefs_name_the_most_probable_class():
    chances = np.array([[0.2, 0.5, 0.3], [1, 0, 0], [0, 0, 1], [0.4, 0.4, 0.2]])
    found = units().beliefs(chances, np.ones(4, bool), np.array([0.9, 0.8, 0.7]))
    assert found.label.tolist() == [1, 0, 2, 0]
    assert found.confidence.tolist() == [0.5, 1, 1, 0.4]
    assert (found.items, found.class_names) == (2, ("nothing", "cat", "dog"))


@pytest.fixture
def judgement():
    """Item 0: a cat found, a dog missed. Item 2: a dog made up. Item 1 has no piece at all."""
    return Judgement(
        item=np.array([0, 0, 2]),
        said=np.array([0, NOTHING, 1], np.int16),
        truth=np.array([0, 1, NOTHING], np.int16),
        confidence=np.array([0.9, 0, 0.8], np.float32),
        overlap=np.ones(3, np.float32),
        weight=np.ones(3),
        class_names=("cat", "dog"),
    )


def test_a_missed_piece_and_a_made_up_one_are_wrong(judgement):
    assert judgement.right.tolist() == [True, False, False]


def test_an_item_is_right_if_no_piece_of_it_is_wrong(judgement):
    assert judgement.right_items(np.array([0, 1, 2, 3])).tolist() == [False, True, False, True]
