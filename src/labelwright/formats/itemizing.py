"""Chunks -> items: ids, splits, samples, content hashes, gold."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.items import (
    HASH,
    ID,
    MAX_ID_BYTES,
    MEDIA,
    MEDIA_URI,
    RESERVED,
    SPLIT,
    SPLITS,
    content_hashes,
)
from labelwright.formats.chunk import Chunk, ItemBatch, Note, RejectedRow
from labelwright.formats.names import missing_column, resolved
from labelwright.formats.settings import CONTENT, ImportSettings, split_shares

_SPLIT_NAMES = {"": "", "training": "train", "validation": "valid", "val": "valid", "dev": "valid"}
_SPLIT_NAMES |= {name: name for name in SPLITS} | {"testing": "test"}

Mask = NDArray[np.bool_]


def items(chunks: Iterable[Chunk], settings: ImportSettings) -> Iterator[ItemBatch]:
    """The rows as items, in order: reserved columns first, then the fields.

    A row whose id is missing, empty, longer than 1,024 bytes or holds a NUL, or whose split is
    none, is set aside. Duplicate ids go through: the store compares their contents. Whether an
    item is in the sample, and in which split, depends on its id alone.

    Raises:
        DataError: a column that the settings name is missing.
    """
    batches = (_batch(chunk, settings) for chunk in chunks)
    if isinstance(settings.sample, int):
        yield from _smallest(batches, settings.sample)
    else:
        yield from batches


def has_content(chunk: Chunk, settings: ImportSettings) -> bool:
    """Whether the rows hold anything besides id, gold and split."""
    return MEDIA in chunk.rows.schema.names or bool(_fields(chunk, settings))


def _batch(chunk: Chunk, settings: ImportSettings) -> ItemBatch:
    hashes = _hashes(chunk, settings)
    key = settings.id or chunk.key
    ids = hashes
    if key not in (None, CONTENT):
        ids = chunk.rows.column(_column(chunk, str(key), "id")).cast(pa.string())
    bad, reasons = _bad_ids(ids)
    splits, bad_split = _splits(chunk, settings, ids)
    for row in np.flatnonzero(bad_split & ~bad):
        reasons[int(row)] = "the split is none of train, valid, test"
    keep = ~(bad | bad_split)
    rejects = [
        RejectedRow.of(chunk.file, int(chunk.line[row]), reason, ids[row].as_py() or "")
        for row, reason in sorted(reasons.items())
    ]
    if isinstance(settings.sample, float):
        keep &= _share_of(ids, "sample") < settings.sample
    gold = _gold(chunk, settings)
    columns = {ID: ids, SPLIT: splits, HASH: hashes, **_media(chunk, settings)}
    columns |= {name: chunk.rows.column(name) for name in _fields(chunk, settings)}
    batch = pa.RecordBatch.from_pydict(columns)
    notes = (*chunk.notes, *_infinities(chunk.file, batch))
    whole = ItemBatch(batch, gold, chunk.line, chunk.file, (*chunk.rejects, *rejects), notes)
    return whole if keep.all() else _filtered(whole, keep)


def _hashes(chunk: Chunk, settings: ImportSettings) -> pa.StringArray:
    # Where the content was is not part of it: a copy elsewhere has the same hash.
    fields = [name for name in _fields(chunk, settings) if name not in chunk.places]
    media = [MEDIA] if MEDIA in chunk.rows.schema.names else []
    if not fields and not media:
        # A batch without columns would forget how many rows it has.
        return pa.array([""] * chunk.rows.num_rows, pa.string())
    return content_hashes(chunk.rows.select([*fields, *media]))


def _fields(chunk: Chunk, settings: ImportSettings) -> list[str]:
    """The columns that become fields."""
    columns = [name for name in chunk.rows.schema.names if name not in RESERVED]
    if settings.fields is not None:
        wanted = {resolved(name, columns, chunk.names) for name in settings.fields}
        return [name for name in columns if name in wanted]
    keys = (settings.id, settings.gold, settings.split_column)
    used = {resolved(name, columns, chunk.names) for name in keys if name is not None}
    return [name for name in columns if name not in used]


def _column(chunk: Chunk, name: str, setting: str) -> str:
    """The column of the rows that the setting means."""
    columns = [column for column in chunk.rows.schema.names if column not in RESERVED]
    found = resolved(name, columns, chunk.names)
    if found is None:
        raise missing_column(name, columns, f"setting {setting}")
    return found


def _bad_ids(ids: pa.StringArray) -> tuple[Mask, dict[int, str]]:
    """Which ids are none, and why."""
    checks = (
        (ids.is_null(), "the id is missing"),
        (pc.equal(pc.utf8_trim_whitespace(ids), ""), "the id is empty"),
        (
            pc.greater(pc.binary_length(ids), MAX_ID_BYTES),
            f"the id is longer than {MAX_ID_BYTES} bytes",
        ),
        (pc.match_substring(ids, "\0"), "the id holds a NUL byte"),
    )
    bad = np.zeros(len(ids), np.bool_)
    reasons: dict[int, str] = {}
    for check, reason in checks:
        hit = _mask(check)
        reasons |= {int(row): reason for row in np.flatnonzero(hit & ~bad)}
        bad |= hit
    return bad, reasons


def _splits(
    chunk: Chunk, settings: ImportSettings, ids: pa.StringArray
) -> tuple[pa.StringArray, Mask]:
    """The split of every row, and which are none."""
    count = len(ids)
    if settings.split is None:
        return pa.array([""] * count, pa.string()), np.zeros(count, np.bool_)
    column = settings.split_column
    if column is not None:
        told = chunk.rows.column(_column(chunk, column, "split"))
        names = pc.utf8_lower(pc.utf8_trim_whitespace(told))
        found = [_SPLIT_NAMES.get(name or "") for name in names.to_pylist()]
        return pa.array(found, pa.string()), np.array([name is None for name in found], np.bool_)
    shares = split_shares(settings.split)
    # Without 1 at the end an item could fall behind shares that add up to 0.999...
    edges = np.cumsum(list(shares.values()))
    edges[np.isclose(edges, 1)] = 1.0
    choices = np.array([*shares, ""])
    return pa.array(choices[np.searchsorted(edges, _share_of(ids, "split"), side="right")]), (
        np.zeros(count, np.bool_)
    )


def _gold(chunk: Chunk, settings: ImportSettings) -> pa.StringArray:
    if settings.gold is None:
        return pa.nulls(chunk.rows.num_rows, pa.string())
    return chunk.spelled(_column(chunk, settings.gold, "gold"))


def _media(chunk: Chunk, settings: ImportSettings) -> dict[str, pa.Array]:
    if MEDIA not in chunk.rows.schema.names:
        return {name: pa.nulls(chunk.rows.num_rows, RESERVED[name]) for name in (MEDIA, MEDIA_URI)}
    media = chunk.rows.column(MEDIA)
    if settings.media == "link":
        media = pa.nulls(len(media), RESERVED[MEDIA])
    return {MEDIA: media, MEDIA_URI: chunk.rows.column(MEDIA_URI)}


def _infinities(file: str, batch: pa.RecordBatch) -> list[Note]:
    """A note per column of numbers that holds infinity. NaN is a missing value and no news."""
    notes = []
    for column in batch.schema:
        if pa.types.is_floating(column.type):
            count = pc.sum(pc.is_inf(batch.column(column.name))).as_py()
            if count:
                notes.append(Note(file, f"column {column.name!r} holds infinite numbers", count))
    return notes


def _share_of(ids: pa.StringArray, purpose: str) -> NDArray[np.float64]:
    """A number in [0, 1) for every id, as good as random, the same on any machine."""
    base = hashlib.blake2b(purpose.encode(), digest_size=8)
    digests = []
    for text in ids.to_pylist():
        hasher = base.copy()
        hasher.update((text or "").encode())
        digests.append(hasher.digest())
    # 53 bits, so that no number rounds up to 1.
    return (np.frombuffer(b"".join(digests), "<u8") >> np.uint64(11)) / 2.0**53


def _smallest(batches: Iterable[ItemBatch], count: int) -> Iterator[ItemBatch]:
    """The `count` ids with the smallest shares, in the order of the file."""
    kept: list[tuple[ItemBatch, NDArray[np.float64]]] = []
    smallest: dict[str, float] = {}
    limit = 2.0
    for batch in batches:
        share = _share_of(batch.items.column(ID), "sample")
        near = share <= limit
        names = batch.items.column(ID).filter(pa.array(near)).to_pylist()
        smallest.update(zip(names, share[near].tolist(), strict=True))
        if len(smallest) > 2 * count:
            best = heapq.nsmallest(count, smallest.items(), key=lambda pair: (pair[1], pair[0]))
            smallest, limit = dict(best), best[-1][1]
        kept.append((_filtered(batch, near), share[near]))
        # Batches are cut down once they hold more rows than can be in the sample.
        if sum(len(shares) for _, shares in kept) > 4 * count:
            kept = [(_filtered(b, s <= limit), s[s <= limit]) for b, s in kept]
    chosen = pa.array(
        heapq.nsmallest(count, smallest, key=lambda name: (smallest[name], name)), pa.string()
    )
    for batch, _ in kept:
        yield _filtered(batch, _mask(pc.is_in(batch.items.column(ID), chosen)))


def _filtered(batch: ItemBatch, keep: Mask) -> ItemBatch:
    mask = pa.array(keep)
    return replace(
        batch,
        items=batch.items.filter(mask),
        gold=batch.gold.filter(mask),
        line=batch.line[keep],
    )


def _mask(values: pa.Array) -> Mask:
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)
