"""The numbers of source versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import StorageError
from labelwright.core.source import Source, SourceKind
from labelwright.stores.disk.json_lines import JsonLines, Record

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SourceRegister:
    """Who ever voted, in order of first registration; the place is the number.

    A source version is its name, kind and version: only those make it vote differently. When
    its costs, expected accuracy or description change, it keeps its number.

    Attributes:
        path: a file of JSON lines; it need not exist yet.
    """

    path: Path

    def sources(self) -> tuple[Source, ...]:
        """Every source version with what was last said about it; its number is its place."""
        newest: dict[_Key, Source] = {}
        for record in JsonLines(self.path).read()[0]:
            source = self._parsed(record)
            newest[_key(source)] = source
        return tuple(newest.values())

    def register(self, sources: Sequence[Source]) -> NDArray[np.int32]:
        """The numbers of these sources; new ones are added. Safe with several processes."""

        def changed() -> list[Record]:
            known = set(self.sources())
            return [asdict(source) for source in dict.fromkeys(sources) if source not in known]

        if set(sources) - set(self.sources()):
            JsonLines(self.path).extend(changed)
        number = {_key(source): place for place, source in enumerate(self.sources())}
        return np.array([number[_key(source)] for source in sources], np.int32)

    def _parsed(self, record: Record) -> Source:
        try:
            known = {name: record[name] for name in Source.__dataclass_fields__ if name in record}
            return Source(**{**known, "kind": SourceKind(record["kind"])})
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"{self.path}: a source is damaged ({error}). Restore the file from a backup."
            ) from error


def _key(source: Source) -> _Key:
    return source.name, source.kind, source.version
