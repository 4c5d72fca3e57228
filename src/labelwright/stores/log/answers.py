"""Where answers that are made of pieces rest: each once, under the digest of its text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from labelwright.core.answer_book import numbered
from labelwright.core.errors import AnswerError, StorageError, VotesError, shown
from labelwright.core.identity import DIGEST_BYTES
from labelwright.core.pieces import PIECE_SCHEMA, pieces_of, texts_of
from labelwright.stores.disk.lance_table import LanceTable

_HEX = 2 * DIGEST_BYTES
_CODED = pa.binary(DIGEST_BYTES)
# The class of a piece is kept as text, so that no row depends on a dictionary of others.
_KEPT = [field.with_type(pa.string()) if field.name == "label" else field
         for field in PIECE_SCHEMA if field.name != "answer"]  # fmt: skip
_PHYSICAL = pa.schema(
    [pa.field("digest", _CODED, nullable=False), pa.field("pieces", pa.list_(pa.struct(_KEPT)))]
)
_AT_ONCE = 65_536
# From this share of all rows on it is quicker to read every one than those alone.
_MOST = 0.125


class AnswerTable:
    """Distinct answers by content, in a Lance table that only grows.

    In the vote log an answer goes by its *name*: the digest of its text, in hexadecimal. Since a
    name says what it names, projects, processes and kills need not agree on any number: an answer
    that is written twice is the same one twice, and one that no vote names does no harm. A text is
    a name too (of an answer that is not kept here): every text of pieces begins with a bracket.

    Attributes:
        path: the folder of the table; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._table = LanceTable(path)
        self._index = _Index.of(np.zeros((0, 2), np.uint64))

    def count(self) -> int:
        """How many rows there are."""
        return self._table.count()

    def put(self, names: pa.StringArray) -> pa.StringArray:
        """Keeps the answers that are given as texts, and gives the digest of each.

        Args:
            names: texts, and digests of answers that are here.

        Raises:
            VotesError: a digest is unknown, or a text is not what its pieces say.
            StorageError: the disk is full or read-only.
        """
        digests = digests_of(names)
        prints = _prints(digests)
        new = self._places(prints) < 0
        if new.any():
            # Of two that are alike one is kept.
            first = np.zeros(len(new), bool)
            first[np.unique(prints, axis=0, return_index=True)[1]] = True
            rows = pa.array(np.flatnonzero(new & first))
            self._add(digests.take(rows), names.take(rows))
        return digests

    def names(self, texts: pa.StringArray) -> pa.StringArray:
        """The digests of texts that are kept here; other texts, and digests, stay as they are."""
        is_text = _are_texts(texts)
        if not pc.any(is_text).as_py():
            return texts
        digests = digests_of(texts)
        kept = self._places(_prints(digests)) >= 0
        return pc.if_else(pc.and_(is_text, pa.array(~kept)), texts, digests)

    def texts(self, names: pa.StringArray) -> pa.StringArray:
        """The text of each answer.

        Raises:
            StorageError: one is not here.
        """
        is_text = _are_texts(names)
        if pc.all(is_text).as_py():
            return names
        rows = np.flatnonzero(~is_text.to_numpy(zero_copy_only=False))
        read = texts_of(self._kept(names.take(pa.array(rows))), len(rows))
        if len(rows) == len(names):
            return read
        return pc.replace_with_mask(names, pc.invert(is_text), read)

    def pieces(self, names: pa.StringArray) -> pa.Table:
        """The pieces of each answer, in this order; ``answer`` is its position among the names.

        Raises:
            StorageError: one is not here.
        """
        is_text = _are_texts(names)
        if not pc.any(is_text).as_py():
            return self._kept(names)
        return pieces_of(self.texts(names))

    def check(self) -> None:
        """Returns if every answer is the one that its digest says.

        Raises:
            StorageError: one is not.
        """
        for batch in self._table.scan(["digest", "pieces"], batch_rows=_AT_ONCE):
            texts = texts_of(_flat(batch.column("pieces")), batch.num_rows)
            if _coded(digests_of(texts)) != batch.column("digest"):
                raise StorageError(
                    f"{self.path} is damaged: an answer is not the one that its name says. "
                    "Restore it from a backup, or clone the project from where it was pushed to."
                )

    def copy(self, folder: Path) -> None:
        """Makes a table of the same answers that shares this one's files."""
        self._table.copy_first(self.count(), folder)

    def close(self) -> None:
        """Makes the table refuse new answers from now on."""
        self._table.close()

    def compact(self) -> bool:
        """Joins the files of many small appends, if there are many."""
        return self._table.compact()

    def _add(self, digests: pa.StringArray, texts: pa.StringArray) -> None:
        is_text = _are_texts(texts)
        if not pc.all(is_text).as_py():
            lost = digests.filter(pc.invert(is_text))[0].as_py()
            raise VotesError(
                f"votes name the answer {shown(lost)}, which the project does not have; an answer "
                "made of pieces is written as a list of them"
            )
        try:
            pieces = pieces_of(texts)
        except AnswerError as error:
            raise VotesError(str(error)) from error
        written = texts_of(pieces, len(texts))
        if not written.equals(texts):
            place = pc.index(pc.equal(written, texts), False).as_py()
            raise VotesError(
                f"the answer {shown(texts[place].as_py())} is not written as its kind of task has "
                f"to write it, which is {shown(written[place].as_py())}"
            )
        rows = pa.RecordBatch.from_arrays(
            [_coded(digests), _lists(pieces, len(texts))], schema=_PHYSICAL
        )
        self._table.create(_PHYSICAL)
        self._table.append(_PHYSICAL, [rows])

    def _kept(self, names: pa.StringArray) -> pa.Table:
        """The pieces of answers by their digests."""
        places = self._places(_prints(names))
        if np.any(places < 0):
            lost = names[int(np.argmin(places))].as_py()
            raise StorageError(
                f"{self.path} lacks the answer {lost}, which votes name. Restore it from a backup, "
                "or clone the project from where it was pushed to."
            )
        distinct, which = np.unique(places, return_inverse=True)
        lists = self._read(distinct)
        if len(distinct) != len(names) or np.any(np.diff(which) < 0):
            lists = lists.take(pa.array(which))
        return _flat(lists)

    def _read(self, places: NDArray[np.int64]) -> pa.ListArray:
        """The lists of pieces in these rows, which rise."""
        if len(places) < _MOST * self.count():
            return self._table.take(places, ["pieces"])["pieces"].combine_chunks()
        parts, start = [pa.array([], _PHYSICAL.field("pieces").type)], 0
        for batch in self._table.scan(["pieces"], batch_rows=_AT_ONCE):
            low, high = np.searchsorted(places, [start, start + batch.num_rows])
            parts.append(batch.column(0).take(pa.array(places[low:high] - start)))
            start += batch.num_rows
        return pa.concat_arrays(parts)

    def _places(self, prints: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row of each answer, -1 for one that is not here."""
        found = self._index.places(prints)
        if np.any(found < 0) and self.count() > self._index.rows:
            batches = self._table.scan(["digest"], batch_rows=1 << 20)
            known = [_halves(batch.column(0)) for batch in batches]
            self._index = _Index.of(np.concatenate(known))
            found = self._index.places(prints)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class KeptBook:
    """A book whose answers rest in a table; implements `AnswerBook`.

    Attributes:
        known: the name of each answer.
        table: where they rest.
    """

    known: Sequence[str]
    table: AnswerTable

    def __len__(self) -> int:
        return len(self.known)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _AT_ONCE):
            names = pa.array(self.known[start : start + _AT_ONCE], pa.string())
            yield from self.table.texts(names).to_pylist()

    def __getitem__(self, number: int) -> str:
        text: str = self.texts([number])[0].as_py()
        return text

    def names(self) -> Sequence[str]:
        """The digest of each answer, or its text where the table does not have it."""
        return self.known

    def texts(self, numbers: ArrayLike) -> pa.StringArray:
        """The texts with these numbers."""
        return self.table.texts(self._named(numbers))

    def pieces(self, numbers: ArrayLike) -> pa.Table:
        """The pieces of the answers with these numbers."""
        return numbered(self.table.pieces(self._named(numbers)), numbers)

    def _named(self, numbers: ArrayLike) -> pa.StringArray:
        return pa.array([self.known[number] for number in np.asarray(numbers)], pa.string())


def digests_of(names: pa.StringArray) -> pa.StringArray:
    """The digest of each text; a digest or null as it is."""
    found = [
        hashlib.blake2b(name.encode(), digest_size=DIGEST_BYTES).hexdigest()
        if name is not None and name.startswith("[")
        else name
        for name in names.to_pylist()
    ]
    return pa.array(found, pa.string())


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Where each digest is, sorted by its first half.

    Attributes:
        first: the first half of each digest, shape (rows,).
        second: the second half.
        place: its row.
    """

    first: NDArray[np.uint64]
    second: NDArray[np.uint64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, prints: NDArray[np.uint64]) -> _Index:
        order = np.lexsort((prints[:, 1], prints[:, 0]))
        return cls(prints[order, 0], prints[order, 1], order)

    @property
    def rows(self) -> int:
        """How many rows it knows."""
        return len(self.place)

    def places(self, prints: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row of each digest, -1 where there is none."""
        found = np.full(len(prints), -1, np.int64)
        at = np.searchsorted(self.first, prints[:, 0])
        open_ = np.flatnonzero(at < self.rows)
        while len(open_):
            open_ = open_[self.first[at[open_]] == prints[open_, 0]]
            same = self.second[at[open_]] == prints[open_, 1]
            found[open_[same]] = self.place[at[open_[same]]]
            # Another answer with the same first half: look at the next place.
            open_ = open_[~same]
            at[open_] += 1
            open_ = open_[at[open_] < self.rows]
        return found


def _are_texts(names: pa.StringArray) -> pa.BooleanArray:
    return pc.starts_with(names, "[")


def _coded(digests: pa.StringArray) -> pa.FixedSizeBinaryArray:
    """Digests as bytes.

    Raises:
        VotesError: one is none.
    """
    try:
        content = bytes.fromhex("".join(digests.to_pylist()))
        right = pc.all(pc.equal(pc.binary_length(digests), _HEX), min_count=0).as_py()
    except ValueError:
        right = False
    if not right:
        raise VotesError(f"{shown(digests[0].as_py())} names no answer made of pieces")
    return pa.FixedSizeBinaryArray.from_buffers(_CODED, len(digests), [None, pa.py_buffer(content)])


def _prints(digests: pa.StringArray) -> NDArray[np.uint64]:
    return _halves(_coded(digests))


def _halves(coded: pa.FixedSizeBinaryArray) -> NDArray[np.uint64]:
    """The two halves of each digest, shape (digests, 2)."""
    content = np.frombuffer(coded.buffers()[1], np.uint64)[2 * coded.offset :]
    return content[: 2 * len(coded)].reshape(-1, 2)


def _lists(pieces: pa.Table, count: int) -> pa.ListArray:
    """The pieces of each answer as one value."""
    columns = [pieces[field.name].combine_chunks().cast(field.type) for field in _KEPT]
    ends = np.cumsum(np.bincount(pieces["answer"].to_numpy(), minlength=count))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays(columns, fields=_KEPT)
    )


def _flat(lists: pa.ListArray) -> pa.Table:
    """The pieces of answers as rows; ``answer`` is the position in the lists."""
    pieces = lists.flatten()
    answer = np.repeat(np.arange(len(lists), dtype=np.int32), pc.list_value_length(lists))
    columns = [pieces.field(field.name) for field in _KEPT]
    columns[0] = columns[0].dictionary_encode()
    return pa.Table.from_arrays([pa.array(answer), *columns], schema=PIECE_SCHEMA)
