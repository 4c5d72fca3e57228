"""Masks of images, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from labelwright.compat.crowdkit.aggregation.aggregators import BaseImageSegmentationAggregator
from labelwright.compat.crowdkit.aggregation.measures import add_skills_to_data
from labelwright.compat.crowdkit.aggregation.votes import check_columns

__all__ = ["SegmentationMajorityVote"]

COLUMNS = ("task", "worker", "segmentation")


@dataclass(eq=False)
class SegmentationMajorityVote(BaseImageSegmentationAggregator):
    """The pixels that at least half of the workers marked, weighed by their skills.

    Args:
        default_skill: as in `MajorityVote`.
        on_missing_skill: as in `MajorityVote`.
    """

    default_skill: float | None = None
    on_missing_skill: str = "error"

    def fit(self, data: Any, skills: Any = None) -> Self:
        """Itself, with `segmentations_`.

        Args:
            data: a pandas frame with task, worker, and segmentation, an array of yes or no; the
                arrays of a task have one shape.
            skills: what a vote of each worker counts; a Series indexed by worker.

        Raises:
            MissingColumnError: a column is missing.
            DataError: a worker without a skill.
            SettingsError: settings that contradict each other.
        """
        import pandas as pd

        check_columns(data, COLUMNS)
        if skills is None:
            data = data.assign(skill=1.0)
        else:
            data = add_skills_to_data(data, skills, self.on_missing_skill, self.default_skill)
        masks = {}
        for task, of_task in data.groupby("task"):
            weight = of_task["skill"].to_numpy(np.float64)
            marked = np.stack([np.asarray(mask, bool) for mask in of_task["segmentation"]])
            masks[task] = 2 * np.tensordot(weight, marked, 1) >= weight.sum()
        tasks = pd.Index(list(masks), name="task")
        self.segmentations_ = pd.Series(list(masks.values()), tasks, name="agg_segmentation")
        return self
