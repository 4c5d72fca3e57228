"""What items hold, written as JSON for who is asked about them, and kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from pydantic_core import to_json

from labelwright.pipeline.live.snapshot import ItemContent, Snapshot
from labelwright.server.to_wire import content_asked

CACHE_BYTES = 256_000_000


class KeptContents:
    """Items as JSON, each with the fields that people see who are asked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, frozenset[str]], bytes] = OrderedDict()
        self._bytes = 0

    def of(self, snapshot: Snapshot, numbers: Sequence[int]) -> dict[int, bytes]:
        """Those of these items that are kept, by number."""
        found = {number: self._kept.get((number, snapshot.asked)) for number in numbers}
        return {number: text for number, text in found.items() if text is not None}

    def keep(self, snapshot: Snapshot, content: ItemContent) -> bytes:
        """The item as JSON, kept from now on."""
        text = to_json(content_asked(snapshot, content).model_dump())
        key = (content.number, snapshot.asked)
        if key not in self._kept:
            self._bytes += len(text)
        self._kept[key] = text
        while self._bytes > CACHE_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1])
        return text
