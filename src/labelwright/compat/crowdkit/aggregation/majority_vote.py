"""Votes that count alike, or as their workers' skills say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from labelwright.compat.crowdkit.aggregation.aggregators import ProbabilityAggregator
from labelwright.compat.crowdkit.aggregation.measures import add_skills_to_data, shares_of
from labelwright.compat.crowdkit.aggregation.votes import (
    COLUMNS,
    Votes,
    best_of,
    check_columns,
)

__all__ = ["MajorityVote"]


@dataclass(eq=False)
class MajorityVote(ProbabilityAggregator):
    """The label with most votes, or with the highest sum of skills; probabilities are shares.

    Args:
        default_skill: of workers without one, for "value".
        on_missing_skill: what becomes of votes of workers without a skill, where skills are
            given: "error"; "ignore" to leave them out; "value" for `default_skill`.

    Attributes:
        skills_: the share of each worker's votes that are the label; a Series "skill".

    Example:
        >>> import pandas as pd
        >>> votes = [("a", "Ann", "yes"), ("a", "Bo", "yes"), ("a", "Cy", "no")]
        >>> table = pd.DataFrame(votes, columns=["task", "worker", "label"])
        >>> MajorityVote().fit_predict_proba(table).loc["a", "yes"].round(2)
        np.float64(0.67)
    """

    default_skill: float | None = None
    on_missing_skill: str = "error"

    def fit(self, data: Any, skills: Any = None) -> Self:
        """Itself, fitted to the votes.

        Args:
            data: a pandas frame with the columns task, worker and label.
            skills: what a vote of each worker counts; a Series indexed by worker.

        Raises:
            MissingColumnError: a column is missing.
            DataError: an empty value, or a worker without a skill.
            SettingsError: settings that contradict each other.
        """
        check_columns(data, COLUMNS)
        if skills is not None:
            data = add_skills_to_data(
                data[list(COLUMNS)], skills, self.on_missing_skill, self.default_skill
            )
        votes = Votes.of(data)
        counts = votes.counts(None if skills is None else data["skill"].to_numpy(np.float64))
        self.probas_ = votes.frame(shares_of(counts))
        self.labels_ = votes.chosen(counts)
        self.skills_ = votes.of_workers(votes.agreement(best_of(counts)))
        return self
