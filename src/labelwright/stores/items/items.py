"""Where items rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import DataError, UnknownNameError, shown
from labelwright.core.items import (
    HASH,
    ID,
    MAX_ID_BYTES,
    MEDIA,
    MEDIA_URI,
    NUMBER,
    RESERVED,
    Arrival,
)
from labelwright.stores.disk.lance_table import LanceTable, is_leftover
from labelwright.stores.items.item_columns import (
    change_for,
    column_of,
    first_schema,
    fitted,
    logical,
    plain,
)
from labelwright.stores.items.item_index import ItemIndex, Meeting
from labelwright.stores.items.linked_media import with_linked_media

# Images are large: this many a batch keep a scan of them within some hundred megabytes.
_MEDIA_ROWS = 256
_EXACT_AS_FLOAT = 2**53


class LanceItems:
    """The items of a project in a Lance table; implements the port ``ItemStore``.

    Who appends holds the project's lock. Fields come and go: an older item has null in a newer
    field. Whole numbers become floats when fractions arrive; other changes of type are refused.

    Attributes:
        path: the folder of the table; it is made by the first append.

    Example:
        >>> import tempfile, pyarrow as pa
        >>> items = LanceItems(Path(tempfile.mkdtemp()) / "items.lance")
        >>> items.append([pa.record_batch({"_id": ["a"], "_hash": ["h"], "text": ["hello"]})])
        Arrival(added=1, unchanged=0, conflicts=())
        >>> items.take(items.find(["a"]), ["text"]).to_pylist()
        [{'_number': 0, 'text': 'hello'}]
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._table = LanceTable(path)
        self._known: ItemIndex | None = None

    def count(self) -> int:
        """How many items there are."""
        return self._table.count()

    def schema(self) -> pa.Schema:
        """The reserved columns and the user's fields."""
        number = pa.field(NUMBER, RESERVED[NUMBER])
        return pa.schema([number, *self._stored()])

    def append(self, items: Iterable[pa.RecordBatch]) -> Arrival:
        """Adds the items whose id is new, numbers them, and tells what became of the others.

        All or none: if `items` or the disk fails, nothing was added. (One exception: a kill at
        the moment when a later batch brings new fields leaves the batches before; offering
        the same items again adds the rest.)

        Args:
            items: batches with ``_id`` and ``_hash`` in every row; the other reserved columns
                may lack. Read once, holding few batches.

        Raises:
            DataError: an id or hash lacks, an id is too long, a field has a type that
                contradicts the one it has in the project.
            StorageError: the disk is full or read-only.
        """
        intake = _Intake(self._index())
        fresh = _Peekable(intake.fresh(items))
        before = self._table.version()
        try:
            while (batch := fresh.peek()) is not None:
                self._make_room_for(batch.schema)
                self._add_while_they_fit(fresh)
        except BaseException:
            self._known = None
            self._table.restore(before)
            raise
        return Arrival(intake.added, intake.unchanged, tuple(intake.conflicts))

    def scan(
        self, fields: Sequence[str] | None = None, start: int = 0, batch_rows: int = 32_768
    ) -> Iterator[pa.RecordBatch]:
        """The items from number `start` on, in order, with `_number` and the named columns.

        Args:
            fields: names of user fields or reserved columns; all of them by default.
            start: the first number.
            batch_rows: how many items a batch has at most; fewer if it carries media.

        Raises:
            UnknownNameError: there is no such field.
        """
        names = self._names(fields)
        if MEDIA in names:
            batch_rows = min(batch_rows, _MEDIA_ROWS)
        columns = _columns_to_read(names)
        for batch in self._table.scan(columns, start=start, batch_rows=batch_rows):
            yield _numbered(batch, np.arange(start, start + batch.num_rows), names)
            start += batch.num_rows

    def take(self, numbers: NDArray[np.int64], fields: Sequence[str] | None = None) -> pa.Table:
        """The items with these numbers, in this order, with `_number` and the named columns.

        Raises:
            UnknownNameError: there is no such item or field.
        """
        numbers = np.asarray(numbers, np.int64)
        names = self._names(fields)
        count = self.count()
        outside = numbers[(numbers < 0) | (numbers >= count)]
        if len(outside):
            raise UnknownNameError(f"there is no item number {outside[0]}; there are {count}")
        if not len(numbers):
            number = pa.field(NUMBER, RESERVED[NUMBER])
            stored = self._stored()
            return pa.schema([number, *(stored.field(name) for name in names)]).empty_table()
        table = self._table.take(numbers, _columns_to_read(names))
        batches = [_numbered(table.combine_chunks().to_batches()[0], numbers, names)]
        return pa.Table.from_batches(batches)

    def find(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The number of the item with each id, -1 where there is none, shape (ids,)."""
        wanted = pa.array(ids, pa.string()).dictionary_encode()
        numbers = np.full(len(wanted.dictionary), -1, np.int64)
        missing, start = len(numbers), 0
        for batch in self._table.scan([ID]):
            if not missing:
                break
            place = pc.index_in(batch.column(0), value_set=wanted.dictionary)
            hits = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
            numbers[place.drop_null().to_numpy()] = hits + start
            missing -= len(hits)
            start += batch.num_rows
        return numbers[wanted.indices.to_numpy()]

    def copy_first(self, count: int, path: Path) -> None:
        """Makes a table of the first items that shares this one's files."""
        self._table.copy_first(count, path)

    def close(self) -> None:
        """Makes the table refuse new items from now on."""
        self._table.close()

    def has_media(self) -> bool:
        """Whether any item is an image."""
        batches = self._table.scan([MEDIA_URI])
        return any(batch.column(0).null_count < batch.num_rows for batch in batches)

    def compact(self) -> bool:
        """Joins the files of many small imports, if there are many. Numbers stay."""
        return self._table.compact()

    def _stored(self) -> pa.Schema:
        schema = self._table.schema()
        if not schema.names:
            return first_schema()
        return logical(schema, [name for name in schema.names if not is_leftover(name)])

    def _names(self, fields: Sequence[str] | None) -> list[str]:
        known = self._stored().names
        if fields is None:
            return known
        for name in fields:
            if name not in known and name != NUMBER:
                raise UnknownNameError(
                    f"the items have no field {shown(name)}; they have {shown(known, 200)}"
                )
        return [name for name in dict.fromkeys(fields) if name != NUMBER]

    def _index(self) -> ItemIndex:
        """The ids that are there, read once and kept; another process may have added some."""
        index = ItemIndex() if self._known is None else self._known
        self._known = None
        if len(index) > self.count():
            index = ItemIndex()
        for batch in self._table.scan([ID, HASH], start=len(index), batch_rows=262_144):
            index.meet(batch.column(ID), batch.column(HASH))
        self._known = index
        return index

    def _make_room_for(self, batch: pa.Schema) -> None:
        """Changes the table so that batches with these columns fit."""
        self._table.create(first_schema())
        self._table.drop_leftovers()
        change = change_for(self._stored(), batch)
        for name in change.wider:
            self._check_exact(name)
            self._table.widen_to_float(column_of(name))
        if change.new:
            new = [field.with_name(column_of(field.name)) for field in change.new]
            self._table.add_columns(new)

    def _check_exact(self, name: str) -> None:
        for batch in self.scan([name]):
            values = batch.column(name).drop_null().to_numpy()
            if len(values) and max(-int(values.min()), int(values.max())) > _EXACT_AS_FLOAT:
                raise DataError(
                    f"field {shown(name)} holds whole numbers too large for a float "
                    f"(such as {values.max()}), but float64 in the new items. "
                    "Give the new column another name."
                )

    def _add_while_they_fit(self, fresh: _Peekable) -> None:
        """Adds batches in one commit, until the end or one that needs another column."""
        stored = self._stored()

        def fitting() -> Iterator[pa.RecordBatch]:
            while (batch := fresh.peek()) is not None and not change_for(stored, batch.schema):
                fresh.drop()
                yield fitted(batch, stored)

        physical = pa.schema([field.with_name(column_of(field.name)) for field in stored])
        self._table.append(physical, fitting())


class _Intake:
    """Sorts offered items into new, unchanged and conflicting ones, and counts them."""

    def __init__(self, index: ItemIndex) -> None:
        self.added = 0
        self.unchanged = 0
        self.conflicts: list[tuple[int, str]] = []
        self._index = index
        self._offered = 0

    def fresh(self, items: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The new items of each batch that has any."""
        for offered in items:
            batch = plain(offered)
            _check_ids(batch.column(ID))
            meeting = self._index.meet(batch.column(ID), batch.column(HASH))
            new = meeting == Meeting.NEW
            self.added += int(new.sum())
            self.unchanged += int((meeting == Meeting.UNCHANGED).sum())
            for place in np.flatnonzero(meeting == Meeting.CONFLICT).tolist():
                self.conflicts.append((self._offered + place, batch.column(ID)[place].as_py()))
            self._offered += batch.num_rows
            if new.all() and batch.num_rows:
                yield batch
            elif new.any():
                yield batch.filter(pa.array(new))


class _Peekable:
    """Batches of which the next can be looked at before it is taken."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._next: pa.RecordBatch | None = None

    def peek(self) -> pa.RecordBatch | None:
        """The next batch, None at the end."""
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next

    def drop(self) -> None:
        """Takes the batch that was looked at."""
        self._next = None


def _columns_to_read(names: Sequence[str]) -> list[str]:
    """The stored columns of these fields; of media also where linked ones are."""
    extra = [MEDIA_URI] if MEDIA in names and MEDIA_URI not in names else []
    # Lance needs a column to count rows by.
    return [column_of(name) for name in [*names, *extra]] or [ID]


def _numbered(
    batch: pa.RecordBatch, numbers: NDArray[np.int64], names: Sequence[str]
) -> pa.RecordBatch:
    if MEDIA in names:
        read = [*names, *([] if MEDIA_URI in names else [MEDIA_URI])]
        table = with_linked_media(pa.Table.from_arrays(batch.columns, names=read))
        batch = table.combine_chunks().to_batches()[0]
    arrays = [pa.array(numbers, RESERVED[NUMBER]), *batch.columns[: len(names)]]
    return pa.RecordBatch.from_arrays(arrays, names=[NUMBER, *names])


def _check_ids(ids: pa.Array) -> None:
    longest = pc.max(pc.binary_length(ids)).as_py() or 0
    if longest > MAX_ID_BYTES:
        raise DataError(f"an id has {longest} bytes; at most {MAX_ID_BYTES} are allowed")
    if len(ids) and pc.min(pc.binary_length(ids)).as_py() == 0:
        raise DataError("an id is empty; give each item a key, or leave out the option --id")
