"""A linear head on any encoder: what the text, image and linear tabular models have in common."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.endmodels.encoders import (
    CHUNK_ROWS,
    Encoded,
    Encoder,
    unpack_encoder,
)
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.saved import Packed, nested, part_of, write
from labelwright.endmodels.targets import checked_training

logger = logging.getLogger(__name__)


class Reader(Protocol):
    """What says how probable each class is: every predictor, or a mixture of some."""

    def predict(self, items: pa.Table) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Predictions, and which of them are no better than a guess.

    Attributes:
        probability: shape (items, classes).
        readable: whether the item's content could be read; where it could not, the row is the
            class balance of the training items. Shape (items,).
    """

    probability: NDArray[np.float64]
    readable: NDArray[np.bool_]


class LinearModel(ABC):
    """Settings of an end model that is a linear head on what `features` makes of items."""

    __slots__ = ()
    head: LinearHead

    @abstractmethod
    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder that these items teach, and their own feature vectors."""

    def fit(
        self,
        items: pa.Table,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        *,
        seed: int,
    ) -> LinearPredictor:
        """The predictor that these soft labels teach; unreadable items teach nothing.

        Raises:
            DataError: see `checked_training`.
            NothingToDoError: no item counts, or none can be read.
        """
        items, target, weight = checked_training(items, target, weight)
        encoder, encoded = self.features(items, seed=seed)
        readable = encoded.readable
        if not readable.any():
            raise NothingToDoError(
                f"there is nothing to learn from: none of the {items.num_rows} training items can "
                "be read. Check that their media are images, or that their fields are filled"
            )
        if not readable.all():
            logger.warning("%d training items could not be read", int((~readable).sum()))
            encoded = Encoded(encoded.matrix[readable], readable[readable])
            target, weight = target[readable], weight[readable]
        fit = self.head.fit(encoded.matrix, target, weight, seed=seed)
        return LinearPredictor(encoder, fit)


@dataclass(frozen=True, slots=True, eq=False)
class LinearPredictor:
    """A trained linear end model: an encoder and a head."""

    kind: ClassVar[str] = "linear"
    encoder: Encoder
    head: LinearFit

    def predict(self, items: pa.Table) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes); the class balance where unreadable."""
        predicted = self.predicted(items)
        _warn_of_unreadable(predicted)
        return predicted.probability

    def predicted(self, items: pa.Table) -> Predicted:
        """Class probabilities and which items could be read; memory stays bounded."""
        return _predicted(self.encoder, [self.head], items)[0]

    def save(self, folder: Path) -> None:
        """Writes a JSON header and arrays; `endmodels.load` reads them back."""
        packed = nested(encoder=self.encoder.pack(), head=self.head.pack())
        header = {**packed.header, "encoder_kind": self.encoder.kind}
        write(folder, self.kind, Packed(header, packed.arrays))

    @classmethod
    def unpack(cls, packed: Packed) -> LinearPredictor:
        """The predictor that was saved."""
        encoder = unpack_encoder(packed.header["encoder_kind"], part_of(packed, "encoder"))
        return cls(encoder, LinearFit.unpack(part_of(packed, "head")))


def readings(predictors: Sequence[Reader], items: pa.Table) -> list[NDArray[np.float64]]:
    """What each predictor says of the items, which are read once for all that share an encoder."""
    together: dict[int, list[int]] = {}
    for place, one in enumerate(predictors):
        shared = one.encoder if isinstance(one, LinearPredictor) else one
        together.setdefault(id(shared), []).append(place)
    found: dict[int, NDArray[np.float64]] = {}
    for places in together.values():
        first = predictors[places[0]]
        if not isinstance(first, LinearPredictor):
            found |= dict.fromkeys(places, first.predict(items))
            continue
        heads = [cast(LinearPredictor, predictors[place]).head for place in places]
        said = _predicted(first.encoder, heads, items)
        _warn_of_unreadable(said[0])
        found |= {place: one.probability for place, one in zip(places, said, strict=True)}
    return [found[place] for place in range(len(predictors))]


def _predicted(encoder: Encoder, heads: Sequence[LinearFit], items: pa.Table) -> list[Predicted]:
    said = [np.empty((items.num_rows, head.seen.classes)) for head in heads]
    readable = np.empty(items.num_rows, np.bool_)
    for start in range(0, items.num_rows, CHUNK_ROWS):
        encoded = encoder.encode(items.slice(start, CHUNK_ROWS))
        piece = slice(start, start + len(encoded.readable))
        readable[piece] = encoded.readable
        for head, probability in zip(heads, said, strict=True):
            probability[piece] = head.predict(encoded.matrix)
    for head, probability in zip(heads, said, strict=True):
        probability[~readable] = head.seen.prior
    return [Predicted(probability, readable) for probability in said]


def _warn_of_unreadable(predicted: Predicted) -> None:
    unreadable = int((~predicted.readable).sum())
    if unreadable:
        logger.warning(
            "%d of %d items could not be read; they get the class balance",
            unreadable,
            len(predicted.readable),
        )
