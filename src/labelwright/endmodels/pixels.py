"""Images -> feature vectors: small grey and colour grids and gradient orientations."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import MEDIA
from labelwright.endmodels.encoders import Encoded, column
from labelwright.endmodels.saved import Packed

EPSILON = 1e-3
BATCH = 1_024


@dataclass(frozen=True, slots=True)
class PixelEncoder:
    """Image bytes -> brightness, colour and gradient-orientation features. Learns nothing.

    Attributes:
        side: images are resized to so many pixels square.
        grid: the grey picture that is a feature itself has so many pixels a side.
        cells: orientations are counted in so many cells a side.
        orientations: bins over half a turn.

    Reference:
        N. Dalal, B. Triggs: Histograms of Oriented Gradients for Human Detection. CVPR 2005.
        DOI 10.1109/CVPR.2005.177
    """

    kind: ClassVar[str] = "pixels"
    side: int = 32
    grid: int = 8
    cells: int = 4
    orientations: int = 9

    def encode(self, items: pa.Table) -> Encoded:
        """The vectors of the images; zero where the bytes are missing or no image."""
        media = column(items, MEDIA)
        readable = np.zeros(items.num_rows, np.bool_)
        pieces = []
        for start in range(0, items.num_rows, BATCH):
            shrink = partial(_resized, side=self.side)
            pixels = [decoded(one.as_py(), self.side, shrink) for one in media.slice(start, BATCH)]
            known = np.array([one is not None for one in pixels])
            blank = np.zeros((self.side, self.side, 3))
            pictures = np.stack([blank if one is None else one for one in pixels])
            readable[start : start + len(pixels)] = known
            pieces.append(self._vectors(pictures) * known[:, None])
        empty = np.empty((0, self.size))
        return Encoded(np.concatenate([empty, *pieces]), readable)

    @property
    def size(self) -> int:
        """How many features there are."""
        histogram = (self.cells - 1) ** 2 * 4 * self.orientations
        return self.grid**2 + 3 * self.cells**2 + histogram

    def pack(self) -> Packed:
        """The settings."""
        return Packed({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def unpack(cls, packed: Packed) -> PixelEncoder:
        """The encoder that was packed."""
        return cls(**packed.header)

    def _vectors(self, pictures: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features of pictures of shape (images, side, side, 3), values 0..1."""
        grey = pictures @ np.array([0.299, 0.587, 0.114])
        small = _averaged(grey[..., None], self.grid)
        colour = _averaged(pictures - grey[..., None], self.cells)
        return np.hstack([small - 0.5, colour, self._gradients(grey)])

    def _gradients(self, grey: NDArray[np.float64]) -> NDArray[np.float64]:
        """Histograms of gradient directions by strength, in overlapping blocks of 2 x 2 cells."""
        down, right = np.gradient(grey, axis=(1, 2))
        strength = np.hypot(down, right)
        turn = np.arctan2(down, right) % np.pi / np.pi * self.orientations
        lower = np.floor(turn)
        share = turn - lower
        histogram = []
        for bin_ in range(self.orientations):
            # A direction between two bins counts for both, by nearness.
            near = np.where(lower % self.orientations == bin_, 1 - share, 0.0)
            near += np.where((lower + 1) % self.orientations == bin_, share, 0.0)
            histogram.append(_averaged((near * strength)[..., None], self.cells))
        cells = np.stack(histogram, axis=-1).reshape(len(grey), self.cells, self.cells, -1)
        blocks = np.concatenate(
            [cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:]], axis=-1
        )
        length = np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + EPSILON**2)
        return (blocks / length).reshape(len(grey), -1)


def decoded(
    content: bytes | None, side: int, shape: Callable[[Any], NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    """The picture, height x width x 3, values 0..1; None if the bytes are no readable image.

    Args:
        content: of the file.
        side: about how many pixels are needed; a large photograph is read no finer than that.
        shape: an upright image of Pillow in mode L or RGB -> its pixels in the wanted size.
    """
    if not content:
        return None
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            # Pillow warns of decompression bombs and odd metadata; here, a bomb is unreadable.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Any = Image.open(io.BytesIO(content))
            image.draft("RGB", (2 * side, 2 * side))
            image = ImageOps.exif_transpose(image)
            pixels = np.asarray(shape(_plain(image)), np.float64)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError,
            Image.DecompressionBombWarning, TypeError, IndexError, OverflowError):  # fmt: skip
        return None  # Pillow's readers of damaged files raise any of these
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    return pixels


def _plain(image: Any) -> Any:
    """The image in mode L or RGB, whatever its own; 16-bit and float images by their range."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        deep = np.asarray(image, np.float64)
        low, high = float(np.nanmin(deep)), float(np.nanmax(deep))
        deep = np.nan_to_num((deep - low) / (high - low if high > low else 1.0))
        return Image.fromarray((deep * 255).astype(np.uint8))
    if image.mode in ("L", "RGB"):
        return image
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _resized(image: Any, side: int) -> NDArray[np.float64]:
    """The image as numbers 0..1, side x side."""
    from PIL import Image

    smaller = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(smaller, np.float64) / 255


def _averaged(pictures: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """The mean of each of cells x cells squares, shape (images, cells * cells * channels)."""
    images, side, _, channels = pictures.shape
    step = side // cells
    squares = pictures.reshape(images, cells, step, cells, step, channels)
    return squares.mean(axis=(2, 4)).reshape(images, -1)
