"""Votes without those of workers who always answer alike; crowd-kit's `postprocessing`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from labelwright.compat.crowdkit.metrics.data import uncertainty

__all__ = ["entropy_threshold"]


def entropy_threshold(
    answers: Any, workers_skills: Any = None, percentile: float = 10, min_answers: int = 2
) -> Any:
    """The rows of workers whose answers vary enough.

    Args:
        answers: a pandas frame with the columns task, worker and label.
        workers_skills: as in `uncertainty`.
        percentile: workers whose answers vary at most as much as this percentile of them go.
        min_answers: workers with fewer answers stay.
    """
    many = answers["worker"].map(answers["worker"].value_counts()) >= min_answers
    entropy = uncertainty(answers[many], workers_skills, compute_by="worker", aggregate=False)
    dull = entropy.index[entropy <= np.percentile(entropy, percentile)]
    kept = answers[~answers["worker"].isin(dull)]
    if 2 * len(kept) <= len(answers):
        warnings.warn(
            f"only {len(kept)} of {len(answers)} answers are left; a lower percentile or more "
            "min_answers leaves more",
            stacklevel=2,
        )
    return kept
