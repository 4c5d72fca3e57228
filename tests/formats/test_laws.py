import math
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.items import content_hash, content_hashes
from labelwright.formats import ImportSettings, items, read
from labelwright.testing import formats as laws

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
text = st.text(
    st.one_of(
        st.sampled_from("\",;\t|\r\n'=\0 é漢😀\ufeff"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=8,
)
moment = st.datetimes(datetime(1, 1, 1), datetime(9999, 1, 1))  # noqa: DTZ001 - naive on purpose
columns = {
    "text": (st.one_of(st.none(), text), pa.string()),
    "whole": (st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), pa.int64()),
    "real": (st.one_of(st.none(), st.floats()), pa.float64()),
    "truth": (st.one_of(st.none(), st.booleans()), pa.bool_()),
    "day": (st.one_of(st.none(), st.dates()), pa.date32()),
    "local": (st.one_of(st.none(), moment), pa.timestamp("us")),
    "instant": (
        st.one_of(st.none(), moment.map(lambda t: t.replace(tzinfo=UTC))),
        pa.timestamp("us", "UTC"),
    ),
}
rows = st.lists(st.fixed_dictionaries({name: kind for name, (kind, _) in columns.items()}))
schema = pa.schema([(name, kind) for name, (_, kind) in columns.items()])


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "csv.gz", "jsonl.gz"])
def test_what_is_written_reads_back(ending, tmp_path):
    @quick
    @given(rows.filter(bool))
    def law(rows):
        table = pa.Table.from_pylist(rows, schema)
        laws.reading_gives_back_what_was_written(tmp_path / f"x.{ending}", table)

    law()


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_one_column_of_text_reads_back(ending, tmp_path):
    # In CSV a null alone on its line is a blank line, which is no row.
    @quick
    @given(st.lists(text, min_size=1))
    def law(texts):
        table = pa.table({"text": pa.array(texts, pa.string())})
        laws.reading_gives_back_what_was_written(tmp_path / f"x.{ending}", table)

    law()


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_blocks_change_nothing_in_any_bytes(ending, tmp_path):
    head = b"a,b\n" if ending == "csv" else b'{"a":1,"b":"x"}\n'
    signs = st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"x", b'""', b"1", b'{"a":', b"}"])

    @quick
    @given(st.lists(signs, max_size=40).map(b"".join))
    def law(body):
        path = tmp_path / f"x.{ending}"
        path.write_bytes(head + body)
        laws.blocks_change_nothing(path, ImportSettings(delimiter=","), (1, 3, 10))

    law()


def test_the_same_file_gives_the_same_items(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('key,text,y\n1,a,p\n2,b,q\n,c,q\n3,"d\ne",p\n')
    options = ImportSettings(id="key", gold="y", split="train=0.5,test=0.5")
    laws.the_same_file_gives_the_same_items(path, options)
    for batch in items(read(path, options), options):
        laws.hashes_name_the_content(batch)


@quick
@given(rows.filter(bool))
def test_a_batch_hashes_like_its_rows(rows):
    batch = pa.RecordBatch.from_pylist(rows, schema)
    assert content_hashes(batch).to_pylist() == [content_hash(row) for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": "1"}),
        ({"a": True}, {"a": 1}),
        ({"ab": "c"}, {"a": "bc"}),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}),
        ({"a": "x"}, {}),
        ({"a": ""}, {}),
        ({"a": [1, 2]}, {"a": "[1, 2]"}),
        ({"a": date(2020, 1, 1)}, {"a": datetime(2020, 1, 1)}),  # noqa: DTZ001 - naive on purpose
        ({"a": b"x"}, {"a": "x"}),
    ],
)
def test_other_content_has_another_hash(one, other):
    assert content_hash(one) != content_hash(other)


def test_the_same_content_has_the_same_hash():
    assert content_hash({"a": 1, "b": None}) == content_hash({"a": 1})
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": math.nan}) == content_hash({"a": -math.nan})
    assert content_hash({"a": 0.0}) == content_hash({"a": -0.0})
    assert content_hash({"a": 1}, b"") != content_hash({"a": 1})
    media = pa.RecordBatch.from_pydict({"_media": pa.array([b"x", None], pa.large_binary())})
    assert content_hashes(media).to_pylist() == [content_hash({}, b"x"), content_hash({})]
