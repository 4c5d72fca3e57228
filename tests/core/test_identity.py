"""Equal values have equal names, other values have other names."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.identity import digest
from labelwright.core.source import SourceKind
from labelwright.core.task import Task

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS,
    lambda children: st.lists(children) | st.dictionaries(st.text() | st.integers(), children),
    max_leaves=10,
)


def spelled(value):
    """Type and content, so that 1, 1.0 and True differ as they do for `digest`."""
    if isinstance(value, list):
        return ("list", tuple(spelled(child) for child in value))
    if isinstance(value, dict):
        return ("dict", frozenset((spelled(k), spelled(v)) for k, v in value.items()))
    return (type(value), repr(value))


@given(VALUES, VALUES)
def test_names_are_equal_exactly_when_values_are(one, other):
    assert (digest(one) == digest(other)) == (spelled(one) == spelled(other))


@given(VALUES)
def test_a_name_is_32_hexadecimal_characters(value):
    assert len(digest(value)) == 32
    assert int(digest(value), 16) >= 0


@given(st.dictionaries(st.text(), SCALARS))
def test_the_order_of_a_mapping_does_not_count(mapping):
    backwards = dict(reversed(mapping.items()))
    assert digest(mapping) == digest(backwards)


@given(st.lists(st.integers()))
def test_a_list_and_a_tuple_have_one_name_and_a_set_another(values):
    assert digest(values) == digest(tuple(values))
    assert digest(set(values)) == digest(frozenset(values[::-1]))
    assert digest(set(values)) != digest(values)


def test_numpy_scalars_are_the_numbers_that_they_hold():
    assert digest(np.int64(3)) == digest(3)
    assert digest(np.float64(0.5)) == digest(0.5)
    assert digest(np.bool_(True)) == digest(True)


def test_type_shape_and_content_of_arrays_count():
    array = np.arange(6)
    same = np.arange(12)[::2] // 2
    assert digest(array) == digest(same)
    others = [array.reshape(2, 3), array.astype(np.int32), array + 1, array.tolist()]
    assert len({digest(other) for other in [array, *others]}) == 5


def test_every_nan_is_one():
    assert digest(float("nan")) == digest(-float("nan"))
    assert digest(0.0) != digest(-0.0)


def test_a_dataclass_is_its_class_and_its_fields():
    @dataclass
    class Point:
        x: int

    one = Point(1)

    @dataclass
    class Place:
        x: int

    assert digest(one) == digest(Point(1))
    assert len({digest(v) for v in (one, Point(2), Place(1), {"x": 1})}) == 4


def test_enumerations_are_their_values():
    class Colour(Enum):
        RED = "red"

    assert digest(Colour.RED) == digest("red")
    assert digest(SourceKind.GOLD) == digest("gold")


def test_pieces_do_not_run_together():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest([["a"], "b"]) != digest(["a", ["b"]])
    assert digest({"a": None}) != digest({})


def test_dates_and_times_differ_by_zone():
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 a naive time is under test
    assert len({digest(v) for v in (date(2026, 1, 1), naive, naive.replace(tzinfo=UTC))}) == 3


def test_lone_surrogates_have_a_name():
    assert digest("\ud800") != digest("\ud801")


def test_bytes_of_any_type_are_one():
    assert digest(b"ab") == digest(bytearray(b"ab")) == digest(memoryview(b"ab"))


class Pair(NamedTuple):
    x: int
    y: int


def test_a_named_tuple_is_a_sequence():
    assert digest(Pair(1, 2)) == digest((1, 2))


@pytest.mark.parametrize("value", [object(), print, Task, 1j, [lambda: 0]])
def test_what_cannot_be_read_is_refused(value):
    with pytest.raises(TypeError, match="cannot name a"):
        digest(value)


def test_another_process_gives_the_same_name():
    value = {"set": {"a", "b", "c"}, "task": ["x", 1, 2.5]}
    code = f"from labelwright.core.identity import digest; print(digest({value!r}))"
    names = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert names == {digest(value)}
