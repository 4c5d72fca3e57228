"""Several questions about each item, each with a model of its own: how sets of classes are learnt.

Which classes belong to an item is as many questions as there are classes. Each of them is a *head*.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError, NothingToDoError
from labelwright.core.ports import EndModel, Predictor
from labelwright.endmodels.classifier import LinearPredictor, readings
from labelwright.endmodels.encoders import Encoder, Encodes, unpack_encoder
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.saved import Packed, nested, part_of, write
from labelwright.endmodels.targets import checked_training

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerClass:
    """Any end model, fitted once for each head.

    With one head it is that model, to the bit. A model with a linear head on features reads the
    items once for all heads. A head may learn from other items than the next one: those on
    which its weight is positive.

    Attributes:
        model: fitted for each head, with the same seed.
        heads: how many there are, at least one.
    """

    model: EndModel
    heads: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.model.fields

    def fit(self, items: pa.Table, target: Array, weight: Array, *, seed: int) -> Predictor:
        """A predictor of all heads, whose rows are the heads of the first item, of the second...

        Args:
            items: the training items.
            target: class probabilities, shape (items * heads, classes).
            weight: how much each counts, shape (items * heads,).
            seed: of every random number.

        Raises:
            DataError: shapes that do not match, or whatever the model's own `fit` finds wrong.
            NothingToDoError: no head has anything to learn from.
        """
        if self.heads == 1:
            return self.model.fit(items, target, weight, seed=seed)
        rows = items.num_rows * self.heads
        if len(target) != rows or len(weight) != rows:
            raise DataError(
                f"{items.num_rows} items with {self.heads} heads need {rows} targets and weights, "
                f"got {len(target)} and {len(weight)}"
            )
        targets = target.reshape(items.num_rows, self.heads, -1)
        weights = weight.reshape(items.num_rows, self.heads)
        taught = np.any(weights > 0, axis=1)
        if not taught.all():
            items = items.filter(pa.array(taught))
            targets, weights = targets[taught], weights[taught]
        # What models have in common with `LinearHead` on top is a convention, not a type.
        head = getattr(self.model, "head", None)
        if isinstance(head, LinearHead) and hasattr(self.model, "features"):
            found = self._linear(head, items, targets, weights, seed)
        else:
            found = self._any(items, targets, weights, seed)
        if not any(found):
            raise NothingToDoError(
                "there is nothing to learn from: no class has a label on an item that can be read"
            )
        return HeadsPredictor(found, target.shape[1])

    def _linear(
        self, head: LinearHead, items: pa.Table, targets: Array, weights: Array, seed: int
    ) -> tuple[Predictor | None, ...]:
        if not items.num_rows:
            return ()
        encoder, encoded = cast(Encodes, self.model).features(items, seed=seed)
        if not encoded.readable.all():
            logger.warning("%d training items could not be read", int((~encoded.readable).sum()))
        place = pa.table({"place": np.arange(items.num_rows)})
        found: list[Predictor | None] = []
        for number in range(self.heads):
            own = np.where(encoded.readable, weights[:, number], 0.0)
            if not own.any():
                found.append(None)
                continue
            chosen, target, weight = checked_training(place, targets[:, number], own)
            matrix = encoded.matrix[chosen["place"].to_numpy()]
            found.append(LinearPredictor(encoder, head.fit(matrix, target, weight, seed=seed)))
        return tuple(found)

    def _any(
        self, items: pa.Table, targets: Array, weights: Array, seed: int
    ) -> tuple[Predictor | None, ...]:
        return tuple(
            self.model.fit(items, targets[:, number], weights[:, number], seed=seed)
            if np.any(weights[:, number])
            else None
            for number in range(self.heads)
        )


@dataclass(frozen=True, slots=True, eq=False)
class HeadsPredictor:
    """The trained models of all heads.

    Attributes:
        predictors: one a head; None where nothing was known of it: there every class is as likely.
        classes: how many each head has.
    """

    kind: ClassVar[str] = "per_class"
    predictors: tuple[Predictor | None, ...]
    classes: int

    def predict(self, items: pa.Table) -> Array:
        """Class probabilities of all heads of the first item, of the second...

        Shape (items * heads, classes).
        """
        said = np.full((items.num_rows, len(self.predictors), self.classes), 1 / self.classes)
        known = [number for number, one in enumerate(self.predictors) if one is not None]
        found = readings([one for one in self.predictors if one is not None], items)
        for number, probability in zip(known, found, strict=True):
            said[:, number] = probability
        return said.reshape(-1, self.classes)

    def save(self, folder: Path) -> None:
        """Writes a JSON header and arrays, and a folder for each head that shares no encoder."""
        known = {f"head{n}": one for n, one in enumerate(self.predictors) if one is not None}
        encoder = _shared_encoder([*known.values()])
        header = {"classes": self.classes, "heads": [one is not None for one in self.predictors]}
        if encoder is None:
            for name, one in known.items():
                one.save(folder / name)
            return write(folder, self.kind, Packed({**header, "encoder_kind": None}))
        fits = {name: cast(LinearPredictor, one).head.pack() for name, one in known.items()}
        packed = nested(encoder=encoder.pack(), **fits)
        header |= {**packed.header, "encoder_kind": encoder.kind}
        return write(folder, self.kind, Packed(header, packed.arrays))

    @classmethod
    def unpack(cls, packed: Packed) -> HeadsPredictor:
        """The predictor that was saved, where its heads share an encoder."""
        header = packed.header
        encoder = unpack_encoder(header["encoder_kind"], part_of(packed, "encoder"))
        fits = [
            LinearFit.unpack(part_of(packed, f"head{n}")) if known else None
            for n, known in enumerate(header["heads"])
        ]
        found = tuple(None if fit is None else LinearPredictor(encoder, fit) for fit in fits)
        return cls(found, header["classes"])


def folders_of_heads(packed: Packed) -> list[str | None] | None:
    """In which folder each head is, None where nothing is known of it; None if all are in one."""
    if packed.header["encoder_kind"] is not None:
        return None
    return [f"head{n}" if known else None for n, known in enumerate(packed.header["heads"])]


def _shared_encoder(predictors: Sequence[Predictor]) -> Encoder | None:
    """The encoder that all of these read with; None if there is no such one."""
    encoders = {
        id(one.encoder): one.encoder for one in predictors if isinstance(one, LinearPredictor)
    }
    same = len(encoders) == 1 and all(isinstance(one, LinearPredictor) for one in predictors)
    return next(iter(encoders.values())) if same else None
