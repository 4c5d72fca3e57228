"""A Lance table that is only added to: the one file that imports Lance."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import ProjectError
from labelwright.stores.disk.links import link_tree
from labelwright.stores.disk.storage_errors import storage_errors

STORAGE_VERSION = "2.2"
_HINT = "latest_version_hint.json"
_CLOSED = "closed"
MANY_FRAGMENTS = 64
# Readers of an old version have this long to finish before compaction takes its files away.
_KEEP_OLD = timedelta(hours=1)
# Bounds the memory of a scan: by default Lance reads up to 2 GiB ahead.
_READ_AHEAD_BYTES = 128 << 20


class LanceTable:
    """Rows on disk, in the order of arrival; a row's place never changes.

    Several threads may read at once; each has the table opened for itself.

    Every method raises StorageError where the disk or a damaged file is the reason.

    Attributes:
        path: the folder; it need not exist before the first append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Moving a dataset on to the newest version while another thread reads from it fails.
        self._mine = threading.local()

    def count(self) -> int:
        """How many rows there are."""
        with storage_errors("read", self.path):
            dataset = self._latest()
            return 0 if dataset is None else int(dataset.count_rows())

    def schema(self) -> pa.Schema:
        """The columns; none if the table does not exist."""
        with storage_errors("read", self.path):
            dataset = self._latest()
            return pa.schema([]) if dataset is None else dataset.schema

    def version(self) -> int:
        """Grows with every change; 0 if the table does not exist."""
        with storage_errors("read", self.path):
            dataset = self._latest()
            return 0 if dataset is None else int(dataset.version)

    def scan(
        self,
        columns: Sequence[str],
        *,
        start: int = 0,
        batch_rows: int = 32_768,
        where: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows from place `start` on, in order, in batches of at most `batch_rows`.

        Args:
            columns: which; at least one.
            start: the first row's place; not together with `where`.
            batch_rows: how many rows a batch has at most.
            where: a condition in SQL.
        """
        with storage_errors("read", self.path):
            dataset = self._latest()
            if dataset is None or start >= dataset.count_rows():
                return
            scanner = dataset.scanner(
                columns=list(columns),
                offset=start or None,
                filter=where,
                batch_size=batch_rows,
                batch_readahead=4,
                io_buffer_size=_READ_AHEAD_BYTES,
                scan_in_order=True,
            )
            yield from scanner.to_batches()

    def take(self, places: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """The rows at these places, in this order."""
        with storage_errors("read", self.path):
            return self._latest().take(places, columns=list(columns))

    def create(self, schema: pa.Schema) -> None:
        """Makes the table without rows, unless it exists."""
        self._check_open()
        with storage_errors("create", self.path):
            try:
                if self._latest() is None:
                    self._mine.opened = _lance().write_dataset(
                        schema.empty_table(), self.path, data_storage_version=STORAGE_VERSION
                    )
            except OSError:
                # Another process may have been a moment faster.
                if self._latest() is None:
                    raise

    def append(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Adds the rows in one commit, holding few batches at a time.

        An exception of `batches` itself comes out as it is; nothing is added then.
        """
        self._check_open()
        watched = _Watched(batches)
        reader = pa.RecordBatchReader.from_batches(schema, iter(watched))
        try:
            with storage_errors("write", self.path):
                self._mine.opened = _lance().write_dataset(reader, self._latest(), mode="append")
        except Exception:
            # Lance reports the reader's own failure as text.
            if watched.failure is not None:
                raise watched.failure from None
            raise

    def add_columns(self, fields: Sequence[pa.Field]) -> None:
        """Adds columns that are null in all rows so far. Touches no data."""
        with storage_errors("write", self.path):
            self._latest().add_columns(pa.schema([field.with_nullable(True) for field in fields]))

    def widen_to_float(self, column: str) -> None:
        """Turns a column of whole numbers into 64-bit floats.

        In steps, because Lance has no such change; a reader sees the old column or the new one,
        and :meth:`drop_leftovers` cleans up after a kill in between.
        """
        with storage_errors("write", self.path):
            self.drop_leftovers()
            dataset = self._latest()
            dataset.add_columns({f"_wide_{column}": f"cast(`{column}` as double)"})
            dataset.alter_columns(
                {"path": column, "name": f"_narrow_{column}"},
                {"path": f"_wide_{column}", "name": column},
            )
            self.drop_leftovers()

    def drop_leftovers(self) -> None:
        """Drops the columns that an interrupted :meth:`widen_to_float` left."""
        with storage_errors("write", self.path):
            left = [name for name in self.schema().names if is_leftover(name)]
            if left:
                self._latest().drop_columns(left)

    def restore(self, version: int) -> None:
        """Makes the table what it was at that version."""
        if version and version != self.version():
            with storage_errors("write", self.path):
                _lance().dataset(self.path, version=version).restore()
                self._mine.opened = None

    def copy_first(self, rows: int, target: Path) -> None:
        """Makes a table of the first `rows` rows that shares this one's files.

        Both may go on: files of rows are never changed in place.
        """
        if self.version() == 0:
            return
        # A writer puts the rows on disk before the manifest that names them.
        link_tree(self.path, target, first="_versions", but=_HINT)
        with storage_errors("write", target):
            copy = _lance().dataset(target)
            spans, start = [], 0
            for fragment in copy.get_fragments():
                count, address = fragment.count_rows(), fragment.fragment_id << 32
                if start + count > rows:
                    low = address + max(rows - start, 0)
                    spans.append(f"_rowaddr between {low} and {address + count - 1}")
                start += count
            if spans:
                copy.delete(" or ".join(spans))

    def close(self) -> None:
        """Makes the table refuse new rows from now on."""
        with storage_errors("write", self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / _CLOSED).touch()

    def _check_open(self) -> None:
        if (self.path / _CLOSED).exists():
            raise ProjectError(
                f"{self.path} belongs to the checkout of a version, to which nothing can be added. "
                "Work in the project itself, or in a copy of it: labelwright clone"
            )

    def compact(self, fragments: int = MANY_FRAGMENTS) -> bool:
        """Joins the files of many small appends, if there are more than `fragments` of them.

        Rows keep their places. Files of versions older than an hour go.

        Returns:
            Whether there was anything to do.
        """
        with storage_errors("compact", self.path):
            dataset = self._latest()
            if dataset is None or len(dataset.get_fragments()) <= fragments:
                return False
            dataset.optimize.compact_files()
            dataset.cleanup_old_versions(older_than=_KEEP_OLD, error_if_tagged_old_versions=False)
            return True

    def _latest(self) -> Any:
        """The newest version as a Lance dataset, None if there is no table."""
        opened = getattr(self._mine, "opened", None)
        if opened is not None:
            opened.checkout_latest()
        elif (self.path / "_versions").is_dir():
            opened = self._mine.opened = _lance().dataset(self.path)
        return opened


def is_leftover(column: str) -> bool:
    """Whether the column is only there because a change of its type was interrupted."""
    return column.startswith(("_wide_", "_narrow_"))


def _lance() -> Any:
    """The library, with its log set to errors; otherwise it warns on standard error."""
    os.environ.setdefault("LANCE_LOG", "error")
    import lance

    return lance


class _Watched:
    """Batches that remember with what exception they ended."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.failure: BaseException | None = None
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except BaseException as error:
            self.failure = error
            raise
