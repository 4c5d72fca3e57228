"""Image bytes -> small grey pictures, for measures that need to see them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """What an image looks like from afar.

    Attributes:
        grey: 0..1, at most 256 pixels a side.
        tiny: the same in 8 rows of 9.
        width: of the image itself, in pixels.
        height: of the image itself, in pixels.
    """

    grey: NDArray[np.float64]
    tiny: NDArray[np.float64]
    width: int
    height: int


def thumbnail(content: bytes | None) -> Thumbnail | None:
    """The small picture of an image, None if its bytes are missing, damaged or no image."""
    if not content:
        return None
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata; of what cannot be read it raises.
            warnings.simplefilter("ignore")
            image: Any = Image.open(io.BytesIO(content))
            width, height = image.size
            image.draft("L", (2 * LONG_SIDE, 2 * LONG_SIDE))
            image.load()
            grey = _grey(ImageOps.exif_transpose(image))
            tiny = grey.resize((9, 8), Image.Resampling.BOX)
            grey.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    except Exception:  # noqa: BLE001 - decoders of damaged images raise anything
        return None
    return Thumbnail(
        np.asarray(grey, np.float64) / 255, np.asarray(tiny, np.float64) / 255, width, height
    )


def picture(content: bytes | None, side: int = 128) -> bytes | None:
    """The image as a PNG of at most so many pixels a side; None if it cannot be read."""
    if not content:
        return None
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image: Any = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
            small = image.convert("RGB") if image.mode in _COLOURED else _grey(image)
            small.thumbnail((side, side), Image.Resampling.BOX)
            found = io.BytesIO()
            small.save(found, "PNG")
    except Exception:  # noqa: BLE001 - decoders of damaged images raise anything
        return None
    return found.getvalue()


_COLOURED = ("RGB", "RGBA", "P", "CMYK", "YCbCr", "PA", "HSV", "LAB")


def _grey(image: Any) -> Any:
    """The image in 8-bit grey, deep and float images by their range, on white paper."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        deep = np.nan_to_num(np.asarray(image, np.float64))
        low, high = float(deep.min()), float(deep.max())
        deep = (deep - low) / (high - low if high > low else 1.0)
        return Image.fromarray((deep * 255).astype(np.uint8))
    if "A" in image.mode or image.mode == "P":
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L")
