"""The labels of a version: one answer an item, kept as what changed since an earlier version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.stores.records.objects import Objects

MOST_STEPS = 32
"""After so many changes on top of each other all answers are kept again."""
_MOST_CHANGED = 0.25
_BASE, _STEPS, _COUNT = b"base", b"steps", b"count"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerColumn:
    """One answer an item, in the order of the project's items.

    Attributes:
        code: the place of the answer in `names`, -1 where there is none, shape (items,).
        names: the distinct answers.
    """

    code: NDArray[np.int32]
    names: Sequence[str]

    @classmethod
    def of(cls, answers: pa.Array) -> AnswerColumn:
        """The column of these texts; null where there is no answer."""
        coded = answers.dictionary_encode()
        code = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        return cls(code, coded.dictionary.to_pylist())

    def arrow(self) -> pa.DictionaryArray:
        """The answers as Arrow has them."""
        code = pa.array(self.code, mask=self.code < 0)
        return pa.DictionaryArray.from_arrays(code, pa.array(self.names, pa.string()))

    def among(self, names: Sequence[str]) -> NDArray[np.int32]:
        """The codes as places in other names, -2 for an answer that is not among them."""
        place = {name: number for number, name in enumerate(names)}
        lookup = [*(place.get(name, -2) for name in self.names), -1]
        return np.array(lookup, np.int32)[self.code]


def put_column(objects: Objects, column: AnswerColumn, base: str | None) -> str:
    """The digest under which the column is kept.

    Args:
        objects: where.
        column: it.
        base: the digest of an earlier column: only what differs from it is kept, unless that is
            most of it.
    """
    if base is not None and base in objects:
        old, steps = _read(objects, base)
        same = min(len(old.code), len(column.code))
        differs = np.ones(len(column.code), np.bool_)
        differs[:same] = old.among(column.names)[:same] != column.code[:same]
        changed = np.flatnonzero(differs)
        few = len(changed) <= _MOST_CHANGED * len(column.code)
        if few and steps < MOST_STEPS and len(column.code) >= len(old.code):
            about = {_BASE: base, _STEPS: steps + 1, _COUNT: len(column.code)}
            return objects.put_bytes(_packed(column, changed, about))
    about = {_BASE: "", _STEPS: 0, _COUNT: len(column.code)}
    return objects.put_bytes(_packed(column, np.arange(len(column.code)), about))


def get_column(objects: Objects, digest: str) -> AnswerColumn:
    """The column of this name.

    Raises:
        UnknownNameError: there is none.
        StorageError: it, or one that it builds on, is damaged.
    """
    return _read(objects, digest)[0]


def objects_of(objects: Objects, digest: str) -> list[str]:
    """The names of all objects that the column is made of."""
    found = []
    while digest:
        found.append(digest)
        digest = base_of(objects, digest)
    return found


def base_of(objects: Objects, digest: str) -> str:
    """The name of the column that this one builds on; empty if it builds on none."""
    return _about(objects.get_bytes(digest))["base"]


def _packed(column: AnswerColumn, rows: NDArray[np.int64], about: dict[bytes, object]) -> bytes:
    code = column.code[rows]
    used = np.unique(code[code >= 0])
    lookup = np.full(len(column.names) + 1, -1, np.int64)
    lookup[used] = np.arange(len(used))
    gap = np.diff(rows, prepend=-1) - 1
    columns = {"gap": _small(gap), "code": _small(lookup[code])}
    names = json.dumps([column.names[place] for place in used])
    meta = {key: str(value) for key, value in about.items()} | {b"names": names}
    table = pa.table(columns).replace_schema_metadata(meta)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as out:
        out.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _small(numbers: NDArray[np.int64]) -> NDArray[np.signedinteger]:
    """The numbers in the smallest type that holds them."""
    low, high = numbers.min(initial=0), numbers.max(initial=0)
    return numbers.astype(np.result_type(np.min_scalar_type(int(low)), np.int8,
                                         np.min_scalar_type(-int(high) - 1)))  # fmt: skip


def _about(content: bytes) -> dict[str, str]:
    meta = pa.ipc.open_stream(content).schema.metadata
    return {key.decode(): value.decode() for key, value in meta.items()}


def _read(objects: Objects, digest: str) -> tuple[AnswerColumn, int]:
    """The column, and how many others it builds on."""
    pieces: list[tuple[dict[str, str], pa.Table]] = []
    while digest:
        content = objects.get_bytes(digest)
        about = _about(content)
        pieces.append((about, pa.ipc.open_stream(content).read_all()))
        digest = about["base"]
    names: list[str] = []
    place_of: dict[str, int] = {}
    code = np.full(int(pieces[0][0]["count"]), -1, np.int32)
    for about, table in reversed(pieces):
        for name in json.loads(about["names"]):
            if name not in place_of:
                place_of[name] = len(names)
                names.append(name)
        lookup = np.array([*(place_of[name] for name in json.loads(about["names"])), -1], np.int32)
        rows = np.cumsum(table["gap"].to_numpy().astype(np.int64) + 1) - 1
        code[rows] = lookup[table["code"].to_numpy()]
    return AnswerColumn(code, names), int(pieces[0][0]["steps"])
