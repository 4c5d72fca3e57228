"""Predictions for every item by a model that did not see it, once or again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias, cast, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.items import HASH
from labelwright.core.ports import EndModel
from labelwright.endmodels.calibration import log_loss
from labelwright.endmodels.classifier import LinearPredictor, Reader, readings
from labelwright.endmodels.encoders import Encoded, Encoder, Encodes
from labelwright.endmodels.folds import assign_folds
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.per_class import PerClass

Array = NDArray[np.float64]

STEPS = 40
"""Of the optimiser: what is fitted again in the next round need not be exact in this one."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the second of two models in their mixture."""


@runtime_checkable
class Refittable(Protocol):
    """An end model with others in its place where it is to be fitted again and again."""

    def quick(self, classes: int) -> tuple[EndModel, ...]:
        """One or two models that choose little by cross-validation; two are mixed.

        Args:
            classes: about how many classes the items have.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """What models trained without an item say of it.

    Attributes:
        probability: of every class; the same for all classes where no other fold taught anything,
            shape (items, classes).
        readable: whether the item's content could be read, shape (items,).
        predictors: the models of the folds that had something to learn. No other item than
            these was seen by any of them.
    """

    probability: Array
    readable: NDArray[np.bool_]
    predictors: tuple[Reader, ...]


Read: TypeAlias = dict[EndModel, tuple[Encoder, Encoded]]
"""By model, what it learnt from the same items alone, and their features."""

Folds: TypeAlias = Callable[[Array, Array], Folded]
"""Targets (items, classes) and weights (items,) -> what models trained on them say."""


def cross_fit(
    model: EndModel,
    items: pa.Table,
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    folds: int = 5,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Class probabilities of every item, from models trained without it, (items, classes).

    Of a model of several heads, all heads of the first item come first, then those of the second.
    Items of equal content (by the column ``_hash``, where there is one) share a fold, and each
    class is spread evenly over the folds. Items of weight 0 teach nothing and are predicted too.
    Where the other folds teach nothing at all, an item gets 1 / classes.

    Args:
        model: the end model to train.
        items: all items.
        target: class probabilities, a row for every item and head; rows of weight 0 are not read.
        weight: of each of these rows.
        folds: how many, at least 2; never more than there are different items.
        seed: of the folds and the models.

    Raises:
        DataError: fewer than two folds, or whatever `EndModel.fit` finds wrong.
    """
    if folds < 2:
        raise DataError(f"cross-fitting needs at least 2 folds, got {folds}")
    weight = np.asarray(weight, np.float64)
    heads = model.heads if isinstance(model, PerClass) else 1
    if len(weight) != items.num_rows * heads or len(target) != items.num_rows * heads:
        raise DataError(
            f"{items.num_rows} items need one target and one weight each (heads: {heads}), "
            f"got {len(target)} and {len(weight)}"
        )
    label = np.where(weight > 0, np.argmax(target, axis=1), -1)
    if heads > 1:
        # Items with the same labels under all heads are dealt evenly over the folds.
        label = np.unique(label.reshape(-1, heads), axis=0, return_inverse=True)[1].reshape(-1)
    fold = assign_folds(_content(items), label, folds, seed)
    return _ModelFolds(model, items, fold, seed)(target, weight).probability


def folds_of(
    model: EndModel,
    items: pa.Table,
    label: NDArray[np.int64],
    *,
    folds: int = 3,
    strength: float | None = None,
    seed: int = 0,
    read: Read | None = None,
) -> Folds:
    """A function that cross-fits the model on these items to the targets that it is given.

    A linear model reads the items once, however often it is fitted, and each fit starts from the
    one before: an embedding costs far more than a head. A `Refittable` model has stand-ins. Copies
    of an item share a fold.

    Args:
        model: the end model.
        items: all items; the column ``_hash``, where there is one, tells copies.
        label: the most probable class of every item so far, dealt evenly over the folds, -1 where
            none is known, shape (items,).
        folds: how many, at least 2.
        strength: of a linear head whose own is to be chosen by cross-validation: choosing it again
            for every fold would take many times as long.
        seed: of the folds and the models.
        read: how these items were read before, for other labels; filled where they were not.
    """
    fold = assign_folds(_content(items), label, folds, seed)
    classes = len(np.unique(label[label >= 0]))
    models = model.quick(classes) if isinstance(model, Refittable) else (model,)
    read = {} if read is None else read
    each = [_folds_of_one(one, items, fold, strength, seed, read) for one in models]
    return each[0] if len(each) == 1 else _MixedFolds(*each)


