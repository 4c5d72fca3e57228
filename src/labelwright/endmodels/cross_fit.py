"""Predictions for every item by a model that did not see it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.items import HASH
from labelwright.core.ports import EndModel
from labelwright.endmodels.folds import assign_folds


def cross_fit(
    model: EndModel,
    items: pa.Table,
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    folds: int = 5,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Class probabilities of every item, from models trained without it, (items, classes).

    Items of equal content (by the column ``_hash``, where there is one) share a fold, and each
    class is spread evenly over the folds. Items of weight 0 teach nothing and are predicted too.
    Where the other folds teach nothing at all, an item gets 1 / classes.

    Args:
        model: the end model to train.
        items: all items.
        target: class probabilities, shape (items, classes); rows of weight 0 are not read.
        weight: shape (items,).
        folds: how many, at least 2; never more than there are different items.
        seed: of the folds and the models.

    Raises:
        DataError: fewer than two folds, or whatever `EndModel.fit` finds wrong.
    """
    if folds < 2:
        raise DataError(f"cross-fitting needs at least 2 folds, got {folds}")
    weight = np.asarray(weight, np.float64)
    if len(weight) != items.num_rows or len(target) != items.num_rows:
        raise DataError(
            f"{items.num_rows} items need one target and one weight each, "
            f"got {len(target)} and {len(weight)}"
        )
    classes = target.shape[1]
    probability = np.full((items.num_rows, classes), 1 / classes)
    key = _content(items)
    label = np.where(weight > 0, np.argmax(target, axis=1), -1)
    fold = assign_folds(key, label, folds, seed)
    for held_out in np.unique(fold):
        learn = np.flatnonzero((fold != held_out) & (weight > 0))
        held = np.flatnonzero(fold == held_out)
        if not len(learn):
            continue
        taught = items.take(pa.array(learn))
        predictor = model.fit(taught, target[learn], weight[learn], seed=seed)
        probability[held] = predictor.predict(items.take(pa.array(held)))
    return probability


def _content(items: pa.Table) -> NDArray[np.generic]:
    """What tells items apart: their content hash, or their place where they have none."""
    if HASH in items.column_names and not items.column(HASH).null_count:
        return np.asarray(items.column(HASH).to_pylist(), dtype=np.str_)
    return np.arange(items.num_rows)
