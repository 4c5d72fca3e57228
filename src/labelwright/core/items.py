"""Data points, one at a time and as Arrow batches.

Items travel in Arrow tables. The user's fields are ordinary columns; the columns below belong
to Labelwright and start with an underscore, which field names from files may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from labelwright.core.identity import digest

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
        conflicts: ids that were there already, or came before in the same offer, with other
            content; the first content stays.
    """

    added: int
    unchanged: int
    conflicts: tuple[str, ...] = ()


def content_hash(fields: Mapping[str, Any], media: bytes | None = None) -> str:
    """The hash that names content: equal for equal fields, whatever their order."""
    present = {name: value for name, value in fields.items() if value is not None}
    return digest((present, media))


def user_fields(schema: pa.Schema) -> list[str]:
    """The names of the user's own columns, in order."""
    return [name for name in schema.names if name not in RESERVED]
