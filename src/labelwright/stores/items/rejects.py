"""The bad rows that an import set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from labelwright.stores.disk.json_lines import JsonLines, Record

EXCERPT = 500
_NO_HASHES: Mapping[str, str] = MappingProxyType({})


class BadRow(Protocol):
    """What a reader of files says about a row that it set aside."""

    @property
    def file(self) -> str:
        """The file as the user named it."""
        ...

    @property
    def line(self) -> int:
        """Where in the file, from 1; 0 where the file as a whole is meant."""
        ...

    @property
    def reason(self) -> str:
        """What is wrong with it."""
        ...

    @property
    def excerpt(self) -> str:
        """How the row starts."""
        ...


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not become an item or a vote.

    Attributes:
        file: the file as the user named it.
        file_hash: of its content; the file's name where the hash is not known.
        line: of the row in the file, from 1; 0 where the file as a whole is meant.
        reason: what is wrong with it.
        excerpt: how the row starts.
    """

    file: str
    file_hash: str
    line: int
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rows set aside, each once, in the order of arrival.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def add(self, rows: Iterable[BadRow], hashes: Mapping[str, str] = _NO_HASHES) -> int:
        """How many of the rows are new; importing the same file again adds none.

        Args:
            rows: what was set aside.
            hashes: of the content of each file, so that a renamed file is known again.

        Raises:
            StorageError: the disk is full or read-only; then none was added.
        """
        added: list[Record] = []

        def new() -> list[Record]:
            known = {_key(record) for record in self._records()}
            for row in rows:
                file_hash = hashes.get(row.file, row.file)
                reject = Reject(row.file, file_hash, row.line, row.reason, row.excerpt[:EXCERPT])
                record = asdict(reject)
                if _key(record) not in known:
                    known.add(_key(record))
                    added.append(record)
            return added

        JsonLines(self.path).extend(new)
        return len(added)

    def count(self) -> int:
        """How many rows there are."""
        return len(self._records())

    def list(self, limit: int | None = None) -> list[Reject]:
        """The newest `limit` rows (all by default), in the order of arrival."""
        records = self._records()
        start = 0 if limit is None else max(len(records) - limit, 0)
        names = [field.name for field in fields(Reject)]
        return [Reject(**{name: record[name] for name in names}) for record in records[start:]]

    def _records(self) -> Sequence[Record]:
        return JsonLines(self.path).read()[0]


def _key(record: Record) -> tuple[str, int, str]:
    # The excerpt tells apart what is wrong with a file as a whole, such as several ids.
    return record["file_hash"], record["line"], record["excerpt"]
