"""Encoders: items -> feature vectors. What they learnt can be taken apart and saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, SettingsError, shown
from labelwright.endmodels.saved import Packed, nested, part_of

Matrix: TypeAlias = Any
"""Features of items, float64, shape (items, features): a numpy array, or a scipy CSR array.

Typed loosely, since the two share arithmetic but no type.
"""

CHUNK_ROWS = 32_768
"""Items are encoded in pieces of this size, so that prediction takes bounded memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The feature vectors of some items.

    Attributes:
        matrix: shape (items, features); rows of unreadable items are zero.
        readable: whether the item's content could be read, shape (items,).
    """

    matrix: Matrix
    readable: NDArray[np.bool_]


class Encoder(Protocol):
    """Items -> feature vectors, as learnt from training items."""

    kind: ClassVar[str]

    def encode(self, items: pa.Table) -> Encoded:
        """The feature vectors of these items."""
        ...

    def pack(self) -> Packed:
        """What it learnt, for `ENCODERS[kind]` to put together again."""
        ...


class Encodes(Protocol):
    """Settings that can learn an encoder from items alone, without labels."""

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder that these items teach, and their own feature vectors."""
        ...


ENCODERS = {
    "columns": "labelwright.endmodels.columns:ColumnEncoder",
    "embedding": "labelwright.endmodels.embedding:EmbeddingEncoder",
    "image_embedding": "labelwright.endmodels.image_embedding:ImageEmbeddingEncoder",
    "joined": "labelwright.endmodels.encoders:JoinedEncoder",
    "pixels": "labelwright.endmodels.pixels:PixelEncoder",
    "tfidf": "labelwright.endmodels.text:TfidfEncoder",
}
"""Kind -> where its class is; the class has `unpack`."""


def unpack_encoder(kind: str, packed: Packed) -> Encoder:
    """The encoder that was packed; its module is imported only now."""
    module, name = ENCODERS[kind].split(":")
    encoder: Callable[[Packed], Encoder] = getattr(import_module(module), name).unpack
    return encoder(packed)


@dataclass(frozen=True, slots=True, eq=False)
class JoinedEncoder:
    """The feature vectors of several encoders side by side.

    Attributes:
        parts: the encoders.
        scale: what the vectors of each are multiplied by, so that no part drowns another.
    """

    kind: ClassVar[str] = "joined"
    parts: tuple[Encoder, ...]
    scale: tuple[float, ...]

    @classmethod
    def learn(
        cls, parts: Sequence[Encodes], items: pa.Table, *, seed: int
    ) -> tuple[JoinedEncoder, Encoded]:
        """The encoder whose parts have vectors of length 1 on average, and its vectors."""
        learnt = [part.features(items, seed=seed) for part in parts]
        scale = tuple(_inverse_length(encoded.matrix) for _, encoded in learnt)
        joined = cls(tuple(encoder for encoder, _ in learnt), scale)
        return joined, _side_by_side([encoded for _, encoded in learnt], scale)

    def encode(self, items: pa.Table) -> Encoded:
        """The feature vectors of these items."""
        return _side_by_side([part.encode(items) for part in self.parts], self.scale)

    def pack(self) -> Packed:
        """All parts and their scales."""
        inside = nested(**{f"part{i}": part.pack() for i, part in enumerate(self.parts)})
        header = {"kinds": [part.kind for part in self.parts], "scale": list(self.scale)}
        return Packed({**header, **inside.header}, inside.arrays)

    @classmethod
    def unpack(cls, packed: Packed) -> JoinedEncoder:
        """The encoder that was packed."""
        parts = tuple(
            unpack_encoder(kind, part_of(packed, f"part{i}"))
            for i, kind in enumerate(packed.header["kinds"])
        )
        return cls(parts, tuple(packed.header["scale"]))


def encode_in_chunks(encoder: Encoder, items: pa.Table, rows: int = CHUNK_ROWS) -> list[Encoded]:
    """The feature vectors, piece by piece; one empty piece where there are no items."""
    starts = range(0, max(items.num_rows, 1), rows)
    return [encoder.encode(items.slice(start, rows)) for start in starts]


def stacked(pieces: Sequence[Encoded]) -> Encoded:
    """The pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    readable = np.concatenate([piece.readable for piece in pieces])
    if any(is_sparse(piece.matrix) for piece in pieces):
        from scipy.sparse import vstack

        return Encoded(vstack([piece.matrix for piece in pieces], format="csr"), readable)
    return Encoded(np.concatenate([np.asarray(piece.matrix) for piece in pieces]), readable)


def is_sparse(matrix: Matrix) -> bool:
    """Whether the features are in sparse form."""
    return not isinstance(matrix, np.ndarray)


def check_names(setting: str, names: Any) -> None:
    """Refuses a setting that should name fields and does not.

    Raises:
        SettingsError: no names, or one text in place of a tuple of them.
    """
    if not names or isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise SettingsError(
            f"{setting} must be a tuple of field names, such as ('first', 'second'), "
            f"got {shown(names)}"
        )


def column(items: pa.Table, field: str) -> pa.ChunkedArray:
    """The column of this name.

    Raises:
        DataError: the items have none.
    """
    if field not in items.column_names:
        raise DataError(
            f"the items have no field {field!r}, which this model reads; "
            f"they have {shown(items.column_names)}"
        )
    return items.column(field)


def _side_by_side(parts: Sequence[Encoded], scale: Sequence[float]) -> Encoded:
    readable = np.logical_or.reduce([part.readable for part in parts])
    scaled = [part.matrix * factor for part, factor in zip(parts, scale, strict=True)]
    if any(is_sparse(matrix) for matrix in scaled):
        from scipy.sparse import csr_array, hstack

        return Encoded(hstack([csr_array(one) for one in scaled], format="csr"), readable)
    return Encoded(np.hstack(scaled), readable)


def _inverse_length(matrix: Matrix) -> float:
    """What makes the mean squared length of the rows 1."""
    squares = matrix.data**2 if is_sparse(matrix) else np.asarray(matrix) ** 2
    mean = float(squares.sum()) / max(matrix.shape[0], 1)
    return mean**-0.5 if mean > 0 else 1.0
