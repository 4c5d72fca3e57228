"""Numbers about labels and workers; crowd-kit's `aggregation.utils`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.votes import COLUMNS, check_columns
from labelwright.core.errors import DataError, SettingsError, did_you_mean, shown

__all__ = [
    "add_skills_to_data",
    "clone_aggregator",
    "evaluate",
    "evaluate_equal",
    "evaluate_in",
    "get_accuracy",
    "get_most_probable_labels",
    "normalize_rows",
]

ON_MISSING_SKILL = ("error", "ignore", "value")


def get_accuracy(data: Any, true_labels: Any, by: str | None = None) -> Any:
    """The share of votes that are right: a number, or a Series indexed by what `by` names.

    Args:
        data: a pandas frame with the columns task, worker and label; `weight` counts if it is
            there. A vote that occurs twice counts once.
        true_labels: a Series of known labels, indexed by task; where a task has several, each is
            right. Votes on other tasks do not count.
        by: "task", "worker" or "true_label".

    Raises:
        MissingColumnError: a column is missing.
    """
    check_columns(data, COLUMNS)
    judged = data[list(COLUMNS)].copy()
    judged["weight"] = data["weight"] if "weight" in data.columns else 1
    known = true_labels.rename("true_label").rename_axis("task").reset_index()
    if not len(judged) or not len(known):  # without values columns have types that do not meet
        known = known.iloc[:0].astype(judged.dtypes[["task"]].to_dict())
    judged = judged.merge(known, on="task").dropna(subset=["true_label"])
    judged["score"] = judged["weight"] * (judged["label"] == judged["true_label"])
    # The right one of several true labels is the last.
    judged = judged.sort_values("score", kind="stable").drop_duplicates(list(COLUMNS), keep="last")
    if by is None:
        return judged["score"].sum() / judged["weight"].sum()
    sums = judged.groupby(by)[["score", "weight"]].sum()
    return (sums["score"] / sums["weight"]).rename(None)


def get_most_probable_labels(proba: Any) -> Any:
    """The column of the highest number of each row, a Series."""
    import pandas as pd

    return proba.idxmax(axis="columns") if proba.size else pd.Series([], dtype=object)


def normalize_rows(scores: Any) -> Any:
    """The frame with rows that sum to 1."""
    return scores.div(scores.sum(axis=1), axis=0)


def evaluate_in(row: Any) -> int:
    """1 where the predicted label is among the true ones, else 0."""
    return int(row["label_pred"] in row["label_true"])


def evaluate_equal(row: Any) -> int:
    """1 where the predicted label is the true one, else 0."""
    return int(row["label_pred"] == row["label_true"])


def evaluate(
    df_true: Any, df_pred: Any, evaluate_func: Callable[[Any], int] = evaluate_in
) -> float:
    """The mean judgement of predictions, frames with `label` indexed by task.

    Raises:
        DataError: a task without a prediction, or with several.
    """
    both = df_true.merge(df_pred, on="task", suffixes=("_true", "_pred"))
    if len(both) != len(df_true):
        raise DataError(f"{len(df_true)} tasks have a true label, {len(both)} of them a prediction")
    return float(both.apply(evaluate_func, axis=1).mean())


def clone_aggregator(aggregator: Any) -> Any:
    """Another aggregator with the same settings, for other votes."""
    return copy.deepcopy(aggregator)


def add_skills_to_data(
    data: Any, skills: Any, on_missing_skill: str, default_skill: float | None
) -> Any:
    """The table with the column `skill`; see `MajorityVote` for workers without one.

    Raises:
        SettingsError: settings that contradict each other.
        DataError: a worker without a skill; a task on which nobody has one.
    """
    if on_missing_skill not in ON_MISSING_SKILL:
        raise SettingsError(
            f"unknown on_missing_skill {shown(on_missing_skill)}"
            f"{did_you_mean(str(on_missing_skill), ON_MISSING_SKILL)}"
        )
    if (default_skill is None) == (on_missing_skill == "value"):
        raise SettingsError('default_skill is for on_missing_skill="value", which needs it')
    found = data["worker"].map(skills).to_numpy(np.float64)
    unknown = np.isnan(found)
    if unknown.any() and on_missing_skill == "error":
        raise DataError(
            f"{unknown.sum()} votes are of workers without a skill; give them one, or set "
            'on_missing_skill to "ignore" or "value"'
        )
    if on_missing_skill == "ignore":
        lost = set(data["task"]) - set(data["task"][~unknown])
        if lost:
            raise DataError(f"on {len(lost)} tasks nobody who voted has a skill")
        return data[~unknown].assign(skill=found[~unknown])
    return data.assign(skill=np.where(unknown, default_skill, found))


def shares_of(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Each row divided by its sum."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)
