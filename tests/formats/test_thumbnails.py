"""Images seen from afar."""

import io

import numpy as np
import pytest
from PIL import Image

from labelwright.formats import thumbnail


def encoded(image, kind="PNG"):
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "I;16", "I", "F", "1", "CMYK"])
def test_every_mode_becomes_grey(mode):
    image = Image.new(mode, (600, 300))
    small = thumbnail(encoded(image, "TIFF"))
    assert (small.width, small.height) == (600, 300)
    assert small.grey.shape == (128, 256)
    assert small.tiny.shape == (8, 9)
    assert np.all((small.grey >= 0) & (small.grey <= 1))


def test_a_deep_image_is_seen_by_its_range():
    deep = np.linspace(0, 60_000, 100 * 100).reshape(100, 100).astype(np.uint16)
    grey = thumbnail(encoded(Image.fromarray(deep))).grey
    assert grey.min() < 0.05
    assert grey.max() > 0.95


def test_what_is_no_image_has_no_thumbnail():
    whole = encoded(Image.new("RGB", (64, 64), "red"))
    assert thumbnail(None) is None
    assert thumbnail(b"") is None
    assert thumbnail(b"no image") is None
    assert thumbnail(whole[: len(whole) // 2]) is None
