"""M-MSR: skills as the one factor of how workers agree, robust to adversaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.crowdkit.aggregation.skills import SkillAggregator
from labelwright.compat.crowdkit.aggregation.votes import Votes

__all__ = ["MMSR"]

Array = NDArray[np.float64]


@dataclass(eq=False)
class MMSR(SkillAggregator):
    """Votes weighed by the log-odds of skills that explain agreement.

    With M labels, worker i right with probability p_i and wrong evenly, and skill
    s_i = (M p_i - 1) / (M - 1), two workers who share tasks agree so often that

        C_ij = M / (M - 1) P(i and j agree) - 1 / (M - 1) = s_i s_j.

    Absolute skills are the factors u, v of |C| = u v', found in turn: u_i is the mean of
    |C_ij| / v_j over the workers j that share tasks with i, without the F lowest of those below
    its present value and the F highest of those above (F grows with the number of workers that
    share tasks), so that few adversaries cannot pull it. Signs are those of the first eigenvector
    of sign(C), turned so that most are positive; pairs that share no task say nothing of them
    (crowd-kit takes them for opponents). A vote weighs log((M - 1) p / (1 - p)).

    Args:
        n_iter: how many steps at most.
        tol: it stops where a step moves u v' by less.
        random_state: the seed of the start.

    Attributes:
        scores_: the weighed share of each label, not a probability; a frame indexed by task.
        loss_history_: how much each step moved u v'.

    Reference:
        Q. Ma, A. Olshevsky. Adversarial Crowdsourcing Through Robust Rank-One Matrix
        Completion. NeurIPS 33, 2020, https://arxiv.org/abs/2010.12181.
    """

    n_iter: int = 10_000
    tol: float = 1e-10
    random_state: int | None = 0

    def fit(self, data: Any) -> Self:
        """Itself, with `skills_`.

        Raises:
            MissingColumnError: a column is missing.
        """
        votes = Votes.of(data)
        agreement, shared = _agreement(votes)
        least = 1 / np.sqrt(len(votes.tasks))
        size = self._factors(np.abs(agreement), shared, self._start(votes), least)
        skill = size * _signs(np.where(shared, np.sign(agreement), 0.0))
        many = len(votes.labels)
        skill = skill.clip(least - 1 / (many - 1), 1 - least)
        right = skill * (many - 1) / many + 1 / many
        self.skills_ = votes.of_workers(np.log(right * (many - 1) / (1 - right)))
        return self

    def predict_score(self, data: Any) -> Any:
        """The weighed share of each label, a frame with a row a task; as `predict`."""
        self._weigh(data)
        return self.scores_

    def fit_predict_score(self, data: Any) -> Any:
        """The weighed share of each label, a frame with a row a task; arguments as in `fit`."""
        return self.fit(data).predict_score(data)

    def _weigh(self, data: Any) -> Any:
        self.scores_ = super()._weigh(data)
        return self.scores_

    def _start(self, votes: Votes) -> Array:
        """A number of each worker, drawn in order of appearance: from one seed, as crowd-kit's."""
        drawn = np.random.RandomState(self.random_state).random_sample(len(votes.workers))
        appearance = np.unique(votes.worker, return_index=True)[1].argsort()
        start = np.empty(len(drawn))
        start[appearance] = drawn
        return start

    def _factors(
        self, target: Array, shared: NDArray[np.bool_], start: Array, least: float
    ) -> Array:
        """The absolute skill of each worker."""
        few = max(int(shared.sum(axis=0).min() // 2) - 1, 0)
        u, v = start.copy(), start
        self.loss_history_: list[float] = []
        for _ in range(self.n_iter):
            before = np.outer(u, v)
            v = _robust_mean(target, shared, u, v, few, least)
            u = _robust_mean(target, shared, v, u, few, least)
            self.loss_history_.append(float(np.linalg.norm(np.outer(u, v) - before)))
            if self.loss_history_[-1] < self.tol:
                break
        return u / np.sqrt(np.linalg.norm(u) / np.linalg.norm(v))


def _agreement(votes: Votes) -> tuple[Array, NDArray[np.bool_]]:
    """C of the model, and which workers share tasks, both of shape (workers, workers)."""
    from scipy.sparse import csr_array

    once, many = votes.once, len(votes.labels)
    shape = len(votes.workers), len(votes.tasks)
    together = np.zeros((shape[0], shape[0]))
    voted = csr_array((np.ones(len(once)), (votes.worker[once], votes.task[once])), shape)
    for label in range(many):
        rows = once[votes.label[once] == label]
        given = csr_array((np.ones(len(rows)), (votes.worker[rows], votes.task[rows])), shape)
        together += (given @ given.T).toarray()
    common = (voted @ voted.T).toarray()
    np.fill_diagonal(common, 0)
    shared = common > 0
    agree = np.divide(together, common, out=np.zeros_like(common), where=shared)
    return (many * agree - 1) / max(many - 1, 1), shared


def _robust_mean(
    target: Array, shared: NDArray[np.bool_], other: Array, own: Array, few: int, least: float
) -> Array:
    """What each worker's factor should be by the others', without the most extreme of them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.where(shared, target / other[:, None], np.nan)
    low = np.minimum((wanted < own).sum(axis=0), few)
    high = np.minimum((wanted > own).sum(axis=0), few)
    # Sorted, what is not shared comes last.
    ordered = np.sort(wanted, axis=0)
    place = np.arange(len(ordered))[:, None]
    kept = (place >= low) & (place < shared.sum(axis=0) - high)
    count = kept.sum(axis=0)
    mean = np.where(kept, ordered, 0.0).sum(axis=0) / np.maximum(count, 1)
    mean = np.where((count == 1) & (mean == 0), least, mean)
    return np.where(count > 0, mean, own)


def _signs(signs: Array) -> Array:
    """+1 or -1 for each worker so that products are these signs where possible, mostly +1."""
    degree = np.maximum(np.abs(signs).sum(axis=0), 1)
    scale = 1 / np.sqrt(degree)
    first = np.linalg.eigh(scale[:, None] * signs * scale)[1][:, -1]
    found = np.where(np.abs(signs).any(axis=0), np.sign(first), 0.0)
    return found * (1 if found.sum() >= 0 else -1)
