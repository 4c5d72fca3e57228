"""Sets of labels, one label at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from labelwright.compat.crowdkit.aggregation.aggregators import BaseClassificationAggregator
from labelwright.compat.crowdkit.aggregation.majority_vote import MajorityVote
from labelwright.compat.crowdkit.aggregation.measures import clone_aggregator
from labelwright.compat.crowdkit.aggregation.votes import COLUMNS, check_columns
from labelwright.core.errors import SettingsError

__all__ = ["BinaryRelevance"]


@dataclass(eq=False)
class BinaryRelevance(BaseClassificationAggregator):
    """Whether each label belongs to a task, by an aggregator of its own.

    Args:
        base_aggregator: whose settings each label's aggregator has.

    Attributes:
        labels_: the list of labels of each task, sorted; a Series "agg_label".
        aggregators_: the aggregator of each label.

    Raises:
        SettingsError: `base_aggregator` is none.
    """

    base_aggregator: BaseClassificationAggregator = field(default_factory=MajorityVote)

    def __post_init__(self) -> None:
        if not isinstance(self.base_aggregator, BaseClassificationAggregator):
            raise SettingsError("base_aggregator must be an aggregator, such as MajorityVote()")

    def fit(self, data: Any) -> Self:
        """Itself, fitted to a pandas frame with task, worker and a list of labels in each row.

        Raises:
            MissingColumnError: a column is missing.
        """
        import pandas as pd

        check_columns(data, COLUMNS)
        self.aggregators_: dict[Any, BaseClassificationAggregator] = {}
        belongs: dict[Any, list[Any]] = {task: [] for task in sorted(data["task"].unique())}
        for label in sorted({label for labels in data["label"] for label in labels}):
            votes = data.assign(label=[int(label in labels) for labels in data["label"]])
            aggregator = clone_aggregator(self.base_aggregator)
            for task, has in aggregator.fit_predict(votes).items():
                if has:
                    belongs[task].append(label)
            self.aggregators_[label] = aggregator
        if belongs:
            tasks = pd.Index(list(belongs), name="task")
            self.labels_ = pd.Series(list(belongs.values()), tasks, name="agg_label")
        else:
            self.labels_ = pd.Series(dtype=float, name="agg_label")
        return self
