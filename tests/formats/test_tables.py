import datetime as dt
import decimal
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelwright.core.errors import DataError, SettingsError, StorageError, UnknownNameError
from labelwright.formats import ImportSettings, read, write


def rows_of(paths, options=None, **named):
    return [row for chunk in read(paths, options, **named) for row in chunk.rows.to_pylist()]


def put(path, content="a\n1\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def test_any_arrow_type_becomes_one_of_a_few(tmp_path):
    moment = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - naive on purpose
    columns = {
        "small": (pa.array([1, None], pa.int8()), 1),
        "unsigned": (pa.array([1, None], pa.uint64()), 1),
        "huge": (pa.array([2**64 - 1, None], pa.uint64()), str(2**64 - 1)),
        "half": (pa.array([0.5, None], pa.float32()), 0.5),
        "money": (pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)), 1.25),
        "exact": (pa.array([decimal.Decimal("1.25"), None], pa.decimal128(30, 2)), "1.25"),
        "flag": (pa.array([True, None]), True),
        "word": (pa.array(["x", None], pa.large_string()), "x"),
        "coded": (pa.array(["x", None]).dictionary_encode(), "x"),
        "day": (pa.array([moment.date(), None], pa.date64()), moment.date()),
        "local": (pa.array([moment, None], pa.timestamp("ns")), moment),
        "clock": (pa.array([moment.time(), None], pa.time32("s")), "03:04:05.000"),
        "span": (pa.array([dt.timedelta(1), None], pa.duration("s")), "86400"),
        "list": (pa.array([[0.5, 1.5], None]), "[0.5, 1.5]"),
        "struct": (
            pa.array([{"a": b"x", "d": moment}, None]),
            '{"a": "eA==", "d": "2024-01-02T03:04:05"}',
        ),
        "bytes": (pa.array([b"x", None]), "eA=="),
        "nothing": (pa.nulls(2), None),
    }
    path = parquet(tmp_path / "x.parquet", **{name: array for name, (array, _) in columns.items()})
    first, second = rows_of(path)
    assert first == {name: expected for name, (_, expected) in columns.items()}
    assert set(second.values()) == {None}


def test_whole_numbers_are_never_cut_to_fit_a_type_asked_for(tmp_path):
    path = parquet(tmp_path / "x.parquet", a=[1.5, 2.0], b=[1, 2], c=["x", "y"])
    options = ImportSettings(types={"a": "int", "b": "float", "c": "text"})
    chunks = list(read(path, options))
    assert [r for c in chunks for r in c.rows.to_pylist()] == [{"a": 2, "b": 2.0, "c": "y"}]
    assert [r.line for c in chunks for r in c.rejects] == [1]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all", None])
