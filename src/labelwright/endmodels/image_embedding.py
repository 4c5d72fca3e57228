"""Embeddings of images from a pretrained joint model of texts and images, with a linear head."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import MEDIA
from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.embedder import check_unchanged
from labelwright.endmodels.encoders import Encoded, Encoder, column
from labelwright.endmodels.joint_embedder import JointEmbedder
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.saved import Packed


@dataclass(frozen=True, slots=True)
class ImageEmbeddingLinear(LinearModel):
    """What a pretrained encoder sees in an image, with a linear head.

    Attributes:
        model: a folder with `text_model.onnx` and `vision_model.onnx`, or its name on the hub.
        batch_rows: so many images go through the model at once.
        head: the classifier on top.
    """

    model: str
    batch_rows: int = 32
    head: LinearHead = field(default_factory=LinearHead)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (MEDIA,)

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The pretrained encoder and the images' embeddings."""
        embedder = JointEmbedder(self.model, self.batch_rows)
        encoder = ImageEmbeddingEncoder(embedder, embedder.fingerprint())
        return encoder, encoder.encode(items)


@dataclass(frozen=True, slots=True, eq=False)
class ImageEmbeddingEncoder:
    """Images -> embeddings. Saved by the model's name and fingerprint, not its weights.

    Attributes:
        embedder: the pretrained model.
        fingerprint: of the model's files when the head was trained.
    """

    kind: ClassVar[str] = "image_embedding"
    embedder: JointEmbedder
    fingerprint: str

    def encode(self, items: pa.Table) -> Encoded:
        """The embeddings of these images, of length 1; zero where one cannot be read."""
        vectors = self.embedder.embed_images(column(items, MEDIA).to_pylist()).astype(np.float64)
        readable: NDArray[np.bool_] = np.all(~np.isnan(vectors), axis=1)
        vectors[~readable] = 0.0
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return Encoded(vectors / np.maximum(length, 1e-12), readable)

    def pack(self) -> Packed:
        """The name and fingerprint of the model."""
        return Packed(
            {
                "model": self.embedder.model,
                "batch_rows": self.embedder.batch_rows,
                "fingerprint": self.fingerprint,
            }
        )

    @classmethod
    def unpack(cls, packed: Packed) -> ImageEmbeddingEncoder:
        """The encoder that was packed.

        Raises:
            StorageError: the model's files are others than those that the head was trained on.
        """
        header = packed.header
        embedder = JointEmbedder(header["model"], header["batch_rows"])
        check_unchanged(embedder.model, embedder.fingerprint(), header["fingerprint"])
        return cls(embedder, header["fingerprint"])
