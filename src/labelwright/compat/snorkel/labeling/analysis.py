"""What labeling functions did; Snorkel's `LFAnalysis`, with its definitions to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.compat.snorkel.labeling.lf import LabelingFunction
from labelwright.compat.snorkel.predictions import to_int_label_array
from labelwright.core.errors import DataError
from labelwright.core.matrix import ABSTAINED, VoteMatrix

__all__ = ["LFAnalysis"]

Shares = NDArray[np.float64]


class LFAnalysis:
    """Measures of a label matrix. Shares are of all items; 0 where there is nothing to share.

    Args:
        L: the labels of the functions, shape (items, functions), -1 where they abstained.
        lfs: the functions, for their names.

    Raises:
        VotesError: labels that are no whole numbers from -1.
        DataError: another number of functions than columns.

    Example:
        >>> L = [[-1, 0, 0], [-1, -1, -1], [1, 0, -1], [-1, 0, -1], [0, 0, 0]]
        >>> LFAnalysis(L).lf_conflicts().tolist()
        [0.2, 0.2, 0.0]
    """

    def __init__(self, L: ArrayLike, lfs: Sequence[LabelingFunction] | None = None) -> None:  # noqa: N803 - Snorkel's name
        VoteMatrix.from_dense(L)  # the door: refuses what is no label matrix
        self.L = np.asarray(L).astype(np.int64)
        if lfs is not None and len(lfs) != self.L.shape[1]:
            raise DataError(f"there are {len(lfs)} functions, but {self.L.shape[1]} columns")
        self._names = None if lfs is None else [lf.name for lf in lfs]
        self._voted = self.L != ABSTAINED
        highest = self.L.max(axis=1, initial=ABSTAINED)
        self._overlapped = self._voted.sum(axis=1) > 1
        self._conflicted = (self._voted & (highest[:, None] != self.L)).any(axis=1)

    def label_coverage(self) -> float:
        """The share of items with a label."""
        return self._share(self._voted.any(axis=1))

    def label_overlap(self) -> float:
        """The share of items with two labels or more."""
        return self._share(self._overlapped)

    def label_conflict(self) -> float:
        """The share of items with different labels."""
        return self._share(self._conflicted)

    def lf_polarities(self) -> list[list[int]]:
        """The labels that each function gave, in order."""
        columns = zip(self.L.T, self._voted.T, strict=True)
        return [np.unique(label[voted]).tolist() for label, voted in columns]

    def lf_coverages(self) -> Shares:
        """The share of items that each function labels, shape (functions,)."""
        return self._shares(self._voted)

    def lf_overlaps(self, normalize_by_coverage: bool = False) -> Shares:
        """The share of items that each function and another one label, shape (functions,).

        Args:
            normalize_by_coverage: whether to give the share of the items that it labels.
        """
        overlaps = self._shares(self._voted & self._overlapped[:, None])
        return _ratio(overlaps, self.lf_coverages()) if normalize_by_coverage else overlaps

    def lf_conflicts(self, normalize_by_overlaps: bool = False) -> Shares:
        """The share of items that each function and another label, differently, (functions,).

        Args:
            normalize_by_overlaps: whether to give the share of the items on which it overlaps.
        """
        conflicts = self._shares(self._voted & self._conflicted[:, None])
        return _ratio(conflicts, self.lf_overlaps()) if normalize_by_overlaps else conflicts

    def lf_empirical_accuracies(self, Y: ArrayLike) -> Shares:  # noqa: N803 - Snorkel's name
        """The share of each function's labels that is right; 0 without any, shape (functions,).

        Items of unknown label (-1) count as wrong, as in Snorkel: take them out of both first.
        """
        right = self._voted & (self._gold(Y)[:, None] == self.L)
        # Not right / labels: the same number, but Snorkel's has other digits in the 16th place.
        balance = 2 * right.sum(axis=0) - self._voted.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(0.5 * (balance / self._voted.sum(axis=0) + 1))

    def lf_empirical_probs(self, Y: ArrayLike, k: int) -> Shares:  # noqa: N803 - Snorkel's name
        """P(function gives l | class is y), shape (functions, k + 1, k); l = 0 is abstention.

        NaN for classes that are not in `Y`.

        Args:
            Y: true labels, shape (items,).
            k: how many classes there are.
        """
        is_class = self._gold(Y)[:, None] == np.arange(k)
        acts = self.L[:, :, None] == np.arange(-1, k)
        counts = np.einsum("ujl,uy->jly", acts.astype(np.int64), is_class.astype(np.int64))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares: Shares = counts / is_class.sum(axis=0)
        return shares

    def lf_summary(self, Y: ArrayLike | None = None, est_weights: ArrayLike | None = None) -> Any:  # noqa: N803 - Snorkel's name
        """All of it as a pandas frame with a row a function, indexed by its name or number.

        Args:
            Y: true labels, for the columns Correct, Incorrect (items of unknown label, -1, left
                out) and Emp. Acc.
            est_weights: what a label model thinks of each function, for Learned Weight.
        """
        import pandas as pd

        functions = self.L.shape[1]
        rows: list[Any] = list(range(functions)) if self._names is None else self._names
        columns: dict[str, Any] = {} if self._names is None else {"j": list(range(functions))}
        columns |= {
            "Polarity": self.lf_polarities(),
            "Coverage": self.lf_coverages(),
            "Overlaps": self.lf_overlaps(),
            "Conflicts": self.lf_conflicts(),
        }
        if Y is not None:
            gold = self._gold(Y)
            judged = self._voted & (gold != ABSTAINED)[:, None]
            right = (judged & (gold[:, None] == self.L)).sum(axis=0)
            columns["Correct"] = right
            columns["Incorrect"] = judged.sum(axis=0) - right
            columns["Emp. Acc."] = self.lf_empirical_accuracies(gold)
        if est_weights is not None:
            columns["Learned Weight"] = np.asarray(est_weights)
        return pd.DataFrame(columns, index=rows)

    def _gold(self, labels: ArrayLike) -> NDArray[np.int64]:
        gold = to_int_label_array(labels)
        if len(gold) != len(self.L):
            raise DataError(f"Y has {len(gold)} labels, but L has {len(self.L)} rows")
        return gold

    def _share(self, items: NDArray[np.bool_]) -> float:
        return float(items.sum() / max(len(items), 1))

    def _shares(self, items: NDArray[np.bool_]) -> Shares:
        shares: Shares = items.sum(axis=0) / max(len(items), 1)
        return shares


def _ratio(part: Shares, whole: Shares) -> Shares:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
