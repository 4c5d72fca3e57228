"""Equal content has one hash, one row at a time or by the batch."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.items import (
    HASH,
    ID,
    MEDIA,
    NUMBER,
    Item,
    content_hash,
    content_hashes,
    user_fields,
)

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(),
    st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    st.binary(),
    st.lists(st.integers(0, 9), max_size=3),
)
ROWS = st.dictionaries(st.text(min_size=1, max_size=5).filter(lambda n: n[0] != "_"), VALUES)


@given(ROWS, st.none() | st.binary())
def test_a_row_hashes_as_it_does_in_a_batch(fields, media):
    columns = {name: pa.array([value]) for name, value in fields.items()}
    columns[MEDIA] = pa.array([media], pa.large_binary())
    batch = pa.RecordBatch.from_pydict(columns)
    assert content_hashes(batch).to_pylist() == [content_hash(fields, media)]


@given(ROWS)
def test_the_order_of_fields_and_null_fields_do_not_count(fields):
    present = {name: value for name, value in fields.items() if value is not None}
    assert content_hash(dict(reversed(fields.items()))) == content_hash(present)


def test_type_and_media_are_part_of_the_content():
    values = [1, 1.0, True, "1", b"1", [1], date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)]
    hashes = {content_hash({"f": value}) for value in values}
    assert len(hashes) == len(values)
    assert len({content_hash({}), content_hash({}, b""), content_hash({}, b"x")}) == 3


def test_fields_do_not_run_together():
    assert content_hash({"a": "b", "c": "d"}) != content_hash({"a": "bc", "": "d"})
    assert content_hash({"a": "1", "b": "2"}) != content_hash({"a": "12", "b": ""})


def test_every_nan_is_one_and_zero_has_no_sign():
    assert content_hash({"f": float("nan")}) == content_hash({"f": -np.nan})
    assert content_hash({"f": 0.0}) == content_hash({"f": -0.0})


def test_equal_rows_of_a_batch_have_equal_hashes_and_others_do_not():
    batch = pa.RecordBatch.from_pydict({ID: ["a", "b", "c"], "x": [1.5, None, 1.5]})
    first, second, third = content_hashes(batch).to_pylist()
    assert first == third != second


def test_times_hash_by_the_instant_and_by_having_a_zone():
    naive = pa.array([datetime(2026, 1, 1)], pa.timestamp("ns"))  # noqa: DTZ001 under test
    zoned = pa.array([datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("ms", "UTC"))
    hashes = [content_hashes(pa.RecordBatch.from_pydict({"t": t}))[0].as_py() for t in
              (naive, naive.cast(pa.timestamp("s")), zoned)]  # fmt: skip
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_batch_without_the_users_fields_has_the_hash_of_nothing():
    batch = pa.RecordBatch.from_pydict({ID: ["a", "b"]})
    assert content_hashes(batch).to_pylist() == [content_hash({})] * 2


def test_the_users_fields_are_those_that_are_not_reserved():
    schema = pa.schema([(NUMBER, pa.int64()), ("b", pa.string()), (HASH, pa.string()), ("a", "f8")])
    assert user_fields(schema) == ["b", "a"]


@pytest.mark.parametrize("field", ["id", "split"])
def test_an_item_never_changes(field):
    with pytest.raises(AttributeError):
        setattr(Item("a"), field, "b")
