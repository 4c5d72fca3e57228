import gzip

import pytest

from labelwright.core.errors import DataError
from labelwright.formats import ImportSettings, read
from labelwright.formats import jsonl as jsonl_module


@pytest.fixture
def load(tmp_path):
    def make(content, name="x.jsonl", block_bytes=1 << 22, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        chunks = list(read(path, ImportSettings(**options), block_bytes=block_bytes))
        rows = [row for chunk in chunks for row in chunk.rows.to_pylist()]
        return rows, [reject for chunk in chunks for reject in chunk.rejects]

    return make


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1', "is not JSON: "),
        (b"[1, 2]", "is not a JSON object"),
        (b'{"a": "\\ud800"}', "half a surrogate pair"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long a number"),
    ],
)
def test_a_broken_line_is_set_aside_and_the_rest_survives(load, line, reason):
    rows, rejects = load(b'{"a": "x"}\n\n' + line + b'\n{"a": "y"}')
    assert rows == [{"a": "x"}, {"a": "y"}]
    assert [reject.line for reject in rejects] == [3]
    assert reason in rejects[0].reason
    assert len(rejects[0].excerpt) <= 200


def test_nested_values_are_json_text(load):
    rows, _ = load('{"a": {"b": [1, "é"]}, "c": [1]}\n{"a": null, "c": []}\n')
    assert rows == [{"a": '{"b": [1, "é"]}', "c": "[1]"}, {"a": None, "c": "[]"}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", '"1"'], ["1", "1"]),
        (["1", "2.5"], [1.0, 2.5]),
        (["true", "1"], ["true", "1"]),
        (["9007199254740993", "1"], [9007199254740993, 1]),
        (["9007199254740993", "1.5"], ["9007199254740993", "1.5"]),
        (["99999999999999999999", "1"], ["99999999999999999999", "1"]),
        (["1", "null"], [1, None]),
        (['"007"'], ["007"]),
        (["1", "[2]"], ["1", "[2]"]),
        (["NaN", "1.5"], [float("nan"), 1.5]),
    ],
)
def test_a_field_has_the_type_that_all_of_its_values_have(load, values, expected):
    rows, _ = load("".join(f'{{"v": {value}}}\n' for value in values))
    assert repr([row["v"] for row in rows]) == repr(expected)


def test_a_field_that_comes_later_is_null_before(load):
    assert load('{"a": 1}\n{"b": "x"}\n')[0] == [{"a": 1, "b": None}, {"a": None, "b": "x"}]


def test_a_type_can_be_asked_for(load):
    rows, rejects = load('{"a": "1"}\n{"a": 2}\n{"a": "x"}\n', types={"a": "int"})
    assert rows == [{"a": 1}, {"a": 2}]
    assert [reject.line for reject in rejects] == [3]
    assert load('{"a": 5, "b": true}\n{"a": 2.5}', types={"a": "float", "b": "bool"})[0] == [
        {"a": 5.0, "b": True},
        {"a": 2.5, "b": None},
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_and_gzip_are_read(load, encoding):
    content = '{"a": "é"}\n'.encode(encoding)
    assert load(content)[0] == load(gzip.compress(content), "y.jsonl.gz")[0] == [{"a": "é"}]


def test_a_json_list_says_what_to_do(load):
    with pytest.raises(DataError, match="is one JSON list"):
        load(' [{"a": 1}]', "x.json")


@pytest.mark.parametrize("content", ["", "\n\n", "x\n", "{}\n"])
def test_a_file_without_objects_is_an_error(load, content):
    with pytest.raises(DataError, match="holds no JSON object"):
        load(content)


def test_a_line_may_be_longer_than_a_block_but_not_endless(load, monkeypatch):
    content = '{"a": "' + "x" * 500 + '"}\n'
    assert load(content, block_bytes=16)[0] == [{"a": "x" * 500}]
    monkeypatch.setattr(jsonl_module, "MAX_RECORD_BYTES", 100)
    with pytest.raises(DataError, match="a line is longer than"):
        load(content, block_bytes=16)
