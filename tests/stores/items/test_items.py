import math
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError, StorageError, UnknownNameError
from labelwright.core.items import HASH, ID, MEDIA, MEDIA_URI, NUMBER, SPLIT, Arrival
from labelwright.stores import LanceItems
from labelwright.stores.items.item_columns import column_of, field_of
from labelwright.stores.items.item_index import ItemIndex, Meeting, _compare, _Run
from labelwright.testing.stores import (
    check_items_are_append_only,
    check_items_come_back,
    check_take_agrees_with_scan,
)

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3)


def batch(ids, hashes=None, **fields):
    columns = {ID: list(ids), HASH: [f"h-{id_}" for id_ in ids] if hashes is None else hashes}
    return pa.record_batch(columns | fields)


@st.composite
def batches(draw):
    schema = pa.schema(
        [
            (ID, pa.string()),
            (HASH, pa.string()),
            (SPLIT, pa.string()),
            (MEDIA, pa.large_binary()),
            ("the text.", pa.string()),
            ("n", pa.int64()),
            ("x", pa.float64()),
            ("tags", pa.list_(pa.string())),
        ]
    )
    row = st.tuples(
        KEYS,
        st.sampled_from(["h1", "h2"]),
        st.sampled_from(["", "train"]),
        st.none() | st.binary(max_size=8),
        st.none() | TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(),
        st.none() | st.lists(st.none() | TEXT, max_size=2),
    )
    drawn = draw(st.lists(st.lists(row, max_size=5), min_size=1, max_size=4))
    return [
        pa.RecordBatch.from_arrays(
            [
                pa.array([each[place] for each in rows], field.type)
                for place, field in enumerate(schema)
            ],
            schema=schema,
        )
        for rows in drawn
    ]


@pytest.fixture
def items(tmp_path):
    return LanceItems(tmp_path / "items.lance")


@pytest.fixture
def new_items(tmp_path):
    made = iter(range(10_000))
    return lambda: LanceItems(tmp_path / f"items-{next(made)}.lance")


@QUICK
@given(batches())
def test_what_was_written_is_read_back(new_items, drawn):
    check_items_come_back(new_items(), drawn)


@QUICK
@given(batches())
def test_items_are_only_ever_added(new_items, drawn):
    check_items_are_append_only(new_items(), drawn)


@QUICK
@given(st.data())
def test_take_agrees_with_scan(new_items, data):
    store = new_items()
    store.append([batch("abc"), batch("defgh")])
    numbers = data.draw(st.lists(st.integers(0, 7), max_size=12))
    check_take_agrees_with_scan(store, numbers, data.draw(st.integers(0, 9)))


def test_a_store_without_items_is_empty_and_makes_no_file(items):
    assert items.count() == 0
    assert list(items.scan()) == []
    assert items.schema().names == [NUMBER, ID, SPLIT, HASH, MEDIA, MEDIA_URI]
    assert items.find(["a"]).tolist() == [-1]
    assert items.take(np.array([], np.int64)).num_rows == 0
    assert items.append([]) == Arrival(0, 0)
    assert items.append([batch([])]) == Arrival(0, 0)
    assert not items.compact()
    assert not items.path.exists()


def test_a_second_import_of_the_same_file_changes_nothing(items):
    offered = [batch("ab", t=["x", "y"]), batch("cd", t=["z", None])]
    assert items.append(offered) == Arrival(4, 0)
    version = items._table.version()
    assert items.append(offered) == Arrival(0, 4)
    assert LanceItems(items.path).append(offered) == Arrival(0, 4)
    assert items._table.version() == version


def test_an_id_with_other_content_is_a_conflict_and_the_first_content_stays(items):
    items.append([batch("ab", ["1", "2"], t=["first", "second"])])
    arrival = items.append([batch("acc", ["other", "3", "4"], t=["no", "third", "no"])])
    assert arrival == Arrival(1, 0, ((0, "a"), (2, "c")))
    assert items.take(np.array([0, 2]), ["t"])["t"].to_pylist() == ["first", "third"]


def test_numbers_have_no_gaps_and_are_found_by_id(items):
    items.append([batch("abc"), batch("bcd")])
    items.append([batch("dae")])
    assert items.find(["e", "a", "nobody", "d", "a", ""]).tolist() == [4, 0, -1, 3, 0, -1]
    assert items.take(items.find(list("ecb")), [ID])[ID].to_pylist() == list("ecb")
    assert items.find([]).tolist() == []


def test_another_process_may_have_added_items_in_between(items):
    items.append([batch("a")])
    LanceItems(items.path).append([batch("bc")])
    assert items.append([batch("cd")]) == Arrival(1, 1)
    assert items.find(list("abcd")).tolist() == [0, 1, 2, 3]


def test_a_new_field_is_null_in_older_items_and_a_missing_one_in_newer(items):
    items.append([batch("a", old=["x"])])
    items.append([batch("b", new=[1.5]), batch("c", old=["y"], newest=[[1]])])
    read = pa.Table.from_batches(list(items.scan(["old", "new", "newest"]))).to_pydict()
    assert read == {
        NUMBER: [0, 1, 2],
        "old": ["x", None, "y"],
        "new": [None, 1.5, None],
        "newest": [None, None, [1]],
    }


