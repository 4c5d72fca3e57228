"""The laws of the port `EndModel`: what every end model and its predictor must keep.

Each law is a plain function that raises AssertionError. A third party calls them with its own
model and a few items; `check_end_model` calls those that every model must keep.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.ports import EndModel, Predictor
from labelwright.endmodels import load

Array = NDArray[np.float64]
TOLERANCE = 1e-3
"""Iterative training that adds in another order ends this near, in probability."""


def check_end_model(
    model: EndModel, items: pa.Table, target: Array, weight: Array, folder: Path
) -> None:
    """All laws that hold for every end model.

    Args:
        model: to be checked.
        items: at least a dozen, of two classes or more.
        target: class probabilities, shape (items, classes).
        weight: shape (items,), some positive.
        folder: an empty folder to save into.
    """
    predictor = model.fit(items, target, weight, seed=0)
    probabilities_sum_to_one(predictor, items, target.shape[1])
    nothing_in_nothing_out(predictor, items, target.shape[1])
    an_item_is_judged_alone(predictor, items)
    a_saved_predictor_predicts_identically(predictor, items, folder)
    one_seed_gives_one_model(model, items, target, weight)
    it_reads_only_its_fields(model, items, target, weight)
    an_item_of_no_weight_teaches_nothing(model, items, target, weight)


def probabilities_sum_to_one(predictor: Predictor, items: pa.Table, classes: int) -> None:
    """Predictions have shape (items, classes), are in 0..1, and rows sum to 1."""
    predicted = predictor.predict(items)
    assert predicted.shape == (items.num_rows, classes)
    assert np.all((predicted >= 0) & (predicted <= 1))
    assert np.allclose(predicted.sum(axis=1), 1)


def nothing_in_nothing_out(predictor: Predictor, items: pa.Table, classes: int) -> None:
    """No items give no predictions, and no error."""
    assert predictor.predict(items.slice(0, 0)).shape == (0, classes)


def an_item_is_judged_alone(predictor: Predictor, items: pa.Table) -> None:
    """What is predicted of an item does not depend on the items beside it."""
    alone = predictor.predict(items.slice(1, 1))
    assert np.allclose(alone[0], predictor.predict(items)[1], atol=1e-6)


def a_saved_predictor_predicts_identically(
    predictor: Predictor, items: pa.Table, folder: Path
) -> None:
    """`load(save(p))` predicts bit for bit as `p` does."""
    predictor.save(folder)
    assert np.array_equal(load(folder).predict(items), predictor.predict(items))


def one_seed_gives_one_model(
    model: EndModel, items: pa.Table, target: Array, weight: Array
) -> None:
    """Training twice with one seed gives the same predictions."""
    first, second = (model.fit(items, target, weight, seed=3).predict(items) for _ in range(2))
    assert np.array_equal(first, second)


def it_reads_only_its_fields(
    model: EndModel, items: pa.Table, target: Array, weight: Array
) -> None:
    """Its fields alone are enough to train and to predict as with all columns."""
    narrow = items.select(list(model.fields))
    all_columns = model.fit(items, target, weight, seed=0).predict(items)
    assert np.array_equal(model.fit(narrow, target, weight, seed=0).predict(narrow), all_columns)


def an_item_of_no_weight_teaches_nothing(
    model: EndModel, items: pa.Table, target: Array, weight: Array
) -> None:
    """Weight 0 is the same as leaving the item out, whatever its target says."""
    weight = weight.copy()
    weight[0] = 0
    nonsense = target.copy()
    nonsense[0] = np.nan
    without = model.fit(items.slice(1), target[1:], weight[1:], seed=0)
    assert np.array_equal(
        model.fit(items, nonsense, weight, seed=0).predict(items), without.predict(items)
    )


def copies_count_as_weight(model: EndModel, items: pa.Table, target: Array, weight: Array) -> None:
    """Having every item twice equals doubling its weight. For linear models."""
    twice = model.fit(
        pa.concat_tables([items, items]),
        np.vstack([target, target]),
        np.concatenate([weight, weight]),
        seed=0,
    )
    double = model.fit(items, target, 2 * weight, seed=0)
    assert np.allclose(twice.predict(items), double.predict(items), atol=TOLERANCE)


def order_does_not_matter(
    model: EndModel, items: pa.Table, target: Array, weight: Array, order: NDArray[np.int64]
) -> None:
    """Training on the items in another order gives the same predictions. For linear models."""
    shuffled = model.fit(items.take(pa.array(order)), target[order], weight[order], seed=0)
    straight = model.fit(items, target, weight, seed=0)
    assert np.allclose(shuffled.predict(items), straight.predict(items), atol=TOLERANCE)


def renamed_classes_change_only_names(
    model: EndModel, items: pa.Table, target: Array, weight: Array, names: NDArray[np.int64]
) -> None:
    """Exchanging classes exchanges the columns of the prediction. For linear models."""
    straight = model.fit(items, target, weight, seed=0).predict(items)
    renamed = model.fit(items, target[:, names], weight, seed=0).predict(items)
    assert np.allclose(renamed, straight[:, names], atol=TOLERANCE)


def even_targets_teach_nothing(model: EndModel, items: pa.Table, classes: int) -> None:
    """Items whose target is the same for all classes leave every class equally probable."""
    even = np.full((items.num_rows, classes), 1 / classes)
    predicted = model.fit(items, even, np.ones(items.num_rows), seed=0).predict(items)
    assert np.allclose(predicted, 1 / classes, atol=TOLERANCE)
