import gzip

import pytest

from labelwright.core.errors import DataError, SettingsError
from labelwright.formats import ImportSettings, read
from labelwright.formats import csv_records as records_module


def rows_of(path, **options):
    return [
        row for chunk in read(path, ImportSettings(**options)) for row in chunk.rows.to_pylist()
    ]


def rejects_of(path, **options):
    chunks = read(path, ImportSettings(**options))
    return [(reject.line, reject.reason) for chunk in chunks for reject in chunk.rejects]


@pytest.fixture
def csv(tmp_path):
    def make(content, name="x.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.mark.parametrize(
    ("encoding", "given"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", None),
        ("utf-16-be", None),
        ("utf-32", None),
        ("cp1252", None),
        ("latin-1", "latin-1"),
        ("utf-8-sig", "utf-8"),
        ("cp1251", "windows-1251"),
    ],
)
def test_every_usual_encoding_reads_the_same(csv, encoding, given):
    word = "Привет" if encoding == "cp1251" else "café naïve" + " plain words" * 5
    path = csv(f"text,n\n{word},1\n".encode(encoding))
    assert rows_of(path, encoding=given) == [{"text": word, "n": 1}]


def test_text_that_was_taken_for_cp1252_says_so(csv):
    (chunk, *_) = read(csv("text\ncafé\n".encode("cp1252")))
    assert "cp1252" in chunk.notes[0].text


@pytest.mark.parametrize("tail", [b"", b"\nmore\n"])
def test_damaged_utf8_names_the_byte(csv, tail):
    content = "text\nééé".encode() + b"\xc3" + tail
    with pytest.raises(DataError, match=rf"0xc3 at offset {len(content) - len(tail) - 1} "):
        read(csv(content))


def test_a_byte_that_the_encoding_lacks_is_named(csv):
    with pytest.raises(DataError, match="0x81 at offset 6"):
        read(csv(b"text\nx\x81"))
    with pytest.raises(DataError, match="offset 5 is not ascii"):
        read(csv(b"text\n\xe9"), ImportSettings(encoding="ascii"))


def test_an_unknown_encoding_is_refused(csv):
    with pytest.raises(SettingsError, match="unknown encoding 'klingon'"):
        read(csv("a\n1\n"), ImportSettings(encoding="klingon"))


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(csv, sign):
    path = csv(f'id{sign}text{sign}n\na{sign}"x, y; z|w\t"{sign}1\nb{sign}v{sign}2\n')
    assert rows_of(path) == [
        {"id": "a", "text": "x, y; z|w\t", "n": 1},
        {"id": "b", "text": "v", "n": 2},
    ]


def test_a_single_column_needs_no_delimiter(csv):
    assert rows_of(csv("text\nfoo\nbar\n")) == [{"text": "foo"}, {"text": "bar"}]


def test_a_delimiter_can_be_given(csv):
    assert rows_of(csv("a:b\n1:x\n"), delimiter=":") == [{"a": 1, "b": "x"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_line(csv, end):
    path = csv(end.join(["a,b", '1,"x y"', "", "2,y", "3"]))
    assert rows_of(path) == [{"a": 1, "b": "x y"}, {"a": 2, "b": "y"}]
    assert rejects_of(path) == [(5, "too few columns: 1 instead of 2")]


def test_a_last_line_without_an_end_counts(csv):
    assert rows_of(csv('a,b\n1,"x"\n2,"y"')) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_quoted_line_breaks_belong_to_the_text_and_lines_are_counted(csv):
    path = csv('a,b\n1,"x\ny\r\nz"\n2,"say ""hi"""\n')
    (chunk, *_) = read(path)
    assert chunk.rows.to_pylist() == [{"a": 1, "b": "x\ny\r\nz"}, {"a": 2, "b": 'say "hi"'}]
    assert chunk.line.tolist() == [2, 5]


def test_an_empty_field_is_null_and_a_quoted_one_empty_text(csv):
    assert rows_of(csv('a,b\nx,\ny,""\n')) == [{"a": "x", "b": None}, {"a": "y", "b": ""}]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('2,"never closed', "there is text after a closing quote"),
        ('2,"closed"too early', "there is text after a closing quote"),
        ("2", "too few columns: 1 instead of 2"),
        ("2,x,y", "too many columns: 3 instead of 2"),
    ],
)
def test_a_broken_row_is_set_aside_and_the_rest_survives(csv, broken, reason):
    path = csv(f'a,b\n1,ok\n{broken}\n3,"fine"\n4,"also, fine"\n')
    assert [row["a"] for row in rows_of(path)] == [1, 3, 4]
    assert rejects_of(path) == [(3, reason)]


def test_a_quote_open_to_the_end_loses_only_its_line(csv):
    path = csv('a,b\n1,ok\n2,"open\n3,x\n4,y')
    assert [row["a"] for row in rows_of(path)] == [1, 3, 4]
    assert rejects_of(path) == [(3, "a quote is opened and never closed")]


def test_a_doubled_quote_may_be_cut_by_a_block(csv):
    path = csv('a,b\n""x""\n",\n""",1\n')
    chunks = list(read(path, block_bytes=1))
    assert [row for chunk in chunks for row in chunk.rows.to_pylist()] == [{"a": ',\n"', "b": 1}]


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_empty_last_field_is_null_with_and_without_a_line_end(csv, end):
    assert rows_of(csv(f'a,b\n"x",{end}')) == [{"a": "x", "b": None}]


