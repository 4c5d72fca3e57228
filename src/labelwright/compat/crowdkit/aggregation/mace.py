"""MACE: workers who know the label, or give what they usually give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.aggregators import ProbabilityAggregator
from labelwright.compat.crowdkit.aggregation.measures import shares_of
from labelwright.compat.crowdkit.aggregation.votes import Votes
from labelwright.core.errors import SettingsError, did_you_mean, shown

__all__ = ["MACE"]

Array = NDArray[np.float64]

METHODS = ("vb", "em")
STRATEGY_PRIOR = 10.0
"""Of every label in a worker's habit, under "vb"."""


@dataclass(eq=False)
class MACE(ProbabilityAggregator):
    """A vote is the label if its worker knows it, else drawn from the worker's habit.

    Expectation maximisation from random starts, of which the most likely one is kept.

    Args:
        n_restarts: how many random starts.
        n_iter: how many steps from each.
        method: "vb" for variational Bayes with the priors below, "em" for smoothed counts.
        smoothing: what "em" adds to every count; by default a hundredth, shared by the labels.
        default_noise: how far from even a start is.
        alpha: prior of a worker's spamming.
        beta: prior of a worker's knowing.
        random_state: the seed of the starts.
        verbose: without meaning here.

    Attributes:
        spamming_: P(worker spams, knows), an array with a row a worker.
        thetas_: the habit of each worker, an array with a row a worker, a column a label.

    Raises:
        SettingsError: an unknown method.

    Reference:
        D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy. Learning Whom to Trust with MACE.
        NAACL-HLT, 2013, https://aclanthology.org/N13-1132.
    """

    n_restarts: int = 10
    n_iter: int = 50
    method: str = "vb"
    smoothing: float | None = None
    default_noise: float = 0.5
    alpha: float = 0.5
    beta: float = 0.5
    random_state: int = 0
    verbose: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise SettingsError(
                f"unknown method {shown(self.method)}{did_you_mean(str(self.method), METHODS)}"
            )

    def fit(self, data: Any) -> Self:
        """Itself, fitted to a pandas frame with the columns task, worker and label.

        Raises:
            MissingColumnError: a column is missing.
        """
        votes = Votes.of(data)
        # Legacy, as crowd-kit draws.
        random = np.random.RandomState(self.random_state)
        best = -np.inf
        for _ in range(self.n_restarts):
            spamming = self._start(random, len(votes.workers), 2)
            habits = self._start(random, len(votes.workers), len(votes.labels))
            for _ in range(self.n_iter):
                spamming, habits = self._improved(votes, spamming, habits)
            likely, probability = _labels(votes, spamming, habits)[:2]
            if likely > best:
                best, self.spamming_, self.thetas_ = likely, spamming, habits
                self.probas_ = votes.frame(probability)
                self.labels_ = votes.chosen(probability)
        return self

    def _start(self, random: Any, rows: int, columns: int) -> Array:
        return shares_of(random.uniform(1, 2 + self.default_noise, (rows, columns)))

    def _improved(self, votes: Votes, spamming: Array, habits: Array) -> tuple[Array, Array]:
        """The parameters after one step."""
        _, probability, knows, spams = _labels(votes, spamming, habits)
        many = len(votes.workers), len(votes.labels)
        hit = probability[votes.task, votes.label]
        known = hit * knows / np.maximum(knows + spams, np.finfo(float).tiny)
        cell = votes.worker * many[1] + votes.label
        habit = np.bincount(cell, 1 - known, many[0] * many[1]).reshape(many)
        knowing = np.bincount(votes.worker, known, many[0])
        chose = np.stack([habit.sum(axis=1), knowing], axis=1)
        if self.method == "em":
            added = 0.01 / many[1] if self.smoothing is None else self.smoothing
            return shares_of(chose + added), shares_of(habit + added)
        return _variational(chose + np.array([self.alpha, self.beta])), _variational(
            habit + STRATEGY_PRIOR
        )


def _labels(votes: Votes, spamming: Array, habits: Array) -> tuple[float, Array, Array, Array]:
    """The log likelihood, the labels, and P(vote) of each vote by knowing and by habit."""
    knows = spamming[votes.worker, 1]
    spams = spamming[votes.worker, 0] * habits[votes.worker, votes.label]
    with np.errstate(divide="ignore"):
        otherwise, hit = np.log(spams), np.log(spams + knows)
    # Every vote misses every label but its own.
    scores = np.bincount(votes.task, otherwise, len(votes.tasks))[:, None] + votes.counts(
        hit - otherwise
    )
    scores -= np.log(max(len(votes.labels), 1))
    highest = scores.max(axis=1, keepdims=True, initial=-np.inf)
    likely = np.exp(scores - highest)
    total = likely.sum(axis=1, keepdims=True)
    return float((np.log(total) + highest).sum()), likely / total, knows, spams


def _variational(counts: NDArray[Any]) -> Array:
    """What stands for the mean of Dirichlet variables with these counts: exp E log."""
    from scipy.special import digamma

    return np.exp(digamma(counts) - digamma(counts.sum(axis=1, keepdims=True)))
