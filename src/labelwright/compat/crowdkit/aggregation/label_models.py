"""Labelwright's own label models behind crowd-kit's interface."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Self

import numpy as np

from labelwright.compat.crowdkit.aggregation.aggregators import ProbabilityAggregator
from labelwright.compat.crowdkit.aggregation.dawid_skene import known_labels
from labelwright.compat.crowdkit.aggregation.votes import Votes
from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import SourceKind
from labelwright.labelmodels import MODELS, by_name
from labelwright.pipeline.workspace.settings import DEFAULT_LABEL_MODEL

__all__ = ["Aggregator"]


class Aggregator(ProbabilityAggregator):
    """A label model of `labelwright.labelmodels.MODELS`, by default that of `labelwright label`.

    A pair of task and worker may occur once.

    Args:
        method: the name of the label model.
        n_iter: how many steps, for methods that take some.
        settings: of the method.

    Attributes:
        labels_: the most probable label of each task; a Series "agg_label" indexed by task.
        probas_: the probability of each label; a frame indexed by task, a column a label.
        skills_: the estimated accuracy of each worker; a Series "skill" indexed by worker.
        priors_: the share of each label; a Series "prior" indexed by label.
        errors_: P(worker gives label | column is true); a frame indexed by worker and label.

    Raises:
        UnknownNameError: an unknown method.
        SettingsError: a setting that the method lacks or refuses.

    Example:
        >>> import pandas as pd
        >>> votes = [("a", "Ann", "yes"), ("a", "Bo", "yes"), ("a", "Cy", "no")]
        >>> table = pd.DataFrame(votes, columns=["task", "worker", "label"])
        >>> Aggregator("ebcc").fit_predict(table).to_dict()
        {'a': 'yes'}
    """

    def __init__(
        self, method: str = DEFAULT_LABEL_MODEL, n_iter: int | None = None, **settings: Any
    ) -> None:
        if n_iter is not None:
            model: Any = MODELS.get(method)
            if model is not None and "steps" not in [field.name for field in fields(model)]:
                raise SettingsError(f"{method} takes no steps, so n_iter has no meaning")
            settings["steps"] = n_iter
        self._model = by_name(method, **settings)

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """Itself, fitted to the votes.

        Args:
            data: a pandas frame with the columns task, worker and label.
            true_labels: a Series of known labels, indexed by task; tasks without votes in it do
                not count.

        Raises:
            MissingColumnError: a column is missing.
            DataError: no frame, an empty value, or a true label that nobody gave.
            VotesError: a worker voted twice on a task.
        """
        votes = Votes.of(data)
        if not len(votes):
            self._keep_nothing()
            return self
        columns = [votes.task, votes.worker, votes.label]
        kinds = [SourceKind.PERSON] * len(votes.workers)
        known = known_labels(votes, true_labels)
        if known is not None:
            gold = [known[0], np.full(len(known[0]), len(kinds)), known[1]]
            columns = [np.concatenate(pair) for pair in zip(columns, gold, strict=True)]
            kinds.append(SourceKind.GOLD)
        matrix = VoteMatrix.build(
            *columns,
            units=len(votes.tasks),
            classes=max(2, len(votes.labels)),
            kinds=kinds,
            complete=np.zeros(len(kinds), bool),
        )
        fit = self._model.fit(matrix)
        probability = self._model.posterior(fit, matrix).probability[:, : len(votes.labels)]
        probability /= probability.sum(axis=1, keepdims=True)
        self.probas_ = votes.frame(probability)
        self.labels_ = votes.chosen(probability)
        self._keep(fit, votes)
        return self

    def __repr__(self) -> str:
        return f"Aggregator({self._model!r})"

    def _keep(self, fit: LabelModelFit, votes: Votes) -> None:
        """What was learnt of workers and labels, under crowd-kit's names."""
        import pandas as pd

        labels = votes.labels.rename("label")
        people, classes = len(votes.workers), len(labels)
        self.skills_ = votes.of_workers(fit.accuracy[:people])
        prior = fit.class_prior[:classes]
        self.priors_ = pd.Series(prior / prior.sum(), labels, name="prior")
        errors = fit.confusion[:people, :classes, :classes].transpose(0, 2, 1)
        cells = pd.MultiIndex.from_product([votes.workers, votes.labels], names=["worker", "label"])
        self.errors_ = pd.DataFrame(errors.reshape(-1, classes), cells, labels.rename(None))

    def _keep_nothing(self) -> None:
        import pandas as pd

        task = pd.Index([], name="task")
        self.labels_ = pd.Series([], task, dtype=object, name="agg_label")
        self.probas_ = pd.DataFrame(index=task)
        self.skills_ = pd.Series([], pd.Index([], name="worker"), dtype=float, name="skill")
        self.priors_ = pd.Series([], pd.Index([], name="label"), dtype=float, name="prior")
        self.errors_ = pd.DataFrame()
