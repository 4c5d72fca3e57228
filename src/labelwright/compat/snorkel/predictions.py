"""Labels from probabilities and back; Snorkel's `utils`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError, SettingsError, did_you_mean, shown

__all__ = ["filter_labels", "preds_to_probs", "probs_to_preds", "to_int_label_array"]

TIE_BREAKS = ("abstain", "random", "true-random")


def probs_to_preds(
    probs: ArrayLike, tie_break_policy: str = "random", tol: float = 1e-5
) -> NDArray[np.int64]:
    """The most probable class of every row, shape (rows,); -1 for a tie under "abstain".

    Args:
        probs: shape (rows, classes).
        tie_break_policy: "abstain"; "random" for a class that depends on the number of the row
            alone, so that it is the same every time; "true-random" for numpy's global generator.
        tol: classes whose probability is nearer than this to the highest are tied with it.

    Raises:
        DataError: fewer than two classes.
        SettingsError: an unknown policy.

    Example:
        >>> probs_to_preds([[0.5, 0.5], [0.2, 0.8]], tie_break_policy="abstain").tolist()
        [-1, 1]
    """
    probability = np.asarray(probs, np.float64)
    if probability.ndim != 2 or probability.shape[1] < 2:
        raise DataError(
            f"probs must have a row an item and at least two classes, got {probability.shape}"
        )
    if tie_break_policy not in TIE_BREAKS:
        raise SettingsError(
            f"unknown tie_break_policy {shown(tie_break_policy)}"
            f"{did_you_mean(str(tie_break_policy), TIE_BREAKS)}"
        )
    highest = probability.max(axis=1, keepdims=True)
    tied = np.abs(probability - highest) < tol
    labels = probability.argmax(axis=1)
    for row in np.flatnonzero(tied.sum(axis=1) > 1):
        labels[row] = _untied(int(row), np.flatnonzero(tied[row]), tie_break_policy)
    return labels


def preds_to_probs(preds: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """One-hot rows, shape (rows, num_classes).

    Raises:
        DataError: an abstention, or a label that is no class.
    """
    labels = to_int_label_array(preds)
    if labels.min(initial=0) < 0:
        raise DataError("an abstention (-1) has no probabilities; take such rows out first")
    if labels.max(initial=0) >= num_classes:
        raise DataError(f"labels must lie in 0..{num_classes - 1}, got {labels.max()}")
    return np.eye(num_classes)[labels]


def to_int_label_array(X: ArrayLike, flatten_vector: bool = True) -> NDArray[np.int64]:  # noqa: N803 Snorkel's name
    """The labels as whole numbers, shape (rows,) unless they shall keep their shape.

    Raises:
        DataError: fractions, or more than one column.
    """
    labels = np.asarray(X)
    if labels.dtype.kind not in "biuf" or np.any(np.mod(labels, 1) != 0):
        raise DataError(f"labels must be whole numbers, got {shown(labels.tolist())}")
    labels = labels.astype(np.int64)
    if not flatten_vector:
        return labels
    if labels.ndim > 1 and labels.size != len(labels):
        raise DataError(f"labels must be one column, got shape {labels.shape}")
    return labels.reshape(-1)


def filter_labels(
    label_dict: Mapping[str, NDArray[Any] | None], filter_dict: Mapping[str, Sequence[int]]
) -> dict[str, NDArray[Any] | None]:
    """All arrays without the rows in which one of them has a value that is filtered for it.

    Args:
        label_dict: arrays of equal length by name; None passes through.
        filter_dict: for some names, the values whose rows go.

    Example:
        >>> arrays = {"golds": np.array([-1, 0, 1]), "preds": np.array([0, 0, -1])}
        >>> filter_labels(arrays, {"golds": [-1], "preds": [-1]})["golds"].tolist()
        [0]
    """
    keep: Any = slice(None)
    for name, values in filter_dict.items():
        array = label_dict.get(name)
        if array is not None:
            kept = ~np.isin(array, list(values)).reshape(len(array))
            keep = kept if isinstance(keep, slice) else keep & kept
    return {name: None if array is None else array[keep] for name, array in label_dict.items()}


def _untied(row: int, classes: NDArray[np.int64], policy: str) -> int:
    if policy == "abstain":
        return -1
    if policy == "true-random":
        # Snorkel draws from numpy's global state, so that np.random.seed governs a notebook.
        return int(np.random.choice(classes))  # noqa: NPY002 - see above
    digest = hashlib.sha1(str(row).encode(), usedforsecurity=False).hexdigest()
    return int(classes[int(digest, 16) % len(classes)])
