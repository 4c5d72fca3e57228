"""Text: weighted word and character n-grams with a linear head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, SettingsError
from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.encoders import (
    Encoded,
    Encoder,
    JoinedEncoder,
    Matrix,
    check_names,
    column,
    encode_in_chunks,
    stacked,
)
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.saved import Packed, array_to_texts, texts_to_array

WORD = r"(?u)\b\w+\b"
"""A token: words of one letter count too, since in short messages they mean something."""


@dataclass(frozen=True, slots=True)
class TextLinear(LinearModel):
    """TF-IDF of word n-grams, and of character n-grams if wanted, with a linear head.

    Attributes:
        text_fields: the fields that hold the text.
        joined: read all fields as one text; otherwise each has its own vocabulary.
        words: the shortest and the longest word n-gram; None for no words.
        chars: likewise for characters, for languages that do not put spaces between words.
        min_count: an n-gram must be in so many texts, unless then nothing would be left.
        max_features: at most so many n-grams, the most frequent ones.
        vocabulary_rows: the vocabulary is learnt from at most so many texts, drawn at random:
            it is what takes the memory.
        head: the classifier on top.

    Example:
        >>> items = pa.table({"body": ["win cash now", "see you at home"] * 5})
        >>> target, weight = np.eye(2)[[1, 0] * 5], np.ones(10)
        >>> TextLinear(("body",)).fit(items, target, weight, seed=0).predict(items).argmax(1)
        array([1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
    """

    text_fields: tuple[str, ...]
    joined: bool = True
    words: tuple[int, int] | None = (1, 2)
    chars: tuple[int, int] | None = None
    min_count: int = 2
    max_features: int = 100_000
    vocabulary_rows: int = 200_000
    head: LinearHead = field(default_factory=LinearHead)

    def __post_init__(self) -> None:
        check_names("text_fields", self.text_fields)
        if self.words is None and self.chars is None:
            raise SettingsError("a text model needs words or chars, both are None")

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.text_fields

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder with the vocabulary of these items, and their vectors."""
        parts: list[_Grams] = []
        groups = [self.text_fields] if self.joined else [(name,) for name in self.text_fields]
        for group in groups:
            if self.words is not None:
                parts.append(_Grams(group, "word", self.words, self))
            if self.chars is not None:
                parts.append(_Grams(group, "char_wb", self.chars, self))
        if len(parts) == 1:
            return parts[0].features(items, seed=seed)
        return JoinedEncoder.learn(parts, items, seed=seed)


@dataclass(frozen=True, slots=True)
class _Grams:
    """One kind of n-gram over some fields."""

    text_fields: tuple[str, ...]
    analyzer: str
    lengths: tuple[int, int]
    model: TextLinear

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        rows = items.num_rows
        if rows > self.model.vocabulary_rows:
            drawn = np.random.default_rng(seed).choice(rows, self.model.vocabulary_rows, False)
            sample = items.take(pa.array(np.sort(drawn)))
        else:
            sample = items
        vocabulary, counts = self._counted(joined_texts(sample, self.text_fields))
        encoder = TfidfEncoder(
            self.text_fields, self.analyzer, self.lengths, tuple(vocabulary), _idf(counts)
        )
        if sample is items:
            return encoder, encoder.weighted(counts)
        return encoder, stacked(encode_in_chunks(encoder, items))

    def _counted(self, texts: list[str]) -> tuple[list[str], Any]:
        """The vocabulary and the counts (texts, n-grams), possibly of no n-gram at all."""
        from scipy.sparse import csr_array

        for min_count in (min(self.model.min_count, max(len(texts), 1)), 1):
            vectorizer = _vectorizer(
                self.analyzer,
                self.lengths,
                min_df=min_count,
                max_features=self.model.max_features,
            )
            try:
                counts = vectorizer.fit_transform(texts)
            except ValueError:  # "empty vocabulary" or "no terms remain"
                continue
            return list(vectorizer.get_feature_names_out()), csr_array(counts)
        return [], csr_array((len(texts), 0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class TfidfEncoder:
    """Text fields -> TF-IDF vectors of length 1, or 0 where no n-gram is known.

    Attributes:
        text_fields: read as one text.
        analyzer: ``word`` or ``char_wb``.
        lengths: the shortest and the longest n-gram.
        vocabulary: the n-grams, in the order of the features.
        idf: the weight of each, shape (n-grams,).
    """

    kind: ClassVar[str] = "tfidf"
    text_fields: tuple[str, ...]
    analyzer: str
    lengths: tuple[int, int]
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float64]

    def encode(self, items: pa.Table) -> Encoded:
        """The vectors of these items."""
        from scipy.sparse import csr_array

        texts = joined_texts(items, self.text_fields)
        if not self.vocabulary or not texts:
            empty = csr_array((len(texts), len(self.vocabulary)), dtype=np.float64)
            return Encoded(empty, np.ones(len(texts), np.bool_))
        return self.weighted(csr_array(self._transform(texts)))

    def weighted(self, counts: Any) -> Encoded:
        """The vectors of texts with these n-gram counts: (1 + log count) * idf, length 1."""
        counts.data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        length = np.sqrt(np.bincount(row, counts.data**2, minlength=counts.shape[0]))
        counts.data /= length[row]
        return Encoded(counts, np.ones(counts.shape[0], np.bool_))

    def pack(self) -> Packed:
        """The vocabulary and its weights."""
        header = {
            "text_fields": list(self.text_fields),
            "analyzer": self.analyzer,
            "lengths": list(self.lengths),
        }
        return Packed(
            header, {"vocabulary": texts_to_array(list(self.vocabulary)), "idf": self.idf}
        )

    @classmethod
    def unpack(cls, packed: Packed) -> TfidfEncoder:
        """The encoder that was packed."""
        shortest, longest = packed.header["lengths"]
        return cls(
            tuple(packed.header["text_fields"]),
            packed.header["analyzer"],
            (shortest, longest),
            tuple(array_to_texts(packed.arrays["vocabulary"])),
            packed.arrays["idf"],
        )

    @cached_property
    def _transform(self) -> Callable[[list[str]], Matrix]:
        vectorizer = _vectorizer(self.analyzer, self.lengths, vocabulary=self.vocabulary)
        return vectorizer.transform


def joined_texts(items: pa.Table, text_fields: tuple[str, ...]) -> list[str]:
    """The text of every item: its fields, one a line; a missing field is empty.

    Raises:
        DataError: a field is absent or holds something that is no text.
    """
    columns = []
    for name in text_fields:
        values = column(items, name)
        try:
            texts = values.cast(pa.string())
        except pa.ArrowInvalid as error:
            raise DataError(f"field {name!r} holds bytes that are no UTF-8 text") from error
        except (pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            raise DataError(f"field {name!r} holds {values.type}, which is no text") from error
        columns.append([text or "" for text in texts.to_pylist()])
    if len(columns) == 1:
        return columns[0]
    return ["\n".join(parts) for parts in zip(*columns, strict=True)]


def _vectorizer(analyzer: str, lengths: tuple[int, int], **settings: Any) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(
        analyzer=analyzer,
        ngram_range=lengths,
        token_pattern=WORD if analyzer == "word" else None,
        dtype=np.float64,
        **settings,
    )


def _idf(counts: Any) -> NDArray[np.float64]:
    """log((1 + texts) / (1 + texts with the n-gram)) + 1, as in scikit-learn."""
    texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.log((1 + counts.shape[0]) / (1 + texts_with)) + 1
