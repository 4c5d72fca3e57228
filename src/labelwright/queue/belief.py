"""What is believed about the units' classes, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Pool


@dataclass(frozen=True, slots=True, eq=False)
class TopTwo:
    """The two most probable classes of every unit. All shapes (units,).

    With one class only, the second is the first, with probability 0.

    Attributes:
        first: class index.
        second: class index.
        p_first: its probability.
        p_second: its probability.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    p_first: NDArray[np.float64]
    p_second: NDArray[np.float64]

    @property
    def closeness(self) -> NDArray[np.float64]:
        """One minus the margin: 1 where two classes are equally probable, 0 where one is sure."""
        return 1 - (self.p_first - self.p_second)


def predicted(pool: Pool) -> NDArray[np.bool_]:
    """Whether the end model has a usable prediction, shape (units,)."""
    if pool.prediction is None:
        return np.zeros(len(pool.posterior), bool)
    usable: NDArray[np.bool_] = np.all(np.isfinite(pool.prediction), axis=1)
    return usable


def belief(pool: Pool) -> NDArray[np.float64]:
    """The end model's probabilities; the label model's where it has none, or NaN. (units, classes).

    Where neither knows anything, all classes are equally probable.
    """
    if pool.prediction is None:
        return even_where_unknown(pool.posterior)
    usable = predicted(pool)
    if usable.all():
        return pool.prediction
    return np.where(usable[:, None], pool.prediction, even_where_unknown(pool.posterior))


def even_where_unknown(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities, with an even guess in rows that hold NaN. Shape (units, classes)."""
    known: NDArray[np.bool_] = np.all(np.isfinite(probability), axis=1)
    return np.where(known[:, None], probability, 1 / probability.shape[1])


def top_two(probability: NDArray[np.float64]) -> TopTwo:
    """The two most probable classes of every row. Probability has shape (units, classes)."""
    units, classes = probability.shape
    if classes == 1:
        only = np.zeros(units, np.int64)
        return TopTwo(only, only, probability[:, 0], np.zeros(units))
    rows = np.arange(units)
    first = probability.argmax(axis=1)
    rest = probability.copy()
    rest[rows, first] = -1
    second = rest.argmax(axis=1)
    return TopTwo(first, second, probability[rows, first], probability[rows, second])


def doubt(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The entropy of every row over that of an even guess, 0 to 1, shape (units,)."""
    classes = probability.shape[1]
    if classes == 1:
        return np.zeros(len(probability))
    known = even_where_unknown(probability)
    logs = np.log(np.where(known > 0, known, 1))
    entropy: NDArray[np.float64] = -(known * logs).sum(axis=1) / np.log(classes)
    return entropy
