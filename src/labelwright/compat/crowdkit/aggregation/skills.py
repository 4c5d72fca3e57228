"""Skills of workers, by which their votes are weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from labelwright.compat.crowdkit.aggregation.aggregators import BaseClassificationAggregator
from labelwright.compat.crowdkit.aggregation.majority_vote import MajorityVote
from labelwright.compat.crowdkit.aggregation.measures import get_accuracy
from labelwright.compat.crowdkit.aggregation.votes import Votes, best_of
from labelwright.core.errors import NothingToDoError

__all__ = [
    "GoldMajorityVote",
    "SkillAggregator",
    "SkillProbabilities",
    "Wawa",
    "ZeroBasedSkill",
]


class SkillAggregator(BaseClassificationAggregator):
    """An aggregator whose `fit` learns the skills of workers, and which then weighs any votes.

    Attributes:
        skills_: what a vote of each worker counts; a Series "skill" indexed by worker.
    """

    skills_: Any

    def predict(self, data: Any) -> Any:
        """The label of each task, a Series, by the skills that were learnt.

        Raises:
            NothingToDoError: not fitted.
            DataError: a worker without a skill.
        """
        self._weigh(data)
        return self.labels_

    def fit_predict(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """The label of each task, a Series; arguments as in `fit`."""
        return self.fit(data, *args, **kwargs).predict(data)

    def _weigh(self, data: Any) -> Any:
        """Sets the labels, and gives the shares of the weights."""
        if not hasattr(self, "skills_"):
            raise NothingToDoError(f"this {type(self).__name__} is not fitted; call fit first")
        weighed = MajorityVote().fit(data, self.skills_)
        self.labels_ = weighed.labels_
        return weighed.probas_


class SkillProbabilities(SkillAggregator):
    """A `SkillAggregator` whose shares are probabilities.

    Attributes:
        probas_: as in `ProbabilityAggregator`.
    """

    probas_: Any

    def predict_proba(self, data: Any) -> Any:
        """The probability of each label, a frame with a row a task; as `predict`."""
        self._weigh(data)
        return self.probas_

    def fit_predict_proba(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of each label, a frame with a row a task; arguments as in `fit`."""
        return self.fit(data, *args, **kwargs).predict_proba(data)

    def _weigh(self, data: Any) -> Any:
        self.probas_ = super()._weigh(data)
        return self.probas_


@dataclass(eq=False)
class Wawa(SkillProbabilities):
    """Votes weighed by how often their worker sides with the majority.

    Reference:
        Appen Limited. Calculating Worker Agreement with Aggregate (Wawa), 2021.
    """

    def fit(self, data: Any) -> Self:
        """Itself, with the agreement of each worker with majority vote as `skills_`.

        Raises:
            MissingColumnError: a column is missing.
        """
        self.skills_ = MajorityVote().fit(data).skills_
        return self


@dataclass(eq=False)
class GoldMajorityVote(SkillProbabilities):
    """Votes weighed by how often their worker is right on known tasks."""

    def fit(self, data: Any, true_labels: Any) -> Self:
        """Itself, with the accuracy of each worker as `skills_`.

        Args:
            data: a pandas frame with the columns task, worker and label.
            true_labels: a Series of known labels, indexed by task; a task may have several.

        Raises:
            MissingColumnError: a column is missing.
        """
        self.skills_ = get_accuracy(data, true_labels, by="worker").rename("skill")
        return self


@dataclass(eq=False)
class ZeroBasedSkill(SkillProbabilities):
    """Votes weighed by skills that follow the agreement with what they choose.

    All skills start just above chance. A step weighs the votes, and moves each skill by the
    learning rate towards the share of the worker's votes that were chosen.

    Args:
        n_iter: how many steps.
        lr_init: the learning rate at first.
        lr_steps_to_reduce: after how many steps it falls.
        lr_reduce_factor: to what share of itself.
        eps: how far above chance skills start.
    """

    n_iter: int = 100
    lr_init: float = 1.0
    lr_steps_to_reduce: int = 20
    lr_reduce_factor: float = 0.5
    eps: float = 1e-5

    def fit(self, data: Any) -> Self:
        """Itself, with `skills_`.

        Raises:
            MissingColumnError: a column is missing.
        """
        votes = Votes.of(data)
        skills = np.full(len(votes.workers), 1 / max(len(votes.labels), 1) + self.eps)
        rate = self.lr_init
        for step in range(1, self.n_iter + 1):
            if step % self.lr_steps_to_reduce == 0:
                rate *= self.lr_reduce_factor
            chosen = best_of(votes.counts(skills[votes.worker]))
            skills = skills + rate * (votes.agreement(chosen) - skills)
        self.skills_ = votes.of_workers(skills)
        return self
