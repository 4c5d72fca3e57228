"""Sentence embeddings from a pretrained model, with a linear head."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.embedder import SentenceEmbedder, check_unchanged
from labelwright.endmodels.encoders import Encoded, Encoder, check_names
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.saved import Packed
from labelwright.endmodels.text import joined_texts


@dataclass(frozen=True, slots=True)
class EmbeddingLinear(LinearModel):
    """Sentence embeddings with a linear head: needs a tenth of the labels that n-grams need.

    Attributes:
        text_fields: the fields that hold the text, read as one.
        model: the folder or the hub name of a sentence-transformers model.
        batch_rows: so many texts go through the model at once.
        head: the classifier on top.
    """

    text_fields: tuple[str, ...]
    model: str
    batch_rows: int = 32
    head: LinearHead = field(default_factory=LinearHead)

    def __post_init__(self) -> None:
        check_names("text_fields", self.text_fields)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.text_fields

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The pretrained encoder and the items' embeddings."""
        embedder = SentenceEmbedder(self.model, self.batch_rows)
        encoder = EmbeddingEncoder(self.text_fields, embedder, embedder.fingerprint())
        return encoder, encoder.encode(items)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingEncoder:
    """Text fields -> embeddings. Saved by the model's name and fingerprint, not its weights.

    Attributes:
        text_fields: read as one text.
        embedder: the pretrained model.
        fingerprint: of the model's files when the head was trained.
    """

    kind: ClassVar[str] = "embedding"
    text_fields: tuple[str, ...]
    embedder: SentenceEmbedder
    fingerprint: str

    def encode(self, items: pa.Table) -> Encoded:
        """The embeddings of these items."""
        vectors = self.embedder.embed(joined_texts(items, self.text_fields))
        return Encoded(vectors.astype(np.float64), np.ones(len(vectors), np.bool_))

    def pack(self) -> Packed:
        """The name and fingerprint of the model."""
        header = {
            "text_fields": list(self.text_fields),
            "model": self.embedder.model,
            "batch_rows": self.embedder.batch_rows,
            "fingerprint": self.fingerprint,
        }
        return Packed(header)

    @classmethod
    def unpack(cls, packed: Packed) -> EmbeddingEncoder:
        """The encoder that was packed.

        Raises:
            StorageError: the model's files are others than those that the head was trained on.
        """
        header = packed.header
        embedder = SentenceEmbedder(header["model"], header["batch_rows"])
        check_unchanged(embedder.model, embedder.fingerprint(), header["fingerprint"])
        return cls(tuple(header["text_fields"]), embedder, header["fingerprint"])
