import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelwright.core.errors import DataError
from labelwright.formats import read_votes


@pytest.fixture
def crowd(tmp_path):
    def make(content, **options):
        path = tmp_path / "crowd.csv"
        path.write_text(content)
        return list(read_votes(path, **options))

    return make


@pytest.mark.parametrize("header", ["item,source,label", "task,worker,label"])
def test_our_names_and_those_of_crowd_kit_are_known(crowd, header):
    (rows, _) = crowd(f"{header}\n007,w1,1\n8,w2,\n")
    assert rows.item.to_pylist() == ["007", "8"]
    assert rows.source.to_pylist() == ["w1", "w2"]
    assert rows.label.to_pylist() == ["1", ""]
    assert np.isnan(rows.confidence).all()
    assert rows.time.null_count == 2
    assert rows.line.tolist() == [2, 3]


def test_an_empty_cell_is_blank_and_a_value_that_is_missing_is_null(tmp_path):
    path = tmp_path / "crowd.jsonl"
    labels = [{"label": ""}, {"label": None}, {}, {"label": []}]
    lines = [json.dumps({"item": 1, "source": "w"} | label) + "\n" for label in labels]
    path.write_text("".join(lines))
    (rows,) = [rows for rows in read_votes(path) if len(rows.item)]
    assert rows.label.to_pylist() == ["", None, None, "[]"]


def test_a_file_of_answers_need_not_say_who_gave_them(crowd):
    (rows, _) = crowd("id,gold,note\n1,y,n\n", by="gold")
    assert (rows.item[0].as_py(), rows.source[0].as_py(), rows.label[0].as_py()) == (
        "1", "gold", "y",
    )  # fmt: skip
    (rows, _) = crowd("id,answer,worker\n1,y,expert\n", by="gold")
    assert rows.source.to_pylist() == ["expert"]
    with pytest.raises(DataError, match="votes' item: there is no column 'item'"):
        crowd("id,source,label\n1,w,y\n")


def test_columns_can_be_named(crowd):
    (rows, _) = crowd(
        "q,who,a,_sure\nx,w,y,0.5\n", item="q", source="who", label="a", confidence="_sure"
    )
    assert (rows.item[0].as_py(), rows.source[0].as_py(), rows.label[0].as_py()) == ("x", "w", "y")
    assert rows.confidence.tolist() == [0.5]


def test_a_missing_column_is_named_with_the_nearest(crowd):
    with pytest.raises(DataError, match=r"votes' label: .*'label'.*mean 'labels'"):
        crowd("item,source,labels\n1,2,3\n")
    with pytest.raises(DataError, match="votes' time: there is no column 'when'"):
        crowd("item,source,label\n1,2,3\n", time="when")


def test_votes_that_say_nothing_are_set_aside_with_the_reason(crowd):
    content = "item,source,label,c\n,w,y,\n1,,y,\n1,w,y,2\n1,w,y,much\n1,w\n1,w,y,1\n"
    chunks = crowd(content + "x" * 1100 + ",w,y,1\n", confidence="c")
    assert [item for rows in chunks for item in rows.item.to_pylist()] == ["1"]
    assert [(reject.line, reject.reason) for rows in chunks for reject in rows.rejects] == [
        (2, "the item is missing"),
        (3, "the source is missing"),
        (4, "the confidence is no number in 0..1"),
        (5, "the confidence is no number in 0..1"),
        (6, "too few columns: 2 instead of 4"),
        (8, "the item is longer than 1024 bytes"),
    ]


def test_times_are_understood_in_every_usual_way(crowd):
    times = [
        "2024-01-02T03:04:05Z",
        "2024-01-02 04:04:05+01:00",
        "2024-01-02 03:04:05",
        "1704164645",
        "2024-01-02",
        "",
        "yesterday",
        "1704164645000000",
    ]
    content = "item,source,label,t\n" + "".join(f"{i},w,y,{t}\n" for i, t in enumerate(times))
    (rows, _) = crowd(content, time="t")
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    day = datetime(2024, 1, 2, tzinfo=UTC)
    assert rows.time.to_pylist() == [moment] * 4 + [day, None]
    assert [reject.line for reject in rows.rejects] == [8, 9]


def test_votes_in_parquet_and_jsonl_are_text_too(tmp_path):
    pq.write_table(pa.table({"item": [1], "source": ["w"], "label": [0]}), tmp_path / "1.parquet")
    (tmp_path / "2.jsonl").write_text('{"item": 2, "source": "w", "label": true}\n')
    found = list(read_votes(tmp_path))
    assert [item for rows in found for item in rows.item.to_pylist()] == ["1", "2"]
    assert [label for rows in found for label in rows.label.to_pylist()] == ["0", "true"]