def test_a_quote_inside_plain_text_is_text(csv):
    assert rows_of(csv('a,b\n1,5" disk\n2,say "x"\n')) == [
        {"a": 1, "b": '5" disk'},
        {"a": 2, "b": 'say "x"'},
    ]


def test_many_broken_rows_are_read_in_time(csv):
    path = csv("a,b\n" + '1,5" disk\n2,"x"y\n' * 20_000)
    assert len(rows_of(path)) == 20_000
    assert len(rejects_of(path)) == 20_000


@pytest.mark.parametrize("content", ["", "\n\r\n\n", "\ufeff"])
def test_an_empty_file_is_an_error(csv, content):
    with pytest.raises(DataError, match="is empty; expected a line with the names"):
        read(csv(content))


def test_a_header_alone_gives_no_rows_but_the_columns(csv):
    (chunk, *_) = read(csv("a,b"))
    assert chunk.rows.num_rows == 0
    assert chunk.rows.schema.names == ["a", "b"]


def test_a_broken_header_still_names_columns(csv):
    (chunk, *_) = read(csv('a,"b\n1,2\n'))
    assert chunk.rows.schema.names == ["a", '"b']


def test_unusable_names_are_changed_and_said_so(csv):
    (chunk, *_) = read(csv(",a,a,_id,p.q, z ,a_2,_\n1,2,3,4,5,6,7,8\n"))
    assert chunk.rows.schema.names == ["column_1", "a", "a_3", "id", "p_q", "z", "a_2", "column_8"]
    assert "column '_id' is called 'id'" in [note.text for note in chunk.notes]
    assert chunk.names["_id"] == "id"
    assert chunk.names["a"] == "a"


def test_nul_bytes_are_kept_as_text(csv):
    assert rows_of(csv(b"a,b\nx\0y,1\n")) == [{"a": "x\0y", "b": 1}]


@pytest.mark.parametrize("megabytes", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_a_field_of_many_megabytes_is_read(csv, megabytes):
    size = megabytes << 20
    path = csv(b'a,b\n1,"' + b"x\n" * (size // 2) + b'"\n2,y\n')
    lengths = [len(row["b"]) for row in rows_of(path, types={"a": "int", "b": "text"})]
    assert lengths == [size, 1]


def test_a_row_too_long_to_be_one_ends_the_reading(csv, monkeypatch):
    monkeypatch.setattr(records_module, "MAX_RECORD_BYTES", 1000)
    with pytest.raises(DataError, match="line 2 is longer than"):
        list(read(csv("a\n" + "x" * 5000), block_bytes=100))
    path = csv('a\n1\n"' + "x\n" * 5000)
    assert len([row for c in read(path, block_bytes=100) for row in c.rows.to_pylist()]) == 5000


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2"], [1, 2]),
        (["1", ""], [1, None]),
        (["1", "NA"], [1, None]),
        (["1", "2.5"], [1.0, 2.5]),
        (["1", "x"], ["1", "x"]),
        (["007", "8"], ["007", "8"]),
        (["+1", "2"], ["+1", "2"]),
        (["9007199254740993", "1"], [9007199254740993, 1]),
        (["9007199254740993", "1.5"], ["9007199254740993", "1.5"]),
        (["99999999999999999999", "1"], ["99999999999999999999", "1"]),
        (["99999999999999999999", "1.5"], ["99999999999999999999", "1.5"]),
        (["true", "FALSE"], [True, False]),
        (["true", "1"], ["true", "1"]),
        (["2024-02-30", "2024-01-01"], ["2024-02-30", "2024-01-01"]),
        (["NA", "NA"], ["NA", "NA"]),
        ([" 1", "2 "], [1, 2]),
        (["1e3", ".5"], [1000.0, 0.5]),
        (["inf", "-Infinity"], [float("inf"), float("-inf")]),
        (["2024-01-01", "2024-01-01 10:00"], ["2024-01-01", "2024-01-01 10:00"]),
    ],
)
def test_a_column_has_the_type_that_all_of_its_values_have(csv, values, expected):
    path = csv("k,v\n" + "".join(f"a,{value}\n" for value in values))
    found = [row["v"] for row in rows_of(path)]
    assert repr(found) == repr(expected)


def test_a_column_that_turns_to_text_at_the_end_is_text_from_the_start(csv):
    path = csv("n\n" + "1\n" * 3_000_000 + "x\n")
    first = next(iter(read(path)))
    assert first.rows.column("n")[0].as_py() == "1"


def test_a_value_of_no_such_type_sets_its_row_aside(csv):
    path = csv("a,b\n1,x\ntwo,y\n99999999999999999999,z\n,w\n")
    assert rows_of(path, types={"a": "int"}) == [{"a": 1, "b": "x"}, {"a": None, "b": "w"}]
    reason = "column 'a': the value is not of the type int; mend it or empty the cell"
    assert rejects_of(path, types={"a": "int"}) == [(3, reason), (4, reason)]


def test_keys_answers_and_texts_stay_text(csv):
    path = csv("key,body,y\n1,2,3\n")
    assert rows_of(path, id="key", text="body", gold="y") == [{"key": "1", "body": "2", "y": "3"}]


def test_damaged_gzip_is_an_error(csv):
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    with pytest.raises(DataError, match="gzip data is damaged"):
        read(csv(whole[: len(whole) // 2], "x.csv.gz"))
    assert len(rows_of(csv(whole, "y.csv.gz"))) == 10_000


def test_excerpts_are_short(csv):
    path = csv("a,b\n" + "é" * 5000 + "\n")
    (reject,) = [reject for chunk in read(path) for reject in chunk.rejects]
    assert reject.excerpt == "é" * 200
