"""What a training is measured by, kept with its run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.pipeline.label.judge_labels import truth_of_heads
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    brier_score,
    calibration_error,
    label_quality,
    log_loss,
    reliability,
)


def held_out(workspace: Workspace) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The test items whose truth is known, and their classes."""
    truth = truth_of_heads(workspace)
    items = np.flatnonzero((workspace.splits() == "test") & (truth >= 0))
    return items, truth[items]


def evaluated(
    workspace: Workspace, prediction: NDArray[np.float64]
) -> tuple[dict[str, float], dict[str, NDArray[np.generic]]]:
    """Measures of a prediction by name, and its confusion and reliability as arrays.

    Both are empty where no truth of a test item is known; measures that are unknown are left out.
    """
    items, truth = held_out(workspace)
    if not len(items):
        return {}, {}
    said = prediction[items]
    quality = label_quality(said, truth)
    low, high = quality.accuracy_interval()
    table = reliability(said, truth)
    measures = {
        "test_items": float(quality.items),
        "accuracy": quality.accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "f1_macro": quality.f1_macro,
        "log_loss": log_loss(said, truth),
        "brier_score": brier_score(said, truth),
        "calibration_error": calibration_error(said, truth),
    }
    for place, name in enumerate(workspace.settings.task.classes):
        for measure in ("precision", "recall", "f1"):
            measures[f"{measure}/{name}"] = float(getattr(quality, measure)[place])
    arrays: dict[str, NDArray[np.generic]] = {
        "confusion": quality.confusion,
        "confidence": table.confidence,
        "right": table.accuracy,
        "count": table.count,
    }
    return {name: value for name, value in measures.items() if not np.isnan(value)}, arrays
