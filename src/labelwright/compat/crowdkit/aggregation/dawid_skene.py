"""Dawid-Skene by plain expectation maximisation, as crowd-kit has it: no priors, no silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.aggregators import ProbabilityAggregator
from labelwright.compat.crowdkit.aggregation.measures import shares_of
from labelwright.compat.crowdkit.aggregation.votes import Votes
from labelwright.core.errors import DataError, SettingsError, did_you_mean, shown

__all__ = ["DawidSkene", "OneCoinDawidSkene", "known_labels"]

Array = NDArray[np.float64]
Known = tuple[NDArray[np.intp], NDArray[np.intp]]

LEAST = 1e-10
"""No probability is less, so that no vote rules a label out."""
STRATEGIES = ("assign", "addition")


@dataclass(eq=False)
class DawidSkene(ProbabilityAggregator):
    """Every worker errs in their own way.

    The expectation maximisation of the paper: from the shares of votes, in turn the errors of
    workers (equation 2.3), the priors (2.4) and the probabilities of labels (2.5).

    Args:
        n_iter: how many steps at most.
        tol: it stops where a step improves the lower bound on the log likelihood, divided by the
            number of votes, by less.
        initial_error_strategy: what `initial_error` of `fit` is: "assign" for errors to start
            from, "addition" for earlier votes that count beside those of the data in the start.

    Attributes:
        priors_: the share of each label; a Series "prior" indexed by label.
        errors_: P(worker gives label | column is true); a frame indexed by worker and label.
        loss_history_: the bound after each step.

    Reference:
        A. P. Dawid, A. M. Skene. Maximum Likelihood Estimation of Observer Error-Rates Using
        the EM Algorithm. Applied Statistics 28(1), 1979. DOI 10.2307/2346806.

    Example:
        >>> import pandas as pd
        >>> votes = [("a", "Ann", "yes"), ("a", "Bo", "yes"), ("a", "Cy", "no")]
        >>> table = pd.DataFrame(votes, columns=["task", "worker", "label"])
        >>> DawidSkene().fit_predict(table).to_dict()
        {'a': 'yes'}
    """

    n_iter: int = 100
    tol: float = 1e-5
    initial_error_strategy: Literal["assign", "addition"] | None = None

    def fit(self, data: Any, true_labels: Any = None, initial_error: Any = None) -> Self:
        """Itself, fitted to the votes.

        Args:
            data: a pandas frame with the columns task, worker and label.
            true_labels: a Series of known labels, indexed by task; they decide, and teach.
            initial_error: a frame as `errors_`; see `initial_error_strategy`.

        Raises:
            MissingColumnError: a column is missing.
            DataError: an empty value, a true label that nobody gave, or errors that are none.
            SettingsError: an unknown strategy.
        """
        votes = Votes.of(data)
        if not len(votes):
            return self._without_votes()
        known = known_labels(votes, true_labels)
        before = self._before(votes, initial_error)
        probability = _decided(shares_of(votes.counts()), known)
        self.loss_history_: list[float] = []
        prior, errors, seen = self._learnt(votes, probability, before)
        best = -np.inf
        for _ in range(self.n_iter):
            probability = _decided(_softmax(_scores(votes, prior, errors)), known)
            prior, errors, seen = self._learnt(votes, probability, None)
            bound = _lower_bound(votes, probability, prior, errors) / len(votes)
            self.loss_history_.append(bound)
            if bound - best < self.tol:
                break
            best = bound
        self._keep(votes, probability, prior, errors, seen)
        return self

    def _learnt(
        self, votes: Votes, probability: Array, before: tuple[Array, bool] | None
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """The priors, P(worker gives label | other is true), and whether workers give labels."""
        counts, seen = _counted(votes, probability)
        if before is not None:
            earlier, added = before
            counts = counts + earlier if added else earlier
            seen = seen | (earlier.sum(axis=2) > 0)
        kept = np.where(seen[:, :, None], np.maximum(counts, LEAST), 0.0)
        return probability.mean(axis=0), kept / kept.sum(axis=1, keepdims=True), seen

    def _before(self, votes: Votes, initial: Any) -> tuple[Array, bool] | None:
        """Errors to start from, shape as in `_learnt`, and whether they are added."""
        strategy = self.initial_error_strategy
        if strategy is None or initial is None:
            return None
        if strategy not in STRATEGIES:
            raise SettingsError(
                f"unknown initial_error_strategy {shown(strategy)}"
                f"{did_you_mean(str(strategy), STRATEGIES)}"
            )
        if list(initial.index.names) != ["worker", "label"]:
            raise DataError("initial_error must be a frame indexed by worker and label")
        import pandas as pd

        cells = pd.MultiIndex.from_product([votes.workers, votes.labels], names=["worker", "label"])
        table = initial.reindex(index=cells, columns=votes.labels)
        if strategy == "assign":
            unknown = votes.workers.difference(initial.index.get_level_values("worker"))
            if len(unknown):
                raise DataError(
                    f"initial_error lacks {len(unknown)} workers, such as {unknown[0]!r}"
                )
            sums = initial.groupby("worker").sum()
            if initial.to_numpy().max() <= 1 and not np.allclose(sums, 1):
                raise DataError(
                    "initial_error: the probabilities of a worker must sum to 1 a column"
                )
        many = len(votes.labels)
        earlier = table.fillna(0.0).to_numpy(np.float64).reshape(-1, many, many)
        return earlier, strategy == "addition"

    def _keep(
        self,
        votes: Votes,
        probability: Array,
        prior: Array,
        errors: Array,
        seen: NDArray[np.bool_],
    ) -> None:
        import pandas as pd

        labels = votes.labels.rename("label")
        self.probas_ = votes.frame(probability)
        self.labels_ = votes.chosen(probability)
        self.priors_ = pd.Series(prior, labels, name="prior")
        cells = pd.MultiIndex.from_product([votes.workers, votes.labels], names=["worker", "label"])
        table = pd.DataFrame(errors.reshape(-1, len(labels)), cells, labels.rename(None))
        self.errors_ = table[seen.reshape(-1)]

    def _without_votes(self) -> Self:
        import pandas as pd

        self.probas_, self.errors_ = pd.DataFrame(), pd.DataFrame()
        self.priors_ = pd.Series(dtype=float, name="prior")
        self.labels_ = pd.Series(dtype=float, name="agg_label")
        self.loss_history_ = []
        return self


@dataclass(eq=False)
class OneCoinDawidSkene(DawidSkene):
    """Every worker is right with one probability, whatever is true, and else gives any label.

    Attributes:
        skills_: that probability of each worker; a Series "skill" indexed by worker.

    Reference:
        Y. Zhang, X. Chen, D. Zhou, M. I. Jordan. Spectral Methods Meet EM: A Provably Optimal
        Algorithm for Crowdsourcing. JMLR 17, 2016.
    """

    def fit(self, data: Any) -> Self:  # type: ignore[override]  # crowd-kit's takes no truth
        """Itself, fitted to a pandas frame with the columns task, worker and label.

        Raises:
            MissingColumnError: a column is missing.
        """
        return super().fit(data)

    def _learnt(
        self, votes: Votes, probability: Array, before: tuple[Array, bool] | None
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        counts, seen = _counted(votes, probability)
        many = len(votes.labels)
        right = np.trace(counts, axis1=1, axis2=2) / counts.sum(axis=(1, 2))
        wrong = (1 - right) / max(many - 1, 1)
        errors = np.where(np.eye(many, dtype=bool), right[:, None, None], wrong[:, None, None])
        return probability.mean(axis=0), errors.clip(LEAST, 1 - LEAST), seen

    def _keep(
        self,
        votes: Votes,
        probability: Array,
        prior: Array,
        errors: Array,
        seen: NDArray[np.bool_],
    ) -> None:
        super()._keep(votes, probability, prior, errors, seen)
        self.skills_ = votes.of_workers(errors[:, 0, 0])


def _counted(votes: Votes, probability: Array) -> tuple[Array, NDArray[np.bool_]]:
    """How often workers give a label where each is true, and whether they give it at all."""
    shape = len(votes.workers), len(votes.labels)
    cell = votes.worker * shape[1] + votes.label
    counts = np.stack(
        [np.bincount(cell, column[votes.task], shape[0] * shape[1]) for column in probability.T],
        axis=1,
    )
    seen = np.bincount(cell, minlength=shape[0] * shape[1]) > 0
    return counts.reshape(*shape, shape[1]).astype(np.float64), seen.reshape(shape)


def _scores(votes: Votes, prior: Array, errors: Array) -> Array:
    """The log of P(votes and label) of each task, shape (tasks, labels)."""
    with np.errstate(divide="ignore"):
        log_errors = np.log(errors)
    scores = np.tile(np.log(np.maximum(prior, LEAST)), (len(votes.tasks), 1))
    np.add.at(scores, votes.task, log_errors[votes.worker, votes.label])
    return scores


def _softmax(scores: Array) -> Array:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _lower_bound(votes: Votes, probability: Array, prior: Array, errors: Array) -> float:
    """What expectation maximisation raises; the prior counts once a vote, as in crowd-kit.

    Once a task would be right, but then both would not stop at the same step.
    """
    further = votes.counts().sum(axis=1, keepdims=True) - 1
    scores = _scores(votes, prior, errors) + further * np.log(np.maximum(prior, LEAST))
    likely = np.maximum(probability, LEAST)
    return float((probability * scores).sum() - (likely * np.log(likely)).sum())


def known_labels(votes: Votes, true_labels: Any) -> Known | None:
    """The tasks whose label is known, and that label.

    Raises:
        DataError: no Series, or a true label that nobody gave.
    """
    if true_labels is None:
        return None
    if not hasattr(true_labels, "index") or not true_labels.index.is_unique:
        raise DataError("true_labels must be a pandas Series indexed by task, each task once")
    task = votes.tasks.get_indexer(true_labels.index)
    label = votes.labels.get_indexer(true_labels.to_numpy())
    here = task >= 0
    if np.any(label[here] < 0):
        unknown = true_labels.iloc[int(np.flatnonzero(here & (label < 0))[0])]
        raise DataError(f"true_labels holds {shown(unknown)}, a label that no worker gave")
    return task[here], label[here]


def _decided(probability: Array, known: Known | None) -> Array:
    if known is not None:
        probability[known[0]] = 0.0
        probability[known] = 1.0
    return probability
