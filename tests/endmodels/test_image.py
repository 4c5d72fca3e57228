import io
import logging

import numpy as np
import pytest
from PIL import Image

from endmodels.making import media, png
from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.endmodels.image import ImageLinear
from labelwright.endmodels.pixels import PixelEncoder


def vector(content):
    encoded = PixelEncoder().encode(media([content]))
    assert encoded.readable.all()
    return encoded.matrix[0]


def saved(image, form, **settings):
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def test_stripes_are_told_apart_by_their_direction(pictures, labels):
    predictor = ImageLinear().fit(pictures, np.eye(2)[labels], np.ones(60), seed=0)
    assert (predictor.predict(pictures).argmax(axis=1) == labels).all()


def test_colours_are_told_apart():
    red, blue = ([png(np.full((9, 5, 3), c, np.uint8))] for c in ([200, 0, 0], [0, 0, 200]))
    items = media((red + blue) * 10)
    target = np.eye(2)[[0, 1] * 10]
    predictor = ImageLinear().fit(items, target, np.ones(20), seed=0)
    assert (predictor.predict(items).argmax(axis=1) == target.argmax(axis=1)).all()


def test_an_unreadable_image_gets_the_class_balance_and_is_counted(pictures, labels, caplog):
    target = np.eye(2)[labels]
    target[:30] = [1, 0]
    predictor = ImageLinear().fit(pictures, target, np.ones(60), seed=0)
    whole = pictures.column("_media")[0].as_py()
    items = media([whole, None, b"", b"no image", whole[:60]])
    predicted = predictor.predicted(items)
    assert predicted.readable.tolist() == [True, False, False, False, False]
    assert np.allclose(predicted.probability[1:], target.mean(axis=0))
    with caplog.at_level(logging.WARNING):
        predictor.predict(items)
    assert "4 of 5 items could not be read" in caplog.text


def test_unreadable_images_are_left_out_of_training(pictures, labels):
    broken = media([b"x", *pictures.column("_media").to_pylist()])
    target = np.eye(2)[[1, *labels]]
    weight = np.ones(61)
    first = ImageLinear().fit(broken, target, weight, seed=0).predict(pictures)
    second = ImageLinear().fit(pictures, target[1:], weight[1:], seed=0).predict(pictures)
    assert np.array_equal(first, second)


def test_only_unreadable_images_teach_nothing():
    with pytest.raises(NothingToDoError, match="can be read"):
        ImageLinear().fit(media([b"x", None]), np.eye(2), np.ones(2), seed=0)


def test_every_mode_of_image_is_read_alike():
    grey = (np.arange(64).reshape(8, 8) * 4).astype(np.uint8)
    expected = vector(png(grey))
    base = Image.fromarray(grey)
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    for image in (base.convert("RGB"), base.convert("RGBA"), base.convert("LA"), deep):
        assert np.allclose(vector(saved(image, "PNG")), expected, atol=0.02)
    floating = saved(Image.fromarray(grey.astype(np.float32)), "TIFF")
    assert np.allclose(vector(floating), expected, atol=0.02)
    assert np.isfinite(vector(saved(base.convert("P"), "PNG"))).all()
    assert np.isfinite(vector(saved(base.convert("1"), "PNG"))).all()
    assert np.isfinite(vector(saved(base.convert("CMYK"), "JPEG"))).all()


def test_what_is_transparent_is_paper():
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    white = Image.new("L", (8, 8), 255)
    assert np.allclose(vector(saved(clear, "PNG")), vector(saved(white, "PNG")))


def test_a_turned_photograph_is_turned_back():
    grey = np.zeros((8, 8), np.uint8)
    grey[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned = saved(Image.fromarray(grey[::-1, ::-1].copy()), "PNG", exif=exif)
    assert np.allclose(vector(turned), vector(png(grey)))


def test_a_decompression_bomb_is_unreadable(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for side in (12, 40):
        bomb = png(np.zeros((side, side), np.uint8))
        assert not PixelEncoder().encode(media([bomb])).readable.any()


def test_one_pixel_is_an_image():
    assert np.isfinite(vector(png(np.array([[7]], np.uint8)))).all()


def test_no_images_have_no_vectors():
    assert PixelEncoder().encode(media([])).matrix.shape == (0, PixelEncoder().size)


@pytest.mark.parametrize("side", [0, 4, 30])
def test_a_side_that_does_not_divide_is_refused(side):
    with pytest.raises(SettingsError, match="multiple of 8"):
        ImageLinear(side=side)
