"""Scores of labels against gold, and items sorted by both; Snorkel's `analysis`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.compat.snorkel.predictions import filter_labels, to_int_label_array
from labelwright.core.errors import DataError, SettingsError, did_you_mean, shown

__all__ = ["Scorer", "get_label_buckets", "get_label_instances", "metric_score"]

METRICS: dict[str, tuple[str, dict[str, Any]]] = {
    "accuracy": ("accuracy_score", {}),
    "coverage": ("", {}),
    "precision": ("precision_score", {}),
    "recall": ("recall_score", {}),
    "f1": ("f1_score", {}),
    "f1_micro": ("f1_score", {"average": "micro"}),
    "f1_macro": ("f1_score", {"average": "macro"}),
    "fbeta": ("fbeta_score", {}),
    "matthews_corrcoef": ("matthews_corrcoef", {}),
    "roc_auc": ("roc_auc_score", {}),
}
"""Every metric by name: scikit-learn's function and its settings."""


class Scorer:
    """Several scores of labels against gold.

    Args:
        metrics: names from `METRICS`.
        custom_metric_funcs: further ones by name; each takes golds, preds and probs and gives a
            number or several by name.
        abstain_label: rows with this label, in gold or prediction, do not count, except in
            "coverage"; None to count all.

    Raises:
        SettingsError: an unknown metric.

    Example:
        >>> Scorer(["accuracy", "coverage"]).score(np.array([0, 1, 1]), np.array([0, 1, -1]))
        {'accuracy': 1.0, 'coverage': 0.6666666666666666}
    """

    def __init__(
        self,
        metrics: Sequence[str] | None = None,
        custom_metric_funcs: Mapping[str, Callable[..., Any]] | None = None,
        abstain_label: int | None = -1,
    ) -> None:
        self.abstain_label = abstain_label
        self.metrics: dict[str, Callable[..., Any]] = {}
        for metric in metrics or []:
            _check_known(metric)
            ignored = {}
            if abstain_label is not None and metric != "coverage":
                ignored = {"golds": [abstain_label], "preds": [abstain_label]}
            self.metrics[metric] = partial(metric_score, metric=metric, filter_dict=ignored)
        self.metrics.update(custom_metric_funcs or {})

    def score(
        self,
        golds: NDArray[Any],
        preds: NDArray[Any] | None = None,
        probs: NDArray[Any] | None = None,
    ) -> dict[str, float]:
        """The scores by name.

        Raises:
            DataError: no gold, nothing left to score, or an argument that a metric lacks.
        """
        if len(golds) == 0:
            raise DataError("there are no gold labels to score against")
        scores: dict[str, float] = {}
        for name, metric in self.metrics.items():
            score = metric(golds, preds, probs)
            scores |= score if isinstance(score, dict) else {name: score}
        return scores

    def score_slices(
        self,
        S: NDArray[Any],  # noqa: N803 - Snorkel's name
        golds: NDArray[Any],
        preds: NDArray[Any],
        probs: NDArray[Any],
        as_dataframe: bool = False,
    ) -> Any:
        """The scores by name, by slice, after those "overall".

        Args:
            S: what an `SFApplier` gave, a record array with a field a slice.
            golds: true labels, shape (rows,).
            preds: predicted labels, shape (rows,).
            probs: shape (rows, classes).
            as_dataframe: whether to give a pandas frame with a row a slice.

        Raises:
            DataError: lengths that differ, or a slice without items.
        """
        if len({len(S), len(golds), len(preds), len(probs)}) != 1:
            raise DataError("S, golds, preds and probs must be as long as each other")
        scores = {"overall": self.score(golds, preds, probs)}
        for name in S.dtype.names or ():
            inside = S[name] > 0
            scores[name] = self.score(golds[inside], preds[inside], probs[inside])
        if not as_dataframe:
            return scores
        import pandas as pd

        return pd.DataFrame.from_dict(scores, orient="index")


