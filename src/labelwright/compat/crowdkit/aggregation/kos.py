"""KOS: messages between workers and tasks with two labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from labelwright.compat.crowdkit.aggregation.aggregators import BaseClassificationAggregator
from labelwright.compat.crowdkit.aggregation.votes import Votes
from labelwright.core.errors import DataError

__all__ = ["KOS"]


@dataclass(eq=False)
class KOS(BaseClassificationAggregator):
    """Tasks tell workers what they seem to be, and workers tell tasks how reliable they seem.

    With votes A of +1 and -1, from random reliabilities y of every vote, in turn

        x_ij = sum of A_ik y_ki over the other workers k of task i,
        y_ji = sum of A_kj x_kj over the other tasks k of worker j;

    in the end a task is what the votes, weighed by y, sum to. Messages are scaled to at most 1
    after each step, which changes no sign.

    Args:
        n_iter: how many steps.
        random_state: the seed of the start.

    Reference:
        D. R. Karger, S. Oh, D. Shah. Budget-Optimal Task Allocation for Reliable Crowdsourcing
        Systems. Operations Research 62(1), 2014. DOI 10.1287/opre.2013.1235.
    """

    n_iter: int = 100
    random_state: int = 0

    def fit(self, data: Any) -> Self:
        """Itself, fitted to a pandas frame with the columns task, worker and label.

        Raises:
            MissingColumnError: a column is missing.
            DataError: another number of labels than two.
        """
        votes = Votes.of(data)
        if not len(votes):
            import pandas as pd

            self.labels_ = pd.Series([], dtype=object, name="agg_label")
            return self
        if len(votes.labels) != 2:
            raise DataError(f"KOS is for two labels, the votes have {len(votes.labels)}")
        sign = 2.0 * votes.label - 1
        # Legacy, as crowd-kit draws: from the same seed comes the same start.
        reliable = np.random.RandomState(self.random_state).normal(1, 1, len(votes))
        for _ in range(self.n_iter):
            told = sign * reliable
            seems = np.bincount(votes.task, told)[votes.task] - told
            told = sign * seems
            reliable = np.bincount(votes.worker, told)[votes.worker] - told
            reliable /= max(np.abs(reliable).max(), np.finfo(float).tiny)
        total = np.bincount(votes.task, sign * reliable)
        self.labels_ = votes.chosen(np.stack([-total, total], axis=1))
        return self
