"""Answers made of pieces: text and columns hold the same."""

import base64
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labelwright.core import pieces as pieces_module
from labelwright.core.errors import AnswerError
from labelwright.core.pieces import (
    PIECE_COLUMNS,
    PIECE_SCHEMA,
    number_text,
    pieces_of,
    texts_of,
)

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTS = st.integers(-(2**31), 2**31 - 1)


@st.composite
def pieces(draw):
    """A piece as its text tells it."""
    of = {
        "label": TEXTS,
        "text": TEXTS,
        "box": st.lists(FLOATS, min_size=4, max_size=4),
        "ring": st.lists(FLOATS, max_size=6),
        "runs": st.binary(max_size=6).map(lambda runs: base64.b64encode(runs).decode()),
    }
    chosen = draw(st.sets(st.sampled_from(PIECE_COLUMNS)))
    return {name: draw(of.get(name, INTS)) for name in PIECE_COLUMNS if name in chosen}


def written(answer):
    """The canonical text, piece by piece in plain Python."""
    objects = []
    for piece in answer:
        said = []
        for name, value in piece.items():
            if name in ("box", "ring"):
                text = f"[{','.join(map(number_text, value))}]"
            else:
                text = json.dumps(value, ensure_ascii=False)
            said.append(f'"{name}":{text}')
        objects.append("{" + ",".join(said) + "}")
    return f"[{','.join(objects)}]"


@given(st.lists(st.lists(pieces(), max_size=4), max_size=5))
@example([[], [{"label": 'ä"\\\n\u2028'}, {}], [{"box": [-0.0, 0.1, 30.0, 1e20]}], []])
def test_texts_come_back_from_their_pieces(answers):
    texts = pa.array([written(answer) for answer in answers], pa.string())
    found = pieces_of(texts)
    assert found.schema == PIECE_SCHEMA
    assert texts_of(found, len(texts)).equals(texts)
    kept = pa.concat_tables([found.slice(n, 1) for n in range(found.num_rows)][::-1] or [found])
    if all(len(answer) < 2 for answer in answers):
        assert texts_of(kept, len(texts)).equals(texts)


@given(FLOATS)
def test_one_number_is_written_as_many_are(number):
    text = number_text(number)
    box = pieces_of(pa.array([f'[{{"box":[{text},0,0,0]}}]']))
    assert texts_of(box, 1)[0].as_py() == f'[{{"box":[{text},0,0,0]}}]'
    assert np.float32(text) == np.float32(number)


def test_pieces_are_typed_columns():
    texts = pa.array(['[{"label":"car","box":[1,2.5,30,40]},{"label":"dog"}]', "[]", None,
                      '[{"label":"car","start":3,"end":5}]'])  # fmt: skip
    rows = pieces_of(texts).select(["answer", "label", "box", "start"]).to_pylist()
    assert rows == [
        {"answer": 0, "label": "car", "box": [1, 2.5, 30, 40], "start": None},
        {"answer": 0, "label": "dog", "box": None, "start": None},
        {"answer": 3, "label": "car", "box": None, "start": 3},
    ]


def test_a_few_columns_are_enough_to_write():
    table = pa.table({"answer": pa.array([1, 0], pa.int32()), "start": pa.array([7, 8])})
    assert texts_of(table, 3).to_pylist() == ['[{"start":8}]', '[{"start":7}]', "[]"]


def test_spaces_and_line_ends_between_pieces_are_read():
    (row,) = pieces_of(pa.array(['[\n {"label": "car"}\n]'])).to_pylist()
    assert row["label"] == "car"


@pytest.mark.parametrize(
    "text",
    ["", "3", "null", "[null]", "[1]", '{"label":"a"}', '["a"]', '[{"box":[1,2,3]}]', "a",
     '[{"box":[1,2,3,NaN]}]', '[{"box":[1,2,null,4]}]', '[{"runs":"%%"}]', '[{"start":1.5}]',
     '[{"wings":2}]', '[{"label":1}]', '[]}{"pieces":[]', '[{"label":"a","label":"b"}]',
     '[{"start":99999999999}]'],
)  # fmt: skip
def test_what_is_no_list_of_pieces_is_refused(text):
    with pytest.raises(AnswerError):
        pieces_of(pa.array([text, "[]"]))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e39])
def test_a_number_that_no_place_has_is_refused(number):
    with np.errstate(over="ignore"), pytest.raises(AnswerError):
        number_text(number)


@pytest.mark.parametrize("portion", [1, 30, 1 << 25])
def test_texts_are_read_in_portions_of_any_size(monkeypatch, portion):
    monkeypatch.setattr(pieces_module, "_CHUNK_BYTES", portion)
    many = "".join(f'{{"label":"a{n}","start":{n}}},' for n in range(2_000))[:-1]
    texts = pa.array(["[]", f"[{many}]", None, '[{"label":"b"}]', "[]"])
    found = pieces_of(texts)
    assert found["answer"].to_pylist() == [1] * 2_000 + [3]
    assert texts_of(found, 5).to_pylist() == ["[]", texts[1].as_py(), "[]", '[{"label":"b"}]', "[]"]


def test_no_answers_have_no_pieces():
    assert pieces_of(pa.array([], pa.string())).num_rows == 0
