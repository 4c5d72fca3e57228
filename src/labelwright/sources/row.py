"""One item as a labeling function sees it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, UnknownNameError, did_you_mean
from labelwright.core.items import ID, MEDIA, NUMBER, SPLIT, user_fields

if TYPE_CHECKING:
    from PIL.Image import Image

_META = {"id": ID, "split": SPLIT, "number": NUMBER}


class Row:
    """A light view on one item: ``x.body``, ``x["body"]``, ``x.get("body")``, ``x.image``.

    A missing value is None. A field whose name is no Python name, or is one of ``id split number
    image pixels get``, is read with brackets.

    Example:
        >>> batch = pa.RecordBatch.from_pylist([{"_id": "a", "body": "free money"}])
        >>> [row.body for row in rows(batch)]
        ['free money']
    """

    # Made by `rows`, which writes __dict__ at once: that is the quickest way to make one, and
    # fields that a row before this one was asked for already stand in it.
    _columns: _Columns
    _place: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        column = _META.get(name, name)
        value = self._columns.value(column, self._place)
        if not isinstance(value, list | dict):
            self.__dict__[name] = value
            self._columns.known[name] = self._columns.values(column)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # Other functions may see the same row, and must not depend on who ran before.
        raise TypeError("an item is read-only; keep what you compute in a variable")

    def __getitem__(self, name: str) -> Any:
        return self._columns.value(name, self._place)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of the field, `default` if it is missing or there is no such field."""
        if name not in self._columns.names:
            return default
        value = self[name]
        return default if value is None else value

    @property
    def image(self) -> Image:
        """The item's image, decoded now.

        Raises:
            DataError: the item has none, or it cannot be decoded.
        """
        from PIL import Image, UnidentifiedImageError

        media = self._columns.media(self._place)
        try:
            image = Image.open(io.BytesIO(media))
            image.load()
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise DataError(f"the image of this item cannot be decoded: {error}") from error
        return image

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The image as an array, shape (height, width) if grey, else (height, width, channels)."""
        image = self.image
        plain = {"1": "L", "P": "RGB", "PA": "RGBA", "CMYK": "RGB"}.get(image.mode)
        return np.asarray(image.convert(plain) if plain else image)

    def __repr__(self) -> str:
        return f"Row({', '.join(self._columns.names)})"


def rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """The items of the batch, one view each."""
    columns, new = _Columns(batch), object.__new__
    known = columns.known
    for place in range(batch.num_rows):
        own: dict[str, Any] = {"_columns": columns, "_place": place}
        for name, values in known.items():
            own[name] = values[place]
        row = new(Row)
        # Read-only for its users: past __setattr__, that is.
        object.__setattr__(row, "__dict__", own)
        yield row


class _Columns:
    """The columns of one batch as Python values, each converted when first read."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self._lists: dict[str, list[Any]] = {}
        self.names = user_fields(batch.schema)
        self.known: dict[str, list[Any]] = {}
        """What rows read so far, by the name of the attribute."""

    def values(self, name: str) -> list[Any]:
        if name not in self._lists:
            if name not in self._batch.schema.names:
                raise UnknownNameError(f"no field {name!r}{did_you_mean(name, self.names)}")
            self._lists[name] = self._batch.column(name).to_pylist()
        return self._lists[name]

    def value(self, name: str, place: int) -> Any:
        """One value; a list or a struct is made afresh, so that nobody changes another's."""
        value = self.values(name)[place]
        if isinstance(value, list | dict):
            return self._batch.column(name)[place].as_py()
        return value

    def media(self, place: int) -> bytes:
        # One image at a time: a batch of them as Python objects would be twice in memory.
        content = None
        if MEDIA in self._batch.schema.names:
            content = self._batch.column(MEDIA)[place].as_py()
        if content is None:
            raise DataError("this item has no image")
        return bytes(content)