def metric_score(
    golds: ArrayLike | None = None,
    preds: ArrayLike | None = None,
    probs: ArrayLike | None = None,
    metric: str = "accuracy",
    filter_dict: Mapping[str, Sequence[int]] | None = None,
    **kwargs: Any,
) -> float:
    """One score.

    Args:
        golds: true labels, shape (rows,); likewise preds.
        preds: predicted labels.
        probs: shape (rows, classes).
        metric: a name from `METRICS`.
        filter_dict: of "golds", "preds" or "probs", the values whose rows do not count.
        kwargs: for scikit-learn's function, such as `beta` for "fbeta".

    Raises:
        SettingsError: an unknown metric or name in `filter_dict`.
        DataError: an argument that the metric lacks, nothing left to score, or a metric for two
            classes on more.
    """
    _check_known(metric)
    arrays = {
        "golds": None if golds is None else to_int_label_array(golds),
        "preds": None if preds is None else to_int_label_array(preds),
        "probs": None if probs is None else np.asarray(probs, np.float64),
    }
    for name in filter_dict or {}:
        if name not in arrays:
            raise SettingsError(f"filter_dict: unknown {shown(name)}{did_you_mean(name, arrays)}")
    arrays = filter_labels(arrays, filter_dict or {})
    if metric == "coverage":
        return float(np.mean(_needed(arrays, "preds", metric) != -1))
    import sklearn.metrics

    truth = _needed(arrays, "golds", metric)
    name, settings = METRICS[metric]
    function = getattr(sklearn.metrics, name)
    if metric == "roc_auc":
        probability = _needed(arrays, "probs", metric)
        if probability.shape[1] != 2:
            raise DataError("roc_auc is for two classes")
        return float(function(truth, probability[:, 1], **kwargs))
    if metric == "f1" and truth.max() > 1:
        raise DataError("f1 is for two classes; take f1_micro or f1_macro")
    return float(function(truth, _needed(arrays, "preds", metric), **settings | kwargs))


def get_label_buckets(*y: NDArray[Any]) -> dict[tuple[int, ...], NDArray[np.int64]]:
    """The numbers of the rows for every combination of labels that occurs in these arrays.

    Raises:
        DataError: arrays of different length.

    Example:
        >>> get_label_buckets(np.array([0, 1, 1]), np.array([0, 0, 0]))[1, 0].tolist()
        [1, 2]
    """
    columns = _columns(y)
    rows, place = np.unique(columns, axis=0, return_inverse=True)
    return {
        tuple(row.tolist()): np.flatnonzero(place.reshape(-1) == number)
        for number, row in enumerate(rows)
    }


def get_label_instances(bucket: tuple[int, ...], x: NDArray[Any], *y: NDArray[Any]) -> NDArray[Any]:
    """The rows of `x` whose labels in the arrays are this combination.

    Raises:
        DataError: arrays of different length, or as many labels as there are no arrays.
    """
    columns = _columns(y)
    if len(bucket) != columns.shape[1] or len(x) != len(columns):
        raise DataError("give one label of the bucket per array, and arrays as long as x")
    taken: NDArray[Any] = x[(columns == np.asarray(bucket)).all(axis=1)]
    return taken


def _check_known(metric: str) -> None:
    if metric not in METRICS:
        raise SettingsError(f"unknown metric {shown(metric)}{did_you_mean(str(metric), METRICS)}")


def _needed(arrays: Mapping[str, NDArray[Any] | None], name: str, metric: str) -> NDArray[Any]:
    array = arrays[name]
    if array is None:
        raise DataError(f"the metric {metric!r} needs {name}")
    if not len(array):
        raise DataError(f"no row has both gold and a prediction, so there is no {metric}")
    return array


def _columns(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    labels = [to_int_label_array(array) for array in arrays]
    if len({len(column) for column in labels}) != 1:
        raise DataError("label arrays must be as long as each other, and at least one")
    return np.stack(labels, axis=1)
