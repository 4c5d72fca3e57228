import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from labelwright.core.errors import DataError, UnknownNameError
from labelwright.core.items import MEDIA
from labelwright.sources.row import rows


def batch(**columns):
    return pa.RecordBatch.from_pydict(columns)


def test_fields_are_read_as_attributes_and_with_brackets():
    seen = [(x.body, x["body"], x.get("body"), x.id, x.split, x.number)
            for x in rows(batch(_id=["a", "b"], _split=["", "train"], _number=[0, 1],
                                body=["ä", None]))]  # fmt: skip
    assert seen == [("ä", "ä", "ä", "a", "", 0), (None, None, None, "b", "train", 1)]


def test_a_field_called_like_a_method_or_odd_is_read_with_brackets():
    (x,) = rows(batch(get=[1], id=[2], _id=["k"], **{"two words": [3]}))
    assert (x["get"], x["id"], x.id, x["two words"]) == (1, 2, "k", 3)


def test_an_unknown_field_names_those_that_exist():
    (x,) = rows(batch(body=["a"], title=["b"]))
    with pytest.raises(UnknownNameError, match=r"no field 'bdy'; did you mean 'body'.*body, title"):
        x.bdy  # noqa: B018
    assert x.get("bdy", 7) == 7
    assert "body" in repr(x)
    assert not hasattr(x, "__array__")


def test_an_item_is_read_only_and_its_lists_are_copies():
    (x,) = rows(batch(tokens=[["a", "b"]], body=["t"]))
    with pytest.raises(TypeError, match="read-only"):
        x.body = "other"
    x.tokens.clear()
    assert (x.tokens, x["tokens"], x.body) == (["a", "b"], ["a", "b"], "t")


def png(mode, size=(3, 2)):
    out = io.BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def with_media(*media):
    return pa.RecordBatch.from_arrays([pa.array(media, pa.large_binary())], [MEDIA])


def test_an_image_is_decoded_when_asked_for():
    grey, colour, palette, bits = rows(with_media(png("L"), png("RGB"), png("P"), png("1")))
    assert grey.image.size == (3, 2)
    assert [x.pixels.shape for x in (grey, colour, palette, bits)] == [
        (2, 3), (2, 3, 3), (2, 3, 3), (2, 3)
    ]  # fmt: skip
    assert colour.pixels.dtype == np.uint8


@pytest.mark.parametrize("media", [b"no image", png("RGB", (90, 90))[:60], None])
def test_an_unreadable_or_missing_image_is_a_data_error(media):
    (x,) = rows(with_media(media))
    with pytest.raises(DataError, match="image"):
        x.image  # noqa: B018


def test_without_media_there_is_no_image():
    (x,) = rows(batch(body=["a"]))
    with pytest.raises(DataError, match="no image"):
        x.image  # noqa: B018
