"""Images: png, jpeg, gif, bmp, webp and tiff files, one item each.

The fields are what rules may ask about without opening the image again. Every image is decoded
once, so that a damaged one is set aside here rather than fail in training.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.items import MEDIA, MEDIA_URI, RESERVED
from labelwright.formats.chunk import Chunk, RejectedRow
from labelwright.formats.find import Found
from labelwright.formats.kinds import Kind
from labelwright.formats.layout import FileLayout, schema_of
from labelwright.formats.settings import ImportSettings

FIELDS: Mapping[str, Kind] = {
    "file": Kind.TEXT,
    "folder": Kind.TEXT,
    "width": Kind.INT,
    "height": Kind.INT,
    "mode": Kind.TEXT,
    "bytes": Kind.INT,
    "brightness": Kind.FLOAT,
    "contrast": Kind.FLOAT,
}
"""``file`` is the path below the folder that was read, ``folder`` the name of the folder that
holds it (null at the top); ``brightness`` and ``contrast`` are the mean and the standard
deviation of the grey values, 0 to 1, null for modes without a fixed range."""

KEY = "file"
PLACES = ("file", "folder")
MAX_ROWS = 1024
MAX_FILE_BYTES = 1 << 28
_GREY_RANGE = {"I;16": 65535.0, "I;16L": 65535.0, "I;16B": 65535.0}
_NO_RANGE = ("I", "F")


def inspect(
    found: Found,  # noqa: ARG001 - the port has it
    settings: ImportSettings,
) -> FileLayout:
    """The fields, the same for every image."""
    return FileLayout(FIELDS, key=KEY, detail=settings.max_pixels)


def chunks(
    files: Sequence[tuple[Found, FileLayout]],
    kinds: Mapping[str, Kind],
    block_bytes: int,
) -> Iterator[Chunk]:
    """The images, as many at a time as fit; damaged ones set aside."""
    rows: list[dict[str, Any]] = []
    rejects: list[RejectedRow] = []
    size = 0
    for found, layout in files:
        row, problem = _row(found, layout.detail)
        if problem:
            rejects.append(RejectedRow.of(str(found.path), 0, problem))
        else:
            rows.append(row)
            size += row["bytes"]
        if size >= block_bytes or len(rows) + len(rejects) >= MAX_ROWS:
            yield _chunk(rows, rejects, kinds, str(found.root))
            rows, rejects, size = [], [], 0
    if rows or rejects:
        yield _chunk(rows, rejects, kinds, str(files[-1][0].root))


def size_of_image(content: bytes | None) -> dict[str, int]:
    """The fields ``width`` and ``height`` of an image, by its head; none if that cannot be read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content or b"")) as image:
                return {"width": image.width, "height": image.height}
    except Exception:  # noqa: BLE001 - decoders of damaged images raise anything
        return {}


def _chunk(
    rows: list[dict[str, Any]], rejects: list[RejectedRow], kinds: Mapping[str, Kind], folder: str
) -> Chunk:
    media = [pa.field(name, RESERVED[name]) for name in (MEDIA, MEDIA_URI)]
    plain = pa.RecordBatch.from_pylist(rows, pa.schema([*schema_of(FIELDS), *media]))
    wanted = pa.schema([*schema_of(kinds), *media])
    batch = plain.select(wanted.names).cast(wanted)
    line = np.zeros(len(rows), np.int64)
    return Chunk(batch, line, folder, tuple(rejects), key=KEY, places=PLACES)


def _row(found: Found, max_pixels: int) -> tuple[dict[str, Any], str]:
    """The fields and bytes of the image, or what is wrong with it."""
    try:
        size = found.path.stat().st_size
        if size > MAX_FILE_BYTES:
            return {}, f"has {size} bytes, more than {MAX_FILE_BYTES}"
        content = found.path.read_bytes()
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    if not content:
        return {}, "is empty"
    try:
        measures = _measured(content, max_pixels)
    except Exception as error:  # noqa: BLE001 - decoders of damaged images raise anything
        return {}, f"is damaged or no image ({error or type(error).__name__})"
    if isinstance(measures, str):
        return {}, measures
    folder = found.relative.rpartition("/")[0].rpartition("/")[2]
    place = {"file": found.relative, "folder": folder or None, "bytes": len(content)}
    return {**place, **measures, MEDIA: content, MEDIA_URI: str(found.path.absolute())}, ""


def _measured(content: bytes, max_pixels: int) -> dict[str, Any] | str:
    from PIL import Image

    with warnings.catch_warnings():
        # Our own limit is checked below; a warning about odd metadata is no damage.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
            if width * height > max_pixels:
                return f"has {width} x {height} pixels, more than {max_pixels}"
            image.load()
            brightness, contrast = _greys(image)
            return {
                "width": width,
                "height": height,
                "mode": image.mode,
                "brightness": brightness,
                "contrast": contrast,
            }


def _greys(image: Any) -> tuple[float | None, float | None]:
    if image.mode in _NO_RANGE:
        return None, None
    if image.mode in _GREY_RANGE:
        greys = np.asarray(image, np.float64) / _GREY_RANGE[image.mode]
        return float(greys.mean()), float(greys.std())
    from PIL import ImageStat

    measured = ImageStat.Stat(image.convert("L"))
    return measured.mean[0] / 255, measured.stddev[0] / 255
