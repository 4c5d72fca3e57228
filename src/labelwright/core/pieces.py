"""Answers that are made of pieces: as text, which names them, and as columns, which compute.

The text of such an answer is a JSON list of objects, `[{"label":"car","box":[1,2,30,40]}]`,
without spaces; the keys are the columns of `PIECE_SCHEMA` in their order, each only where the
piece has it. Both forms hold the same: `texts_of(pieces_of(texts), len(texts)) == texts`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, shown

PIECE_SCHEMA = pa.schema(
    [
        pa.field("answer", pa.int32(), nullable=False),
        pa.field("label", pa.dictionary(pa.int32(), pa.string())),
        pa.field("text", pa.string()),
        pa.field("box", pa.list_(pa.float32(), 4)),
        pa.field("ring", pa.list_(pa.float32())),
        pa.field("runs", pa.binary()),
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
        pa.field("head", pa.int32()),
        pa.field("tail", pa.int32()),
        pa.field("track", pa.int32()),
        pa.field("frame", pa.int32()),
    ]
)
"""One piece of an answer. A kind of task fills the columns it uses; the rest are null.

``answer`` is the answer's place in its book, ``label`` the name of the piece's class, ``text`` what
is written there. ``box`` is x0, y0, x1, y1 in pixels, ``ring`` a polygon as x, y, x, y, ...;
``runs`` a mask, as `core.runs` writes it (in the text: base64). ``start`` and ``end`` count
characters, milliseconds or frames; ``head`` and ``tail`` are places of pieces of the same answer;
``track`` and ``frame`` follow a thing through a video.
"""

PIECE_COLUMNS = tuple(PIECE_SCHEMA.names[1:])
"""What a piece may have: the keys of its object in the text, in their order."""

_CHUNK_BYTES = 1 << 25
"""So much text is read at once; more takes no less time."""
_WHOLE = 1 << 24
"""Below it every whole number has a float of 32 bits."""
_PLAIN = (1e-6, 1e10)
"""Between these Arrow, which writes many numbers at once, writes no exponent."""
_WRITTEN = {"label": pa.string(), "box": pa.list_(pa.float32()), "runs": pa.string()}
_OBJECT = pa.struct([(name, _WRITTEN.get(name, PIECE_SCHEMA.field(name).type))
                     for name in PIECE_COLUMNS])  # fmt: skip
_LINE = pa.schema([("pieces", pa.list_(_OBJECT))])


def pieces_of(texts: pa.StringArray) -> pa.Table:
    """The pieces of answers, with the columns of `PIECE_SCHEMA`, in the order of the texts.

    An answer without pieces has no row; nor has a null. Minus zero becomes zero.

    Raises:
        AnswerError: a text is no list of pieces.
    """
    parts = [_read(texts.slice(start, count), start) for start, count in _chunks(texts)]
    return pa.concat_tables([PIECE_SCHEMA.empty_table(), *parts]).unify_dictionaries()


def texts_of(pieces: pa.Table, count: int) -> pa.StringArray:
    """The text of each of `count` answers that have these pieces, shape (count,).

    Args:
        pieces: any columns of `PIECE_SCHEMA`, ``answer`` among them, in any order of answers; the
            pieces of one answer are written in the order in which they stand.
        count: how many answers there are; one without pieces is ``[]``.
    """
    answer = pieces["answer"].to_numpy()
    if np.any(np.diff(answer) < 0):
        order = np.argsort(answer, kind="stable")
        answer, pieces = answer[order], pieces.take(pa.array(order))
    pieces = pieces.combine_chunks()
    fields = [
        _field(name, column.chunk(0))
        for name in PIECE_COLUMNS
        if name in pieces.column_names and (column := pieces[name]).null_count < len(column)
    ]
    # Of a row of nothing but nulls the join makes no row, and `{}` is a piece like others.
    said = np.zeros(len(answer), bool)
    for field in fields:
        said |= field.is_valid().to_numpy(zero_copy_only=False)
    nothing = pa.array([""] * len(answer), pa.string())
    if fields and not said.all():
        fields[0] = pc.if_else(pa.array(said), fields[0], nothing)
    inside = nothing
    if fields:
        inside = pc.binary_join_element_wise(*fields, ",", null_handling="skip")
    objects = pc.binary_join_element_wise("{", inside, "}", "")
    ends = np.cumsum(np.bincount(answer, minlength=count))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), objects)
    return pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")


def number_text(number: float) -> str:
    """A number as the texts of pieces write it: as short as a float of 32 bits can be told.

    Raises:
        AnswerError: it is not finite.

    Example:
        >>> number_text(0.1), number_text(30.0), number_text(-0.0)
        ('0.1', '30', '0')
    """
    short = np.float32(number)
    if not np.isfinite(short):
        raise AnswerError(f"{shown(number)} is no number that a place can have")
    if abs(short) < _WHOLE and short == int(short):
        return str(int(short))
    if _PLAIN[0] <= abs(short) < _PLAIN[1]:
        return np.format_float_positional(short, trim="-")
    written: str = pa.array([short]).cast(pa.string())[0].as_py()
    return written


def _chunks(texts: pa.StringArray) -> Iterator[tuple[int, int]]:
    """Where pieces of the array start, and how many texts each has."""
    ends = np.cumsum(pc.fill_null(pc.binary_length(texts), 0).to_numpy(), dtype=np.int64)
    start = 0
    while start < len(texts):
        before = int(ends[start - 1]) if start else 0
        stop = int(np.searchsorted(ends, before + _CHUNK_BYTES, side="right"))
        stop = max(stop, start + 1)
        yield start, stop - start
        start = stop


def _read(texts: pa.StringArray, first: int) -> pa.Table:
    """The pieces of some texts, of which the first is answer number `first`."""
    lists = _parsed(texts)
    objects = lists.flatten()
    if lists.null_count or objects.null_count:
        raise AnswerError("an answer holds null where a piece should stand")
    answer = np.repeat(np.arange(first, first + len(texts)), np.diff(lists.offsets.to_numpy()))
    columns = [_column(name, objects.field(name)) for name in PIECE_COLUMNS]
    return pa.Table.from_arrays([pa.array(answer.astype(np.int32)), *columns], schema=PIECE_SCHEMA)


def _parsed(texts: pa.StringArray) -> pa.ListArray:
    """A list of objects for each text."""
    from pyarrow import json as arrow_json

    clean = pc.fill_null(texts, "[]")
    # A line is an answer; inside of texts JSON has no line ends, and elsewhere they say nothing.
    if pc.any(pc.match_substring(clean, "\n")).as_py():
        clean = pc.replace_substring(clean, "\n", " ")
    lines = pc.binary_join_element_wise('{"pieces":', clean, "}\n", "")
    size = pc.sum(pc.binary_length(lines)).as_py()
    content = pa.py_buffer(lines.buffers()[2])[:size]
    try:
        table = arrow_json.read_json(
            pa.BufferReader(content),
            arrow_json.ReadOptions(use_threads=False, block_size=size + 1),
            arrow_json.ParseOptions(explicit_schema=_LINE, unexpected_field_behavior="error"),
        )
    except pa.ArrowException as error:
        raise AnswerError(
            f"an answer is no list of pieces ({error}); the first of these is "
            f"{shown(clean[0].as_py())}. A piece may have {', '.join(PIECE_COLUMNS)}."
        ) from error
    if table.num_rows != len(texts):
        raise AnswerError(f"{len(texts)} answers hold {table.num_rows} lists of pieces")
    return table["pieces"].combine_chunks()


def _column(name: str, read: pa.Array) -> pa.Array:
    """A column as JSON has it -> as `PIECE_SCHEMA` has it."""
    if name == "label":
        return read.dictionary_encode()
    if name == "runs":
        return _decoded(read)
    if name in ("box", "ring"):
        return _floats(name, read)
    return read


def _floats(name: str, read: pa.ListArray) -> pa.Array:
    """Lists of numbers, all finite; boxes have four."""
    numbers = read.flatten().to_numpy(zero_copy_only=False)
    if not np.isfinite(numbers).all():
        raise AnswerError(f"a {name} holds something that is no number")
    numbers = numbers + np.float32(0)  # minus zero is zero
    if name == "ring":
        return pa.ListArray.from_arrays(_offsets(read), pa.array(numbers))
    valid = read.is_valid().to_numpy(zero_copy_only=False)
    lengths = pc.fill_null(pc.list_value_length(read), 4).to_numpy()
    if np.any(lengths != 4):
        raise AnswerError("a box has four numbers: x0, y0, x1, y1")
    every = np.zeros((len(read), 4), np.float32)
    every[valid] = numbers.reshape(-1, 4)
    mask = None if valid.all() else pa.array(~valid)
    return pa.FixedSizeListArray.from_arrays(pa.array(every.ravel()), 4, mask=mask)


def _offsets(lists: pa.ListArray) -> pa.Array:
    """Where each list starts among all numbers; null where there is none."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    absent = np.append(lists.is_null().to_numpy(zero_copy_only=False), False)
    return pa.array(offsets, mask=absent)


