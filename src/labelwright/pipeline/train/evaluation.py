"""What a training is measured by, kept with its run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.pipeline.label.judge_labels import judged_sets, truth_of_heads
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    LabelQuality,
    SetQuality,
    brier_score,
    calibration_error,
    label_quality,
    log_loss,
    reliability,
)
from labelwright.sources import beliefs_of_items
from labelwright.tasks import grid_of, kind_of


def held_out(workspace: Workspace) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The units of test items whose truth is known, and their classes.

    Of kinds whose items all have the same units, as end models learn them.
    """
    truth = truth_of_heads(workspace)
    splits = workspace.splits()
    heads = len(truth) // max(len(splits), 1)
    units = np.flatnonzero(np.repeat(splits == "test", heads) & (truth >= 0))
    return units, truth[units]


def whole_items(right: NDArray[np.bool_], item: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which items have no wrong unit, shape (items with units,).

    Args:
        right: whether each unit is, shape (units,).
        item: which item each belongs to, rising.
    """
    _, first = np.unique(item, return_index=True)
    whole: NDArray[np.bool_] = np.logical_and.reduceat(right, first) if len(first) else right
    return whole


def evaluated(
    workspace: Workspace, prediction: NDArray[np.float64]
) -> tuple[dict[str, float], dict[str, NDArray[np.generic]]]:
    """Measures of a prediction by name, and its confusion and reliability as arrays.

    Both are empty where no truth of a test item is known; measures that are unknown are left out.
    Where an answer is a set of classes, `accuracy` is the share of the questions whether a class
    belongs that are answered right, and the confusion is that of classes and nothing.
    """
    units, truth = held_out(workspace)
    if not len(units):
        return {}, {}
    said = prediction[units]
    quality = label_quality(said, truth)
    table = reliability(said, truth)
    measures = {
        "log_loss": log_loss(said, truth),
        "brier_score": brier_score(said, truth),
        "calibration_error": calibration_error(said, truth),
    }
    sets = held_out_sets(workspace, prediction)
    if sets is None:
        measures = _of_items(quality, workspace.settings.task.classes) | measures
    else:
        measures = _of_sets(sets, workspace.settings.task.classes) | measures
    arrays: dict[str, NDArray[np.generic]] = {
        "confusion": quality.confusion if sets is None else sets.classes.confusion,
        "confidence": table.confidence,
        "right": table.accuracy,
        "count": table.count,
    }
    return {name: value for name, value in measures.items() if not np.isnan(value)}, arrays


def held_out_sets(workspace: Workspace, prediction: NDArray[np.float64]) -> SetQuality | None:
    """How good predicted sets of classes are on the test split; None where answers are no sets."""
    task, splits = workspace.settings.task, workspace.splits()
    if grid_of(task, 0).single:
        return None
    beliefs = beliefs_of_items(prediction, task)
    said = kind_of(task).recompose(beliefs, task)
    return judged_sets(workspace, said, splits[: len(said.answer)] == "test")


def _of_items(quality: LabelQuality, classes: tuple[str, ...]) -> dict[str, float]:
    low, high = quality.accuracy_interval()
    measures = {
        "test_items": float(quality.items),
        "accuracy": quality.accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "f1_macro": quality.f1_macro,
    }
    for place, name in enumerate(classes):
        for measure in ("precision", "recall", "f1"):
            measures[f"{measure}/{name}"] = float(getattr(quality, measure)[place])
    return measures


def _of_sets(sets: SetQuality, classes: tuple[str, ...]) -> dict[str, float]:
    measures = {
        "test_items": float(sets.items),
        "accuracy": 1 - sets.hamming_loss,
        "exact": sets.exact,
        "hamming_loss": sets.hamming_loss,
        "f1_micro": sets.classes.f1_micro,
        "f1_macro": sets.classes.f1_macro,
        "cardinality": sets.said,
        "cardinality_true": sets.true,
    }
    for place, name in enumerate(classes):
        for measure in ("precision", "recall", "f1"):
            measures[f"{measure}/{name}"] = float(getattr(sets.classes, measure)[place])
    return measures
