"""Items on which nobody voted; Snorkel's `labeling.utils`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import ABSTAINED

__all__ = ["filter_unlabeled_dataframe"]


def filter_unlabeled_dataframe(
    X: Any,  # noqa: N803 - Snorkel's name
    y: NDArray[Any],
    L: NDArray[Any],  # noqa: N803 - Snorkel's name
) -> tuple[Any, NDArray[Any]]:
    """The rows of a pandas frame on which some function voted, and their rows of `y`.

    Args:
        X: the frame.
        y: probabilities or labels, shape (rows, ...).
        L: the labels of the functions, shape (rows, functions).

    Raises:
        DataError: lengths that differ.
    """
    if not len(X) == len(y) == len(L):
        raise DataError(f"X, y and L must be as long as each other: {len(X)}, {len(y)}, {len(L)}")
    voted = (np.asarray(L) != ABSTAINED).any(axis=1)
    return X.iloc[voted], y[voted]
