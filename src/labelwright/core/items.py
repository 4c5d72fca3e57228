"""Data points, one at a time and as Arrow batches.

Items travel in Arrow tables. The user's fields are ordinary columns; the columns below belong
to Labelwright and start with an underscore, which field names from files may not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelwright.core.identity import DIGEST_BYTES, digest

NUMBER = "_number"
"""int64: the item's place in the order of arrival, from 0, without gaps. Votes refer to it."""
ID = "_id"
"""string: the user's key, or the content hash where the user has none. Unique."""
SPLIT = "_split"
"""string: ``train``, ``valid``, ``test``, or empty."""
HASH = "_hash"
"""string: the hash of the content, see :func:`content_hash`."""
MEDIA = "_media"
"""large_binary: the bytes of an image, null where the item has none."""
MEDIA_URI = "_media_uri"
"""string: where those bytes came from, or live when `_media` is null."""

RESERVED: Mapping[str, pa.DataType] = {
    NUMBER: pa.int64(),
    ID: pa.string(),
    SPLIT: pa.string(),
    HASH: pa.string(),
    MEDIA: pa.large_binary(),
    MEDIA_URI: pa.string(),
}
SPLITS = ("", "train", "valid", "test")
MAX_ID_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One data point.

    Attributes:
        id: the user's key or the content hash; at most 1,024 bytes of UTF-8.
        fields: its content by field name; values that Arrow can hold.
        split: which part of the data it belongs to.
        number: its place in the project, -1 before it has one.
        media: the bytes of its image, if it is one.
    """

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    split: str = ""
    number: int = -1
    media: bytes | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of items offered to a store.

    Attributes:
        added: how many were new.
        unchanged: how many were there already with the same content.
        conflicts: place in the offer, from 0, and id of every item whose id was there already,
            or came before in the same offer, with other content; the first content stays.
    """

    added: int
    unchanged: int
    conflicts: tuple[tuple[int, str], ...] = ()


def content_hash(fields: Mapping[str, Any], media: bytes | None = None) -> str:
    """32 hexadecimal characters that name content: equal for equal fields, whatever their order.

    A null field counts as absent. The type is part of the content: ``1``, ``1.0``, ``True`` and
    ``"1"`` differ. :func:`content_hashes` gives the same for the rows of a batch, faster.
    """
    present = {name: pa.array([value]) for name, value in fields.items() if value is not None}
    if not present:
        return _named(b"", media)
    return _named(_contents(pa.RecordBatch.from_pydict(present))[0], media)


def content_hashes(items: pa.RecordBatch) -> pa.StringArray:
    """The content hash of every row: of the user's fields and `_media`, shape (rows,)."""
    rows = _contents(items.select(user_fields(items.schema)))
    if MEDIA not in items.schema.names:
        return pa.array([_named(row, None) for row in rows], pa.string())
    media = items.column(MEDIA)
    hashes = (_named(row, piece.as_py()) for row, piece in zip(rows, media, strict=True))
    return pa.array(hashes, pa.string())


def _named(content: bytes, media: bytes | None) -> str:
    hasher = hashlib.blake2b(content, digest_size=DIGEST_BYTES)
    if media is not None:
        hasher.update(b"\0media" + media)
    return hasher.hexdigest()


def _contents(fields: pa.RecordBatch) -> list[bytes]:
    """Per row, name, type, length and value of every field that is not null, by name."""
    pieces: list[pa.Array] = []
    for name in sorted(fields.schema.names):
        tag, text = _spelled(fields.column(name))
        length = pc.cast(pc.binary_length(text), pa.string()).cast(pa.binary())
        # The lengths keep two fields, or a name and a value, from running together.
        encoded = name.encode("utf-8")
        head = b"%d:%s%s" % (len(encoded), encoded, tag)
        piece = pc.binary_join_element_wise(head, length, b":", text, b"")
        # Arrow 26 can skip nulls itself, but loses the rows of a batch that holds nothing else.
        pieces.append(pc.fill_null(piece, b""))
    if not pieces:
        return [b""] * fields.num_rows
    # Not null_handling="skip": Arrow then drops the rows that are null in every column.
    joined = pc.binary_join_element_wise(
        *pieces, b"", null_handling="replace", null_replacement=b""
    )
    return joined.to_pylist()


_PLAIN = (
    (pa.types.is_string, b"s"),
    (pa.types.is_large_string, b"s"),
    (pa.types.is_boolean, b"b"),
    (pa.types.is_integer, b"i"),
)


def _spelled(column: pa.Array) -> tuple[bytes, pa.Array]:
    """A letter for the type, and every value spelled in bytes, null where it is null."""
    kind = column.type
    for is_kind, tag in _PLAIN:
        if is_kind(kind):
            return tag, column.cast(pa.string()).cast(pa.binary())
    if pa.types.is_floating(kind):
        return b"f", _spelled_floats(column)
    if pa.types.is_date(kind):
        days = column.cast(pa.date32()).cast(pa.int32())
        return b"d", days.cast(pa.string()).cast(pa.binary())
    if pa.types.is_timestamp(kind):
        instants = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
        return b"t" if kind.tz is None else b"z", instants.cast(pa.string()).cast(pa.binary())
    digests = [None if value is None else digest(value).encode() for value in column.to_pylist()]
    return b"x", pa.array(digests, pa.binary())


def _spelled_floats(column: pa.Array) -> pa.Array:
    # The bits name a number exactly. All NaN are one; adding zero makes -0.0 the same as 0.0.
    missing = column.is_null().to_numpy(zero_copy_only=False)
    numbers = column.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0
    numbers[np.isnan(numbers)] = np.nan
    bits = pa.array(numbers.view(np.int64), mask=missing)
    return bits.cast(pa.string()).cast(pa.binary())


def user_fields(schema: pa.Schema) -> list[str]:
    """The names of the user's own columns, in order."""
    return [name for name in schema.names if name not in RESERVED]
