import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelwright.core.errors import DataError
from labelwright.core.items import RESERVED
from labelwright.formats import ImportSettings, items, read


@pytest.fixture
def load(tmp_path):
    def make(table, block_bytes=1 << 22, **options):
        path = tmp_path / "x.parquet"
        pq.write_table(pa.table(table), path)
        settings = ImportSettings(**options)
        batches = list(items(read(path, settings, block_bytes=block_bytes), settings))
        rows = [row for batch in batches for row in batch.items.to_pylist()]
        return rows, batches

    return make


def test_items_have_the_reserved_columns_then_the_fields(load):
    _, (batch,) = load({"a": [1], "b": ["x"]})
    names = [name for name in RESERVED if name != "_number"]
    assert batch.items.schema.names == [*names, "a", "b"]
    assert all(batch.items.schema.field(name).type == RESERVED[name] for name in names)


def test_without_a_key_the_content_hash_is_the_id(load):
    rows, _ = load({"a": [1, 1, 2]})
    assert [row["_id"] for row in rows] == [row["_hash"] for row in rows]
    assert rows[0]["_id"] == rows[1]["_id"] != rows[2]["_id"]


def test_key_gold_and_split_are_no_fields_and_no_part_of_the_hash(load):
    rows, (batch,) = load(
        {"k": [1, 2], "y": ["p", " "], "s": ["Train", None], "a": ["x", "x"]},
        id="k",
        gold="y",
        split="s",
    )
    assert [row["_id"] for row in rows] == ["1", "2"]
    assert [row["_split"] for row in rows] == ["train", ""]
    assert batch.gold.to_pylist() == ["p", " "]
    assert rows[0]["_hash"] == rows[1]["_hash"]
    assert set(rows[0]) - set(RESERVED) == {"a"}


def test_a_key_is_kept_as_a_field_where_asked(load):
    rows, _ = load({"k": ["1"], "a": ["x"]}, id="k", fields=("k", "a"))
    assert (rows[0]["_id"], rows[0]["k"], rows[0]["a"]) == ("1", "1", "x")


def test_a_file_with_nothing_but_keys_has_items(load):
    rows, _ = load({"k": ["1", "2"]}, id="k")
    assert [row["_id"] for row in rows] == ["1", "2"]


def test_ids_that_are_none_are_set_aside_with_the_reason(load):
    keys = ["a", None, "", "  ", "x" * 1024, "é" * 513, "y" * 10_000, "n\0l", "b"]
    rows, (batch,) = load({"k": keys, "n": list(range(9))}, id="k")
    assert [row["_id"] for row in rows] == ["a", "x" * 1024, "b"]
    assert [(reject.line, reject.reason) for reject in batch.rejects] == [
        (2, "the id is missing"),
        (3, "the id is empty"),
        (4, "the id is empty"),
        (6, "the id is longer than 1024 bytes"),
        (7, "the id is longer than 1024 bytes"),
        (8, "the id holds a NUL byte"),
    ]
    assert all(len(reject.excerpt) <= 200 for reject in batch.rejects)
    assert batch.line.tolist() == [1, 5, 9]
    assert len(batch.gold) == 3


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("train", "train"),
        (" VALIDATION", "valid"),
        ("val", "valid"),
        ("dev", "valid"),
        ("testing", "test"),
        ("", ""),
        (None, ""),
    ],
)
def test_usual_names_of_splits_are_understood(load, word, expected):
    rows, _ = load({"a": [1, 2], "s": pa.array([word, None], pa.string())}, split="s")
    assert rows[0]["_split"] == expected


def test_a_split_that_is_none_sets_the_row_aside(load):
    rows, (batch,) = load({"a": [1, 2], "s": ["fold7", "test"]}, split="s")
    assert [row["a"] for row in rows] == [2]
    assert "none of train, valid, test" in batch.rejects[0].reason


def test_shares_are_met_and_belong_to_the_id_alone(load):
    keys = [str(n) for n in range(10_000)]
    one, _ = load({"k": keys, "a": keys}, id="k", split="train=0.7,valid=0.1,test=0.2")
    other, _ = load({"k": keys[::-1], "b": keys}, 999, id="k", split="train=0.7,valid=0.1,test=0.2")
    splits = {row["_id"]: row["_split"] for row in one}
    assert splits == {row["_id"]: row["_split"] for row in other}
    counts = [list(splits.values()).count(name) for name in ("train", "valid", "test", "")]
    assert counts == pytest.approx([7000, 1000, 2000, 0], abs=150)
    assert counts[3] == 0


def test_shares_below_one_leave_items_without_a_split(load):
    rows, _ = load({"a": list(range(1000))}, split="test=0.1")
    assert [row["_split"] for row in rows].count("") == pytest.approx(900, abs=40)


def test_a_sample_of_a_share_is_the_same_every_time(load):
    table = {"a": list(range(2000))}
    one, batches = load(table, sample=0.25)
    other, _ = load(table, 640, sample=0.25)
    assert one == other
    assert len(one) == pytest.approx(500, abs=60)
    assert all(len(batch.gold) == batch.items.num_rows == len(batch.line) for batch in batches)


@pytest.mark.parametrize("count", [1, 10, 700, 5000])
def test_a_sample_of_a_number_has_that_many_in_the_order_of_the_file(load, count):
    table = {"a": list(range(2000))}
    one, _ = load(table, sample=count)
    other, _ = load(table, 640, sample=count)
    assert one == other
    assert len(one) == min(count, 2000)
    assert [row["a"] for row in one] == sorted(row["a"] for row in one)


def test_a_smaller_sample_is_part_of_a_larger_one(load):
    table = {"a": list(range(500))}
    small, large = (load(table, sample=count)[0] for count in (20, 100))
    assert {row["_id"] for row in small} < {row["_id"] for row in large}


def test_infinity_is_kept_and_counted_and_nan_is_no_news(load):
    rows, (batch,) = load({"x": [math.inf, -math.inf, math.nan, 1.0]})
    assert [row["x"] for row in rows][:2] == [math.inf, -math.inf]
    assert [(note.text, note.count) for note in batch.notes] == [
        ("column 'x' holds infinite numbers", 2)
    ]


def test_a_column_may_be_named_as_the_file_names_it(load):
    rows, (batch,) = load({"_id": ["k1"], "petal.length": [1.5], "y.": ["p"]}, id="_id", gold="y.")
    assert rows[0]["_id"] == "k1"
    assert rows[0]["petal_length"] == 1.5
    assert batch.gold.to_pylist() == ["p"]
    assert "id" not in rows[0]


def test_chunks_that_lack_a_named_column_are_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    with pytest.raises(DataError, match="setting id: there is no column 'b'"):
        list(items(read(path), ImportSettings(id="b")))