def test_a_field_that_is_always_null_waits_for_a_type(items):
    items.append([batch("a", later=pa.nulls(1))])
    assert "later" not in items.schema().names
    items.append([batch("b", later=["now"])])
    assert items.take(np.array([0, 1]), ["later"])["later"].to_pylist() == [None, "now"]


@pytest.mark.parametrize("name", ["a.b", "", "`", "%2E", "a b", "ü", "select", 'q"', "\0", "A"])
def test_a_field_may_have_any_name(items, name):
    items.append([batch("a", a=["other"])])
    items.append([batch("b", **{name: [1]}), batch("c", **{name: [0.5]})])
    assert items.take(np.array([0, 1, 2]), [name])[name].to_pylist() == [None, 1, 0.5]
    assert field_of(column_of(name)) == name
    assert [b[name].to_pylist() for b in items.scan([name], start=1)] == [[1.0], [0.5]]


def test_whole_numbers_become_floats_when_fractions_arrive(items):
    items.append([batch("ab", x=[1, None], s=["u", "v"])])
    items.append([batch("c", x=[3]), batch("d", x=[2.5]), batch("e", x=[7])])
    assert items.schema().field("x").type == pa.float64()
    read = items.take(np.arange(5), ["x", "s"])
    assert read["x"].to_pylist() == [1.0, None, 3.0, 2.5, 7.0]
    assert read["s"].to_pylist() == ["u", "v", None, None, None]
    with pytest.raises(DataError, match="does not fit into double"):
        items.append([batch("f", x=[2**60 + 1])])
    assert items.count() == 5


def test_numbers_too_large_for_a_float_stay_and_fractions_are_refused(items):
    items.append([batch("a", x=[2**60 + 1])])
    with pytest.raises(DataError, match="'x' holds whole numbers too large"):
        items.append([batch("b", x=[0.5])])
    assert items.take(np.array([0]), ["x"])["x"].to_pylist() == [2**60 + 1]


def test_an_interrupted_change_of_type_is_cleaned_up(items):
    items.append([batch("a", x=[1])])
    items._table._latest().add_columns({"_wide_x": "cast(`x` as double)"})
    assert items.schema().names[-1] == "x"
    assert LanceItems(items.path).append([batch("b", x=[0.5])]) == Arrival(1, 0)
    assert items.schema().names[-1] == "x"
    assert items.take(np.array([0, 1]), ["x"])["x"].to_pylist() == [1.0, 0.5]


def test_a_number_fits_into_a_text_field_but_nothing_into_another_kind(items):
    items.append([batch("a", key=["007x"], flag=[True])])
    items.append([batch("b", key=[12])])
    assert items.take(np.array([1]), ["key"])["key"].to_pylist() == ["12"]
    with pytest.raises(DataError, match="'flag' holds bool in the project, but string"):
        items.append([batch("c", flag=["yes"])])
    with pytest.raises(DataError, match="'key' holds string in the project, but double"):
        items.append([batch("c", key=[0.5])])
    assert items.count() == 2


def test_source_kinds_of_text_and_number_become_one(items):
    items.append(
        [
            batch(
                "ab",
                small=pa.array([1, 2], pa.int8()),
                half=pa.array([0.5, math.nan], pa.float32()),
                coded=pa.array(["x", "y"]).dictionary_encode(),
                large=pa.array(["x", "y"], pa.large_string()),
                raw=pa.array([b"1", None], pa.binary()),
                day=pa.array([1, 2], pa.timestamp("s")),
            )
        ]
    )
    kinds = {field.name: str(field.type) for field in items.schema()}
    assert kinds["small"] == "int64"
    assert kinds["half"] == "double"
    assert kinds["coded"] == kinds["large"] == "string"
    assert kinds["raw"] == "large_binary"
    items.append([batch("c", day=pa.array([3_000], pa.timestamp("ms")))])
    assert items.take(np.array([2]), ["day"])["day"].cast("int64").to_pylist() == [3]
    with pytest.raises(DataError, match="does not fit into int64"):
        items.append([batch("d", huge=pa.array([2**64 - 1], pa.uint64()))])


def test_a_reader_that_fails_leaves_nothing_behind(items):
    items.append([batch("a", x=[1])])

    def broken():
        yield batch("b", x=[2])
        yield batch("c", x=[0.5], new=["n"])
        raise DataError("line 7 is bad")

    with pytest.raises(DataError, match="line 7 is bad"):
        items.append(broken())
    assert items.count() == 1
    assert items.schema().names[-1] == "x"
    assert items.schema().field("x").type == pa.int64()
    assert items.append([batch("bc", x=[2, 3])]) == Arrival(2, 0)
    assert items.take(np.arange(3), ["x"])["x"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (pa.record_batch({ID: ["a"]}), "_hash lacks"),
        (pa.record_batch({ID: pa.array([None], pa.string()), HASH: ["h"]}), "_id lacks"),
        (batch([""]), "an id is empty"),
        (batch(["ä" * 513]), "an id has 1026 bytes"),
    ],
)
def test_items_without_a_proper_id_are_refused(items, bad, message):
    with pytest.raises(DataError, match=message):
        items.append([bad])
    assert items.count() == 0


