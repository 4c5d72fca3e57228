"""Labelers that learn nothing from the votes about who is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.compat.snorkel.labeling.model.base_labeler import (
    BaseLabeler,
    Probabilities,
    label_matrix,
)
from labelwright.core.errors import NothingToDoError, SettingsError

__all__ = ["MajorityClassVoter", "MajorityLabelVoter", "RandomVoter"]


class RandomVoter(BaseLabeler):
    """Random probabilities, from numpy's global state as in Snorkel (`np.random.seed`)."""

    def predict_proba(self, L: ArrayLike) -> Probabilities:  # noqa: N803 - Snorkel's name
        """Random rows that sum to 1, shape (items, cardinality)."""
        shape = (len(np.asarray(L)), self.cardinality)
        drawn = np.random.rand(*shape)  # noqa: NPY002 - Snorkel's generator, seeded by notebooks
        return drawn / drawn.sum(axis=1, keepdims=True)


class MajorityClassVoter(BaseLabeler):
    """The most frequent class for every item."""

    balance: NDArray[np.float64] | None = None

    def fit(self, balance: ArrayLike, *args: Any, **kwargs: Any) -> None:
        """Takes the class balance, shape (cardinality,).

        Raises:
            SettingsError: another number of classes.
        """
        shares = np.asarray(balance, np.float64)
        if shares.shape != (self.cardinality,):
            raise SettingsError(
                f"balance must have one share for each of {self.cardinality} classes, "
                f"got shape {shares.shape}"
            )
        self.balance = shares

    def predict_proba(self, L: ArrayLike) -> Probabilities:  # noqa: N803 - Snorkel's name
        """1 for the most frequent class, shared if there are several, (items, cardinality).

        Raises:
            NothingToDoError: not fitted.
        """
        if self.balance is None:
            raise NothingToDoError("there is no class balance yet; call fit(balance) first")
        return np.tile(_shared_by_the_most(self.balance[None]), (len(np.asarray(L)), 1))

    def _learnt(self) -> dict[str, Any]:
        balance = {} if self.balance is None else {"balance": self.balance}
        return {"cardinality": np.array(self.cardinality)} | balance

    def _take_over(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.cardinality = int(arrays["cardinality"])
        self.balance = arrays.get("balance")


class MajorityLabelVoter(BaseLabeler):
    """The label that most functions gave.

    Example:
        >>> MajorityLabelVoter().predict_proba([[0, 0, -1], [-1, 0, 1]]).tolist()
        [[1.0, 0.0], [0.5, 0.5]]
    """

    def predict_proba(self, L: ArrayLike) -> Probabilities:  # noqa: N803 - Snorkel's name
        """1 for the label with most votes, shared among equals; even where nobody voted."""
        votes = label_matrix(L, self.cardinality)
        cell = votes.unit.astype(np.int64) * votes.classes + votes.label
        counts = np.bincount(cell, minlength=votes.units * votes.classes)
        return _shared_by_the_most(counts.reshape(votes.units, votes.classes))


def _shared_by_the_most(counts: NDArray[Any]) -> Probabilities:
    most = (counts == counts.max(axis=1, keepdims=True)).astype(np.float64)
    return most / most.sum(axis=1, keepdims=True)
