"""The bytes of an item's image, and what they are."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.core.errors import UnknownNameError
from labelwright.core.items import HASH, MEDIA
from labelwright.pipeline.live.snapshot import Snapshot

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


@dataclass(frozen=True, slots=True)
class MediaPicture:
    """An image file: its bytes, its type, and a name for its content."""

    content: bytes
    type: str
    tag: str


def picture(snapshot: Snapshot, number: int) -> MediaPicture:
    """The image of an item.

    What is no image by its first bytes is not given out, whatever its name: an item may link to
    any file, and text such as SVG could run scripts.

    Raises:
        UnknownNameError: there is no such item, or it has no image.
    """
    snapshot.id_of(number)
    (row,) = snapshot.workspace.items.take([number], [MEDIA, HASH]).to_pylist()  # type: ignore[arg-type] # it makes an array of it
    content = row[MEDIA] or b""
    kind = _kind(content)
    if kind is None:
        raise UnknownNameError(f"item number {number} has no image that a browser can show")
    return MediaPicture(content, kind, row[HASH])


def _kind(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
