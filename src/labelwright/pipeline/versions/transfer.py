"""Rows of items and votes as they travel between projects: by id and name, never by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, StorageError, shown
from labelwright.core.items import HASH, ID, MEDIA, NUMBER
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import (
    ITEMS,
    VOTES,
    item_words,
    row_words,
    segment_name,
    source_words,
)

_ROWS, _MEDIA_ROWS = 65_536, 256


def items_of(workspace: Workspace, segment: str) -> Iterator[pa.RecordBatch]:
    """The items of a segment, with all their content, in batches."""
    places = workspace.segments.places(ITEMS, [segment], sort=False)
    step = _MEDIA_ROWS if MEDIA in workspace.items.schema().names else _ROWS
    for start in range(0, len(places), step):
        table = workspace.items.take(places[start : start + step]).drop_columns([NUMBER])
        yield from table.combine_chunks().to_batches()


def votes_of(workspace: Workspace, segment: str) -> pa.Table:
    """The rows of a segment of the vote log; `item` holds ids, `source` places in a list.

    The list of source versions is in the metadata of the schema.
    """
    places = workspace.segments.places(VOTES, [segment], sort=False)
    rows = workspace.log.take(places)
    item, source = rows["item"].to_numpy(), rows["source"].to_numpy()
    distinct, place = np.unique(item, return_inverse=True)
    ids = workspace.items.take(distinct, [ID])[ID].combine_chunks()
    coded = pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), ids)
    numbers, of = np.unique(source, return_inverse=True)
    known = workspace.log.sources()
    rows = rows.set_column(0, "item", coded).set_column(1, "source", pa.array(of.astype(np.int32)))
    about = json.dumps([asdict(known[number]) for number in numbers])
    return rows.replace_schema_metadata({b"sources": about.encode()})


def add_items(workspace: Workspace, segment: str, batches: Iterator[pa.RecordBatch]) -> int:
    """Adds the items of a segment that the project lacks; gives how many there were.

    Raises:
        DataError: an item has an id that another item has here.
        StorageError: the rows are not those that the segment's name says.
    """
    ids: list[pa.Array] = []
    hashes = {
        id_: hash_
        for batch in workspace.items.scan([ID, HASH])
        for id_, hash_ in zip(*(batch.column(n).to_pylist() for n in (ID, HASH)), strict=True)
    }

    def fitting() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            pairs = zip(*(batch.column(n).to_pylist() for n in (ID, HASH)), strict=True)
            for id_, hash_ in pairs:
                # Raised in the middle of an append, so that none of the others is added.
                if hashes.get(id_, hash_) != hash_:
                    raise DataError(
                        f"the item {shown(id_)} has other content there than here; import one of "
                        "the two under another id"
                    )
            ids.append(batch.column(ID))
            yield batch

    arrival = workspace.items.append(fitting())
    numbers = workspace.items.find([id_ for part in ids for id_ in part.to_pylist()])
    words = item_words(workspace.items, workspace.cache)[numbers]
    _check(segment, segment_name([words]), ITEMS)
    workspace.segments.add(ITEMS, segment, _runs(numbers))
    return arrival.added


def add_votes(workspace: Workspace, segment: str, rows: pa.Table) -> int:
    """Adds the rows of a segment to the log, but for those that it has by their id.

    Raises:
        StorageError: the rows are not those that the segment's name says.
    """
    sources = [
        Source(**{**told, "kind": SourceKind(told["kind"])})
        for told in json.loads(rows.schema.metadata[b"sources"])
    ]
    coded = rows["item"].combine_chunks()
    numbers = workspace.items.find(coded.dictionary.to_pylist())
    if np.any(numbers < 0):
        raise StorageError(f"the segment {segment} has votes on items that are not here")
    registered = workspace.log.register(sources)
    rows = rows.set_column(0, "item", pa.array(numbers[coded.indices.to_numpy()]))
    rows = rows.set_column(1, "source", pa.array(registered[rows["source"].to_numpy()]))
    rows = rows.cast(VOTE_SCHEMA)
    words = item_words(workspace.items, workspace.cache)
    named = source_words(workspace.log.sources())
    kept = workspace.log.named(rows).to_batches()
    parts = (row_words(batch, words, named) for batch in kept)
    _check(segment, segment_name(parts), VOTES)
    before = workspace.log.count()
    there = _places_of_ids(workspace, rows["id"])
    workspace.log.append(rows, as_cast=True)
    added = workspace.log.count() - before
    places = np.where(there < 0, -1, there)
    places[there < 0] = np.arange(before, before + added)
    workspace.segments.add(VOTES, segment, _runs(places))
    return added


def _places_of_ids(workspace: Workspace, ids: pa.ChunkedArray) -> NDArray[np.int64]:
    """The place of each row whose id the log has already, -1 for all others."""
    place_of: dict[str, int] = {}
    if ids.null_count < len(ids):
        start = 0
        for batch in workspace.log.batches(["id"]):
            for offset in np.flatnonzero(batch.column(0).is_valid().to_numpy(zero_copy_only=False)):
                place_of[batch.column(0)[int(offset)].as_py()] = start + int(offset)
            start += batch.num_rows
    found = (-1 if id_ is None else place_of.get(id_, -1) for id_ in ids.to_pylist())
    return np.fromiter(found, np.int64, len(ids))


def _check(segment: str, name: str, table: str) -> None:
    if name != segment:
        raise StorageError(
            f"the segment {segment} of {table} is damaged: it holds the rows of {name}. Pull it "
            "from another place, or push it again from a project that has it whole."
        )


def _runs(places: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The places as runs of numbers that follow each other."""
    ends = np.flatnonzero(np.diff(places) != 1)
    starts = np.concatenate([[0], ends + 1]).astype(np.int64)
    stops = np.concatenate([ends, [len(places) - 1]]).astype(np.int64)
    if not len(places):
        return []
    return [(int(places[a]), int(places[b]) + 1) for a, b in zip(starts, stops, strict=True)]
