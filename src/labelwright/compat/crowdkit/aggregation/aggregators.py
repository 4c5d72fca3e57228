"""What every aggregator does with its results; crowd-kit's `aggregation.base`."""

from __future__ import annotations

from typing import Any, Self

__all__ = ["BaseClassificationAggregator", "BaseImageSegmentationAggregator"]


class BaseClassificationAggregator:
    """An aggregator of labels; those that extend it define `fit`, which sets the results.

    Attributes:
        labels_: the label of each task; a Series "agg_label" indexed by task.
    """

    labels_: Any

    def fit(self, data: Any, *args: Any, **kwargs: Any) -> Self:
        """Itself, fitted to a pandas frame with the columns task, worker and label."""
        raise NotImplementedError(f"{type(self).__name__} must define fit")

    def fit_predict(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """The label of each task, a Series; arguments as in `fit`."""
        return self.fit(data, *args, **kwargs).labels_


class ProbabilityAggregator(BaseClassificationAggregator):
    """An aggregator with probabilities.

    Attributes:
        probas_: the probability of each label; a frame indexed by task, a column a label.
    """

    probas_: Any

    def fit_predict_proba(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of each label, a frame with a row a task; arguments as in `fit`."""
        return self.fit(data, *args, **kwargs).probas_


class BaseImageSegmentationAggregator:
    """An aggregator of segmentations; those that extend it define `fit`.

    Attributes:
        segmentations_: the mask of each task; a Series "agg_segmentation" indexed by task.
    """

    segmentations_: Any

    def fit(self, data: Any, *args: Any, **kwargs: Any) -> Self:
        """Itself, fitted to a pandas frame with the columns task, worker and segmentation."""
        raise NotImplementedError(f"{type(self).__name__} must define fit")

    def fit_predict(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """The mask of each task, a Series of arrays; arguments as in `fit`."""
        return self.fit(data, *args, **kwargs).segmentations_