def test_a_damaged_parquet_file_is_an_error(tmp_path, content):
    path = parquet(tmp_path / "x.parquet", a=list(range(10_000)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(DataError, match=r"x\.parquet: is damaged or no Parquet file"):
        read(path)


def test_damage_inside_a_parquet_file_is_an_error(tmp_path):
    path = parquet(tmp_path / "x.parquet", a=[str(n) for n in range(100_000)])
    whole = bytearray(path.read_bytes())
    whole[1000:60_000] = b"\xff" * 59_000
    path.write_bytes(whole)
    with pytest.raises(DataError, match="is damaged"):
        list(read(path))


def test_columns_that_come_twice_in_parquet_are_refused(tmp_path):
    pq.write_table(pa.Table.from_arrays([pa.array([1])] * 2, ["a", "a"]), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"\['a'\] come twice"):
        read(tmp_path / "x.parquet")


def test_files_of_several_formats_become_one_table(tmp_path):
    put(tmp_path / "1.csv", "a,b\n1,x\n")
    put(tmp_path / "2.jsonl", '{"a": 2.5, "c": true}\n')
    parquet(tmp_path / "3.parquet", b=["7"])
    assert rows_of(tmp_path / "*") == [
        {"a": 1.0, "b": "x", "c": None},
        {"a": 2.5, "b": None, "c": True},
        {"a": None, "b": "7", "c": None},
    ]


def test_files_that_disagree_on_a_type_make_text(tmp_path):
    put(tmp_path / "1.csv", "a\n1\n")
    parquet(tmp_path / "2.parquet", a=["x"])
    parquet(tmp_path / "3.parquet", a=[2])
    assert [row["a"] for row in rows_of(tmp_path)] == ["1", "x", "2"]


def test_only_the_wanted_columns_are_read(tmp_path):
    put(tmp_path / "x.csv", "a,b,c\n1,2,3\n")
    put(tmp_path / "y.jsonl", '{"a": 1, "b": 2, "c": "3"}')
    parquet(tmp_path / "z.parquet", a=[1], b=[2], c=[3], d=[4])
    rows = rows_of(tmp_path, ImportSettings(fields=("b",), id="c"))
    assert rows == [{"b": 2, "c": "3"}] * 3
    assert rows_of(tmp_path, ImportSettings(fields=("d",))) == [{"d": None}, {"d": None}, {"d": 4}]
    assert rows_of([tmp_path / "z.parquet", tmp_path / "x.csv"], ImportSettings(fields=("d",))) == [
        {"d": 4},
        {"d": None},
    ]


def test_a_file_named_twice_is_read_once(tmp_path):
    path = put(tmp_path / "x.csv")
    assert rows_of([path, str(path), tmp_path / "*.csv", tmp_path]) == [{"a": 1}]


def test_a_folder_is_read_deeply_and_hidden_files_are_not(tmp_path):
    put(tmp_path / "b" / "2.csv", "a\n2\n")
    put(tmp_path / "1.csv")
    put(tmp_path / ".hidden.csv", "a\n3\n")
    put(tmp_path / ".git" / "3.csv", "a\n4\n")
    put(tmp_path / "README.md", "x")
    assert rows_of(tmp_path) == [{"a": 1}, {"a": 2}]
    assert rows_of(str(tmp_path / "**" / "*.csv")) == [{"a": 1}, {"a": 2}]


def test_the_format_can_be_said(tmp_path):
    path = put(tmp_path / "data.txt")
    with pytest.raises(DataError, match=r"the ending '\.txt' is unknown; expected one of \.csv"):
        read(path)
    assert rows_of(path, format="csv") == [{"a": 1}]
    assert rows_of(tmp_path / "*.txt", format="csv") == [{"a": 1}]
    with pytest.raises(UnknownNameError, match="unknown format 'xml'; known: csv"):
        read(path, format="xml")


def test_nothing_to_read_is_an_error_that_says_what_was_expected(tmp_path):
    put(tmp_path / "notes.txt")
    with pytest.raises(DataError, match="no files were named"):
        read([])
    with pytest.raises(DataError, match=r"no such file or folder$"):
        read(tmp_path / "no.csv")
    with pytest.raises(DataError, match="does not exist either"):
        read(tmp_path / "no" / "no.csv")
    with pytest.raises(DataError, match="matches no file"):
        read(tmp_path / "*.csv")
    with pytest.raises(DataError, match=r"the ending '\.txt' is unknown"):
        read(tmp_path / "*")
    with pytest.raises(DataError, match="holds no known file among its 1 files"):
        read(tmp_path)
    with pytest.raises(DataError, match="holds no parquet file"):
        read(tmp_path, format="parquet")


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_file_that_cannot_be_opened_is_a_storage_error(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(DataError):
        read(tmp_path / name)
    broken = tmp_path / f"link-{name}"
    put(broken)
    broken.chmod(0)
    if os.access(broken, os.R_OK):
        pytest.skip("root may read anything")
    with pytest.raises(StorageError, match="cannot be read"):
        read(broken)


@pytest.mark.parametrize("setting", ["id", "text", "gold", "split"])
def test_a_missing_column_is_named_with_the_nearest(tmp_path, setting):
    path = put(tmp_path / "x.csv", "body,label\nx,y\n")
    with pytest.raises(
        DataError, match=rf"setting {setting}.*'labl'.*'body', 'label'.*mean 'label'"
    ):
        read(path, ImportSettings(**{setting: "labl"}))


def test_missing_columns_in_fields_and_types_are_found_too(tmp_path):
    path = put(tmp_path / "x.csv", "body\nx\n")
    with pytest.raises(DataError, match="setting fields: there is no column 'zzz'"):
        read(path, ImportSettings(fields=("zzz",)))
    with pytest.raises(DataError, match="setting types: there is no column 'zzz'"):
        read(path, ImportSettings(types={"zzz": "int"}))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sample": 0}, "sample must be"),
        ({"sample": 1.5}, "sample must be"),
        ({"sample": True}, "sample must be"),
        ({"types": {"a": "number"}}, "unknown type 'number'"),
        ({"media": "copy"}, "media must be"),
        ({"delimiter": ",,"}, "a delimiter is one ASCII sign"),
        ({"split": "train=0.8,test=0.3"}, "more than 1"),
        ({"split": "learn=0.8"}, "is no share"),
        ({"split": "train=x"}, "is no share"),
        ({"split": "train=nan"}, "is no share"),
        ({"split": "train=0.1,train=0.1"}, "is no share"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        ImportSettings(**settings)


def test_lists_and_structures_become_json_text_in_csv(tmp_path):
    table = pa.table(
        {
            "soft": pa.array([[0.25, 0.75], None]),
            "when": pa.array([dt.time(1, 2), None]),
            "coded": pa.array(["x", None]).dictionary_encode(),
            "long": pa.array(["x", None], pa.large_string()),
            "n": [1, 2],
        }
    )
    write(tmp_path / "x.csv", table.to_batches())
    assert rows_of(tmp_path / "x.csv") == [
        {"soft": "[0.25, 0.75]", "when": "01:02:00", "coded": "x", "long": "x", "n": 1},
        {"soft": None, "when": None, "coded": None, "long": None, "n": 2},
    ]


def test_formulas_are_guarded_only_when_asked(tmp_path):
    table = pa.table({"a": ["=1+1", "-x", "plain", None], "n": [-1, 2, 3, 4]})
    write(tmp_path / "x.csv", table.to_batches(), table.schema)
    assert [row["a"] for row in rows_of(tmp_path / "x.csv")] == ["=1+1", "-x", "plain", None]
    write(tmp_path / "x.csv", table.to_batches(), table.schema, guard_formulas=True)
    assert [row["a"] for row in rows_of(tmp_path / "x.csv")] == ["'=1+1", "'-x", "plain", None]


def test_the_same_rows_give_the_same_gzip(tmp_path):
    table = pa.table({"a": [1, 2]})
    for name in ("x.csv.gz", "y.csv.gz"):
        write(tmp_path / name, table.to_batches())
    assert (tmp_path / "x.csv.gz").read_bytes() == (tmp_path / "y.csv.gz").read_bytes()


@pytest.mark.parametrize("name", ["x.parquet", "x.csv", "x.jsonl", "x.csv.gz"])
def test_a_failed_export_leaves_what_was_there(tmp_path, name):
    path = put(tmp_path / name, "before")

    def batches():
        yield pa.RecordBatch.from_pydict({"a": [1]})
        raise ValueError("the source of rows failed")

    with pytest.raises(ValueError, match="source of rows"):
        write(path, batches())
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["x.txt", "x", "x.png", "x.parquet.gz"])
def test_an_ending_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(SettingsError, match="cannot write files ending in"):
        write(tmp_path / name, [], pa.schema([]))


def test_writing_without_rows_needs_a_schema(tmp_path):
    with pytest.raises(DataError, match="no rows to write"):
        write(tmp_path / "x.csv", [])
    write(tmp_path / "x.csv", [], pa.schema([("a", pa.int64())]))
    assert rows_of(tmp_path / "x.csv") == []


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.jsonl"])
def test_a_folder_that_does_not_exist_is_a_storage_error(tmp_path, name):
    with pytest.raises(StorageError, match=r"the folder .* does not exist; make it first"):
        write(tmp_path / "no" / name, [pa.RecordBatch.from_pydict({"a": [1]})])