def _decoded(read: pa.StringArray) -> pa.BinaryArray:
    if read.null_count == len(read):
        return pa.nulls(len(read), pa.binary())
    try:
        found = [
            None if text is None else base64.b64decode(text, validate=True)
            for text in read.to_pylist()
        ]
    except binascii.Error as error:
        raise AnswerError(f"the runs of a mask are no base64: {error}") from error
    return pa.array(found, pa.binary())


def _field(name: str, column: pa.Array) -> pa.StringArray:
    """What the object of each piece says under this key, null where nothing."""
    there = column.drop_null()
    if name in ("label", "text"):
        texts = _quoted(there)
    elif name == "runs":
        coded = [base64.b64encode(runs).decode() for runs in there.to_pylist()]
        texts = pc.binary_join_element_wise('"', pa.array(coded, pa.string()), '"', "")
    elif name in ("box", "ring"):
        texts = _listed(there)
    else:
        texts = there.cast(pa.string())
    whole = pc.binary_join_element_wise(f'"{name}":', texts, "")
    if not column.null_count:
        return whole
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    return whole.take(pa.array(np.cumsum(valid) - 1, mask=~valid))


def _quoted(texts: pa.Array) -> pa.StringArray:
    """The texts as JSON writes them, each different one once."""
    coded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    quoted = [json.dumps(text, ensure_ascii=False) for text in coded.dictionary.to_pylist()]
    return pa.array(quoted, pa.string()).take(coded.indices)


def _listed(lists: pa.Array) -> pa.StringArray:
    """Lists of numbers as JSON writes them, each as short as a float of 32 bits can be told."""
    if pa.types.is_fixed_size_list(lists.type):
        size = lists.type.list_size
        offsets = np.arange(0, size * len(lists) + 1, size, dtype=np.int32)
    else:
        offsets = _offsets(lists).to_numpy()
    numbers: NDArray[Any] = lists.flatten().to_numpy(zero_copy_only=False) + np.float32(0)
    texts = pa.ListArray.from_arrays(pa.array(offsets), pa.array(numbers).cast(pa.string()))
    return pc.binary_join_element_wise("[", pc.binary_join(texts, ","), "]", "")