def _folds_of_one(
    model: EndModel,
    items: pa.Table,
    fold: NDArray[np.int64],
    strength: float | None,
    seed: int,
    read: Read,
) -> Folds:
    # What models have in common with `LinearHead` on top is a convention, not a type.
    head = getattr(model, "head", None)
    if isinstance(head, LinearHead) and hasattr(model, "features"):
        quick = replace(head, strength=head.strength or strength, calibration="none", steps=STEPS)
        if model not in read:
            read[model] = cast(Encodes, model).features(items, seed=seed)
        encoder, encoded = read[model]
        return _HeadFolds(encoder, encoded, fold, quick, seed)
    return _ModelFolds(model, items, fold, seed)


def mean_predictions(
    predictors: Sequence[Sequence[Reader]], items: pa.Table, classes: int
) -> Array:
    """What the models of each head say of items that none of them saw, on average.

    Shape (items, heads, classes).
    """
    said = readings([one for head in predictors for one in head], items)
    mean = np.full((items.num_rows, len(predictors), classes), 1 / classes)
    for number, head in enumerate(predictors):
        if head:
            own, said = said[: len(head)], said[len(head) :]
            mean[:, number] = sum(own) / len(own)
    return mean


@dataclass(eq=False)
class _HeadFolds:
    """A linear head on features that are computed once."""

    encoder: Encoder
    encoded: Encoded
    fold: NDArray[np.int64]
    head: LinearHead
    seed: int
    last: dict[int, LinearFit] = field(default_factory=dict)

    def __call__(self, target: Array, weight: Array) -> Folded:
        matrix, readable = self.encoded.matrix, self.encoded.readable
        probability = np.full(target.shape, 1 / target.shape[1])
        predictors = []
        for number in np.unique(self.fold).tolist():
            learn = np.flatnonzero((self.fold != number) & (weight > 0) & readable)
            held = np.flatnonzero(self.fold == number)
            if not len(learn):
                continue
            fit = self.head.fit(
                matrix[learn],
                target[learn],
                weight[learn],
                seed=self.seed,
                start=self.last.get(number),
            )
            self.last[number] = fit
            probability[held] = fit.predict(matrix[held])
            predictors.append(LinearPredictor(self.encoder, fit))
        return Folded(probability, readable, tuple(predictors))


@dataclass(frozen=True, slots=True, eq=False)
class _ModelFolds:
    """Any end model, through its port alone; also one of several heads."""

    model: EndModel
    items: pa.Table
    fold: NDArray[np.int64]
    seed: int

    def __call__(self, target: Array, weight: Array) -> Folded:
        probability = np.full(target.shape, 1 / target.shape[1])
        predictors = []
        items = len(self.fold)
        units = np.arange(len(target)).reshape(items, len(target) // max(items, 1))
        teaches = np.any(weight[units] > 0, axis=1)
        for number in np.unique(self.fold):
            learn = np.flatnonzero((self.fold != number) & teaches)
            held = np.flatnonzero(self.fold == number)
            if not len(learn):
                continue
            taught, rows = self.items.take(pa.array(learn)), units[learn].ravel()
            predictor = self.model.fit(taught, target[rows], weight[rows], seed=self.seed)
            probability[units[held].ravel()] = predictor.predict(self.items.take(pa.array(held)))
            predictors.append(predictor)
        return Folded(probability, np.ones(len(target), np.bool_), tuple(predictors))


@dataclass(frozen=True, slots=True, eq=False)
class _MixedFolds:
    """Two models as one, mixed anew each time as foretells the targets best."""

    first: Folds
    second: Folds

    def __call__(self, target: Array, weight: Array) -> Folded:
        first, second = self.first(target, weight), self.second(target, weight)
        if not first.predictors or not second.predictors:
            return first
        taught = weight > 0
        mixed = [_mixed(first.probability, second.probability, share) for share in SHARES]
        losses = [log_loss(one[taught], target[taught], weight[taught]) for one in mixed]
        best = int(np.argmin(losses))
        reader = _Mixture(first.predictors, second.predictors, SHARES[best])
        return Folded(mixed[best], first.readable & second.readable, (reader,))


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """The mean of each of two sets of models, mixed."""

    first: tuple[Reader, ...]
    second: tuple[Reader, ...]
    share: float

    def predict(self, items: pa.Table) -> Array:
        return _mixed(_mean(self.first, items), _mean(self.second, items), self.share)


def _mixed(first: Array, second: Array, share: float) -> Array:
    return (1 - share) * first + share * second


def _mean(readers: Sequence[Reader], items: pa.Table) -> Array:
    total = sum(reader.predict(items) for reader in readers)
    return cast(Array, total / len(readers))


def _content(items: pa.Table) -> NDArray[np.generic]:
    """What tells items apart: their content hash, or their place where they have none."""
    if HASH in items.column_names and not items.column(HASH).null_count:
        return np.asarray(items.column(HASH).to_pylist(), dtype=np.str_)
    return np.arange(items.num_rows)
