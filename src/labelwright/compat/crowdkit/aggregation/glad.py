"""GLAD: abilities of workers and difficulties of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.aggregators import ProbabilityAggregator
from labelwright.compat.crowdkit.aggregation.votes import Votes

__all__ = ["GLAD"]

Array = NDArray[np.float64]


@dataclass(eq=False)
class GLAD(ProbabilityAggregator):
    """A vote is right with probability sigma(alpha exp(beta)), else any other label.

    Expectation maximisation; the maximisation climbs by conjugate gradients, as in the paper.
    Abilities alpha and log eases beta have normal priors of variance 1.

    Args:
        n_iter: how many steps at most.
        tol: it stops where a step improves the expected log posterior, divided by the number of
            votes and labels, by less.
        silent: without meaning here.
        labels_priors: the share of each label, a Series indexed by label; by default even.
        alphas_priors_mean: of each worker, a Series; by default 1.
        betas_priors_mean: of each task, a Series; by default 1.
        m_step_max_iter: of conjugate gradients in a step.
        m_step_tol: of conjugate gradients.

    Attributes:
        alphas_: the ability of each worker; a Series "alpha".
        betas_: the log ease of each task; a Series "beta".
        priors_: the share of each label; a Series "prior".
        loss_history_: that number after each step.

    Reference:
        J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma, J. Movellan. Whose Vote Should Count More:
        Optimal Integration of Labels from Labelers of Unknown Expertise. NIPS 22, 2009.
    """

    n_iter: int = 100
    tol: float = 1e-5
    silent: bool = True
    labels_priors: Any = None
    alphas_priors_mean: Any = None
    betas_priors_mean: Any = None
    m_step_max_iter: int = 25
    m_step_tol: float = 1e-2

    def fit(self, data: Any) -> Self:
        """Itself, fitted to a pandas frame with the columns task, worker and label.

        Raises:
            MissingColumnError: a column is missing.
        """
        from scipy.optimize import minimize

        votes = Votes.of(data)
        workers, tasks = len(votes.workers), len(votes.tasks)
        prior = _of(self.labels_priors, votes.labels, 1 / max(len(votes.labels), 1))
        mean = np.concatenate([
            _of(self.alphas_priors_mean, votes.workers, 1.0),
            _of(self.betas_priors_mean, votes.tasks, 1.0),
        ])  # fmt: skip
        place = np.ones(workers + tasks)
        probability = _expected(votes, place, prior)
        self.loss_history_: list[float] = []
        # crowd-kit divides all but the first by the number of votes and labels.
        best = -_objective(votes, place, probability, mean)[0]
        for _ in range(self.n_iter if len(votes) else 0):
            probability = _expected(votes, place, prior)

            def worse(at: Array, right: Array = probability) -> tuple[float, Array]:
                return _objective(votes, at, right, mean)

            found = minimize(
                worse, place, jac=True, method="CG", tol=self.m_step_tol,
                options={"maxiter": self.m_step_max_iter},
            )  # fmt: skip
            place = found.x
            value = -float(found.fun) / (len(votes) * len(votes.labels))
            self.loss_history_.append(value)
            if value - best < self.tol:
                break
            best = value
        self._keep(votes, probability, prior, place)
        return self

    def _keep(self, votes: Votes, probability: Array, prior: Array, place: Array) -> None:
        import pandas as pd

        workers = len(votes.workers)
        self.probas_ = votes.frame(probability)
        self.labels_ = votes.chosen(probability)
        self.priors_ = pd.Series(prior, votes.labels.rename("label"), name="prior")
        self.alphas_ = votes.of_workers(place[:workers], "alpha")
        self.betas_ = pd.Series(place[workers:], votes.tasks.rename("task"), name="beta")


def _of(given: Any, names: Any, usual: float) -> Array:
    """The numbers of a Series in the order of these names, the usual one where it has none."""
    if given is None:
        return np.full(len(names), usual)
    found: Array = given.reindex(names).fillna(usual).to_numpy(np.float64)
    return found


def _log_odds(votes: Votes, place: Array) -> tuple[Array, Array, Array]:
    """Of each vote: alpha exp(beta), alpha, and exp(beta)."""
    workers = len(votes.workers)
    alpha, ease = place[:workers][votes.worker], np.exp(place[workers:])[votes.task]
    return alpha * ease, alpha, ease


def _expected(votes: Votes, place: Array, prior: Array) -> Array:
    """The probability of each label, given abilities and eases, shape (tasks, labels)."""
    from scipy.special import log_expit, softmax

    odds = _log_odds(votes, place)[0]
    wrong = log_expit(-odds) - np.log(max(len(votes.labels) - 1, 1))
    scores = votes.counts(log_expit(odds) - wrong) + np.log(prior)
    return softmax(scores, axis=1) if scores.size else scores


def _objective(votes: Votes, place: Array, probability: Array, mean: Array) -> tuple[float, Array]:
    """Minus the expected log posterior, and its gradient."""
    from scipy.special import expit, log_expit

    odds, alpha, ease = _log_odds(votes, place)
    right = probability[votes.task, votes.label]
    away = place - mean
    wrong = log_expit(-odds) - np.log(max(len(votes.labels) - 1, 1))
    value = (right * log_expit(odds) + (1 - right) * wrong).sum()
    value -= 0.5 * (away**2 + np.log(2 * np.pi)).sum()
    slope = right - expit(odds)
    workers, tasks = len(votes.workers), len(votes.tasks)
    gradient = np.concatenate([
        np.bincount(votes.worker, slope * ease, workers),
        np.bincount(votes.task, slope * alpha * ease, tasks),
    ])  # fmt: skip
    return -float(value), away - gradient