def test_unknown_fields_and_numbers_are_named(items):
    items.append([batch("a", t=["x"])])
    with pytest.raises(UnknownNameError, match="no field 'body'"):
        list(items.scan(["body"]))
    with pytest.raises(UnknownNameError, match="no item number 5; there are 1"):
        items.take(np.array([0, 5]))
    with pytest.raises(UnknownNameError, match="no item number -1"):
        items.take(np.array([-1]))


def test_only_numbers_can_be_asked_for(items):
    items.append([batch("abc")])
    assert [b.to_pydict() for b in items.scan([], start=1)] == [{NUMBER: [1, 2]}]
    assert items.take(np.array([2, 0]), [NUMBER]).to_pydict() == {NUMBER: [2, 0]}


def test_images_come_in_small_batches_and_only_when_asked_for(items):
    media = pa.array([b"png" * 10] * 600, pa.large_binary())
    ids = [str(i) for i in range(600)]
    items.append([batch(ids, **{MEDIA: media, MEDIA_URI: ids})])
    assert max(b.num_rows for b in items.scan([MEDIA])) <= 256
    assert max(b.num_rows for b in items.scan([ID])) == 600
    assert items.take(np.array([599, 3]), [MEDIA])[MEDIA].to_pylist() == [b"png" * 10] * 2


def test_compaction_keeps_every_number(items):
    for place in range(70):
        items.append([batch([f"a{place}", f"b{place}"], n=[place, -place])])
    before = pa.Table.from_batches(list(items.scan()))
    assert items.compact()
    assert not items.compact()
    assert pa.Table.from_batches(list(items.scan())).equals(before)
    assert LanceItems(items.path).append([batch(["a3", "new"])]) == Arrival(1, 1)


def test_items_can_be_copied_from_store_to_store(items, tmp_path):
    items.append([batch([str(i) for i in range(1000)], n=list(range(1000)))])
    copy = LanceItems(tmp_path / "copy.lance")
    assert copy.append(items.scan(batch_rows=100)) == Arrival(1000, 0)
    assert pa.Table.from_batches(copy.scan()).equals(pa.Table.from_batches(items.scan()))


def test_a_damaged_table_is_a_storage_error(items):
    items.append([batch("a", t=["x"])])
    for file in (items.path / "data").iterdir():
        file.write_bytes(b"rubbish")
    with pytest.raises(StorageError, match="may be damaged"):
        list(LanceItems(items.path).scan(["t"]))
    for file in (items.path / "data").iterdir():
        file.unlink()
    with pytest.raises(StorageError, match=r"items\.lance: "):
        list(LanceItems(items.path).scan(["t"]))


def test_ids_whose_first_64_bits_are_alike_are_kept_apart():
    def run(*triples):
        return _Run(*np.array(triples, np.uint64).T)

    meetings = np.zeros(4, np.int8)
    offered = run((5, 1, 0), (5, 2, 8), (5, 3, 9), (9, 1, 1))
    _compare(offered, run((5, 2, 8), (5, 3, 7), (5, 4, 7)), meetings)
    expected = [Meeting.NEW, Meeting.UNCHANGED, Meeting.CONFLICT, Meeting.NEW]
    assert meetings.tolist() == expected


def test_the_index_knows_many_ids_in_few_bytes():
    index = ItemIndex()
    for start in range(0, 50_000, 1_000):
        ids = pa.array([f"id {i}" for i in range(start, start + 1_000)])
        assert (index.meet(ids, ids) == Meeting.NEW).all()
    assert len(index) == 50_000
    ids = pa.array([f"id {i}" for i in range(0, 50_000, 7)])
    assert (index.meet(ids, ids) == Meeting.UNCHANGED).all()
    assert sum(a.nbytes for r in index._runs for a in (r.key, r.check, r.content)) == 50_000 * 24


def test_importing_the_stores_does_not_import_lance():
    code = "import sys; from labelwright.stores import *; assert 'lance' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_linked_image_is_read_when_it_is_looked_at(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"bytes of a picture")
    items = LanceItems(tmp_path / "items.lance")
    batch = pa.record_batch(
        {
            "_id": ["linked", "gone", "held"],
            "_hash": ["1", "2", "3"],
            "_media": pa.array([None, None, b"held"], pa.large_binary()),
            "_media_uri": [str(picture), str(tmp_path / "gone.png"), None],
        }
    )
    items.append([batch])
    content = [b"bytes of a picture", None, b"held"]
    assert items.take(np.arange(3), ["_media"])["_media"].to_pylist() == content
    (scanned,) = items.scan(["_media", "_id"])
    assert scanned.column("_media").to_pylist() == content
    assert scanned.schema.names == ["_number", "_media", "_id"]
