"""Records as JSON files, one a record, named by its id."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from labelwright.core.errors import DataError, ProjectVersionError, StorageError
from labelwright.core.identity import digest
from labelwright.core.record import VERSION_FORMAT, Run, Version
from labelwright.stores.disk.atomic import write_atomic
from labelwright.stores.disk.storage_errors import storage_errors

RecordT = TypeVar("RecordT", Run, Version)


class RecordFiles(Generic[RecordT]):
    """A folder of ``<id>.json``.

    Args:
        folder: must exist.
        kind: the class of the records.
    """

    def __init__(self, folder: Path, kind: type[RecordT]) -> None:
        self.folder = folder
        self.kind: type[RecordT] = kind

    def write(self, record: RecordT) -> None:
        """Keeps the record, replacing one of the same id.

        Raises:
            DataError: it holds something that JSON does not give back as it was.
        """
        try:
            content = asdict(record)
            content["seal"] = digest(self._kept(json.loads(json.dumps(content))))
            text = json.dumps(content, indent=1, sort_keys=True)
            same = self._parsed(text).id == record.id
        except (TypeError, ValueError) as error:
            raise DataError(f"the record of a {self._name} cannot be kept: {error}") from error
        if not same:
            raise DataError(
                f"the record of a {self._name} holds values that JSON changes, such as keys that "
                "are no text; use plain text, numbers, lists and mappings with text keys"
            )
        write_atomic(self._path(record.id), text.encode())

    def read(self, id_: str) -> RecordT | None:
        """The record with this id, None if there is none.

        Raises:
            StorageError: it is damaged.
        """
        path = self._path(id_)
        with storage_errors("read", path):
            try:
                text = path.read_text(encoding="utf-8")
            except FileNotFoundError:
                return None
        try:
            record = self._parsed(text)
        except (AttributeError, TypeError, ValueError):
            record = None
        if record is None or record.id != id_:
            raise StorageError(
                f"{path} is damaged: it does not hold the {self._name} that its name says. "
                "Restore it from a backup, or delete it."
            )
        return record

    def ids(self) -> list[str]:
        """The ids of all records, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def newest(self) -> list[tuple[str, float]]:
        """The id of every record and when its file was written, in seconds; newest first."""
        files = [
            (entry.name.removesuffix(".json"), entry.stat().st_mtime)
            for entry in os.scandir(self.folder)
            if entry.name.endswith(".json")
        ]
        return sorted(files, key=lambda file: -file[1])

    def all(self) -> Iterator[RecordT]:
        """Every record."""
        for id_ in self.ids():
            if (record := self.read(id_)) is not None:
                yield record

    @property
    def _name(self) -> str:
        return self.kind.__name__.lower()

    def _path(self, id_: str) -> Path:
        return self.folder / f"{id_}.json"

    def _parsed(self, text: str) -> RecordT:
        content = dict(json.loads(text))
        if content.get("format", 1) > VERSION_FORMAT:
            raise ProjectVersionError(
                f"the {self._name} {content.get('id', '')} has the format {content['format']} of a "
                f"newer release; this one reads up to {VERSION_FORMAT}. Update with: "
                "pip install --upgrade labelwright"
            )
        record = self._kept(content)
        if content.get("seal", "") not in ("", digest(record)):
            raise ValueError("the seal is broken")
        return record

    def _kept(self, content: dict[str, Any]) -> RecordT:
        known = {field.name for field in fields(self.kind)}
        given = {name: value for name, value in content.items() if name in known}
        if isinstance(given.get("sources"), list):
            given["sources"] = tuple(given["sources"])
        return self.kind(**given)
