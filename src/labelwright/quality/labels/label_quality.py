"""How good labels are, held against truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.core.posterior import Posterior
from labelwright.quality.intervals import LEVEL, wilson


@dataclass(frozen=True, eq=False)
class LabelQuality:
    """What became of the items whose truth is known.

    An undecided item counts as wrong, and against the recall of its class.

    Attributes:
        confusion: how many items of class row were labelled column, shape (classes, classes).
        undecided: how many items of each class have no label, shape (classes,).
    """

    confusion: NDArray[np.int64]
    undecided: NDArray[np.int64]

    @property
    def items(self) -> int:
        """How many items were judged."""
        return int(self.support.sum())

    @property
    def support(self) -> NDArray[np.int64]:
        """How many items each class has in truth, shape (classes,)."""
        return self.confusion.sum(axis=1) + self.undecided

    @property
    def coverage(self) -> float:
        """The share of items that have a label; NaN without items."""
        return _share(float(self.confusion.sum()), self.items)

    @property
    def accuracy(self) -> float:
        """The share of items labelled right; NaN without items."""
        return _share(float(np.trace(self.confusion)), self.items)

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of the items labelled so, the share that is; NaN where none is, shape (classes,)."""
        return _shares(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of the items that are so, the share labelled so; NaN where none is. (classes,)."""
        return _shares(np.diag(self.confusion), self.support)

    @property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of both, shape (classes,); NaN for classes that nowhere occur."""
        both = self.confusion.sum(axis=0) + self.support
        return _shares(2 * np.diag(self.confusion), both)

    @property
    def f1_macro(self) -> float:
        """The mean F1 of the classes that occur, in truth or as labels; NaN without items."""
        scores = self.f1[~np.isnan(self.f1)]
        return _share(float(scores.sum()), len(scores))

    def accuracy_interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Wilson's interval of the accuracy."""
        found = wilson(np.trace(self.confusion), self.items, level)
        return float(found.low), float(found.high)


def label_quality(
    labels: Posterior | ArrayLike,
    truth: ArrayLike,
    *,
    covered: ArrayLike | None = None,
    classes: int | None = None,
) -> LabelQuality:
    """How labels compare with the truth, on the items whose truth is known.

    Args:
        labels: hard (class index, -1 for undecided, shape (items,)), or soft (probabilities of
            shape (items, classes), or a posterior), which count as their most probable class.
        truth: class index, -1 where unknown, shape (items,).
        covered: judge these items only, shape (items,); by default all.
        classes: how many there are; by default as many as soft labels have or hard ones name.

    Raises:
        DataError: shapes that do not match, or a class index out of range.
    """
    found = labels.probability if isinstance(labels, Posterior) else np.asarray(labels)
    if found.ndim == 2:
        classes = found.shape[1] if classes is None else classes
        found = found.argmax(axis=1) if found.size else np.zeros(len(found), np.int64)
    true = np.asarray(truth, np.int64)
    if found.shape != true.shape or found.ndim != 1:
        raise DataError(f"labels and truth differ in shape: {found.shape} and {true.shape}")
    found = found.astype(np.int64)
    highest = int(max(found.max(initial=-1), true.max(initial=-1)))
    classes = max(highest + 1, 2) if classes is None else classes
    if highest >= classes:
        raise DataError(f"class index {highest} is out of range: there are {classes} classes")
    judged = true >= 0 if covered is None else (true >= 0) & np.asarray(covered, bool)
    found, true = found[judged], true[judged]
    decided = found >= 0
    cells = np.bincount(true[decided] * classes + found[decided], minlength=classes * classes)
    return LabelQuality(
        confusion=cells.reshape(classes, classes),
        undecided=np.bincount(true[~decided], minlength=classes),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
