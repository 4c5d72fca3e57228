"""How good workers are; crowd-kit's `metrics.workers`."""

from __future__ import annotations

from typing import Any

from labelwright.compat.crowdkit.aggregation.aggregators import BaseClassificationAggregator
from labelwright.compat.crowdkit.aggregation.majority_vote import MajorityVote
from labelwright.compat.crowdkit.aggregation.measures import get_accuracy

__all__ = ["accuracy_on_aggregates"]


def accuracy_on_aggregates(
    answers: Any,
    aggregator: BaseClassificationAggregator | None = None,
    aggregates: Any = None,
    by: str | None = None,
) -> Any:
    """The share of votes that are the label that was chosen; see `get_accuracy`.

    Args:
        answers: a pandas frame with the columns task, worker and label.
        aggregator: what chooses; by default majority vote.
        aggregates: what was chosen, a Series indexed by task; goes before `aggregator`.
        by: "worker" for a Series indexed by worker.
    """
    if aggregates is None:
        aggregates = (aggregator or MajorityVote()).fit_predict(answers)
    return get_accuracy(answers, aggregates, by)
