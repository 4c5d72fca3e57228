"""How far the votes of a table agree; crowd-kit's `metrics.data`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.aggregators import BaseClassificationAggregator
from labelwright.compat.crowdkit.aggregation.majority_vote import MajorityVote
from labelwright.compat.crowdkit.aggregation.votes import COLUMNS, Votes, check_columns
from labelwright.core.errors import DataError

__all__ = ["UnknownSkillError", "alpha_krippendorff", "consistency", "uncertainty"]


class UnknownSkillError(DataError, AssertionError):
    """A worker has no skill. It is an `AssertionError` too, as in crowd-kit."""


def consistency(
    answers: Any,
    workers_skills: Any = None,
    aggregator: BaseClassificationAggregator | None = None,
    by_task: bool = False,
) -> Any:
    """The probability of the label that was chosen, given the skills: the mean, or of each task.

    A worker of skill s gives the label with probability s and each other one with equal
    probability; all labels are equally frequent.

    Args:
        answers: a pandas frame with the columns task, worker and label.
        workers_skills: a Series indexed by worker; by default those that the aggregator finds.
        aggregator: what chooses; by default majority vote.
        by_task: whether to give a Series indexed by task.

    Raises:
        UnknownSkillError: a worker without a skill, or an aggregator that finds none.
    """
    import pandas as pd

    aggregator = MajorityVote() if aggregator is None else aggregator
    chosen = aggregator.fit_predict(answers)
    votes = Votes.of(answers)
    skills = _skills_of(aggregator) if workers_skills is None else workers_skills
    likely = np.ones((len(votes.tasks), len(votes.labels)))
    np.multiply.at(likely, votes.task, _given_each(votes, skills))
    place = votes.labels.get_indexer(chosen.reindex(votes.tasks))
    total = likely.sum(axis=1)
    right = likely[np.arange(len(likely)), place]
    shares = np.divide(right, total, out=np.zeros(len(total)), where=total > 0)
    found = pd.Series(shares, votes.tasks.rename("task"))
    return found if by_task else float(found.mean())


def uncertainty(
    answers: Any,
    workers_skills: Any = None,
    aggregator: Any = None,
    compute_by: str = "task",
    aggregate: bool = True,
) -> Any:
    """The entropy of the labels of each task or worker, in nats: the mean, or a Series.

    Args:
        answers: a pandas frame with the columns task, worker and label.
        workers_skills: a Series indexed by worker; by default those that the aggregator finds,
            else 1.
        aggregator: what finds skills.
        compute_by: "task" or "worker".
        aggregate: whether to give the mean.

    Raises:
        UnknownSkillError: a worker without a skill, or an aggregator that finds none.
        KeyError: another `compute_by`.
    """
    import pandas as pd
    from scipy.stats import entropy

    votes = Votes.of(answers)
    if workers_skills is None and aggregator is not None:
        workers_skills = _skills_of(aggregator.fit(answers))
    if workers_skills is None:
        workers_skills = pd.Series(1.0, votes.workers)
    group, names = {
        "task": (votes.task, votes.tasks),
        "worker": (votes.worker, votes.workers),
    }[compute_by]
    total = np.zeros((len(names), len(votes.labels)))
    np.add.at(total, group, _given_each(votes, workers_skills))
    found = pd.Series(entropy(total, axis=1), names.rename(compute_by))
    return float(found.mean()) if aggregate else found


def alpha_krippendorff(
    answers: Any, distance: Callable[[Hashable, Hashable], float] | None = None
) -> float:
    """Krippendorff's alpha: 1 for perfect agreement, 0 for that of chance.

    Args:
        answers: a pandas frame with the columns task, worker and label.
        distance: of two labels, 0 to 1; by default 0 where they are equal, else 1.

    Reference:
        K. Krippendorff. Content Analysis: An Introduction to Its Methodology, 1980.
    """
    check_columns(answers, COLUMNS)
    apart = distance or (lambda one, other: float(one != other))
    of_tasks = [Counter(labels) for _, labels in answers.groupby("task")["label"]]
    of_tasks = [labels for labels in of_tasks if labels.total() > 1]
    together: Counter[Hashable] = sum(of_tasks, Counter())
    observed = sum(_disagreement(labels, apart) * labels.total() for labels in of_tasks)
    if not observed:
        return 1.0
    return 1 - observed / together.total() / _disagreement(together, apart)


def _disagreement(labels: Counter[Hashable], apart: Callable[[Hashable, Hashable], float]) -> float:
    """The mean distance of two of these labels."""
    pairs = product(labels.items(), repeat=2)
    far = sum(many * more * apart(one, other) for (one, many), (other, more) in pairs)
    return far / (labels.total() * (labels.total() - 1))


def _given_each(votes: Votes, skills: Any) -> NDArray[np.float64]:
    """P(vote | each label is true), shape (votes, labels).

    Raises:
        UnknownSkillError: a worker without a skill.
    """
    skill = skills.reindex(votes.workers).to_numpy(np.float64)
    if np.isnan(skill).any():
        unknown = votes.workers[np.isnan(skill)]
        raise UnknownSkillError(f"{len(unknown)} workers have no skill, such as {unknown[0]!r}")
    right = skill[votes.worker][:, None]
    hit = votes.label[:, None] == np.arange(len(votes.labels))
    return np.where(hit, right, (1 - right) / max(len(votes.labels) - 1, 1))


def _skills_of(aggregator: Any) -> Any:
    if not hasattr(aggregator, "skills_"):
        raise UnknownSkillError(f"{type(aggregator).__name__} finds no skills; give workers_skills")
    return aggregator.skills_
