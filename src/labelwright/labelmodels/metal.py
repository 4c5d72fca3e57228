"""MeTaL: accuracies from how often two sources' votes meet, as in Snorkel's label model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.evidence.scoring import act_matrices, expect, is_gold, posterior_of
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.priors.coins import coin_confusion, where_it_voted, with_gold
from labelwright.labelmodels.priors.priors import stated_balance, usual_accuracy
from labelwright.labelmodels.settings import at_least, checked, whole

Array = NDArray[np.float64]

MOST_MOMENTS = 4_000
"""Of more sources x classes the matrix of moments, squared in size, would fill the memory."""


@dataclass(frozen=True, slots=True)
class Metal:
    """Vote probabilities by matching second moments.

    Model: sources act independently given the class t, whose balance p is known or that of
    majority vote. With the indicators of votes [s votes l], their means o and second moments O over
    the covered units, and mu[s, l, t] = P(s votes l | t), silence being the rest,

        O[(s, l), (s', l')] = sum_t mu[s, l, t] p_t mu[s', l', t]       for s != s',
        o[(s, l)] = sum_t mu[s, l, t] p_t.

    Gradient descent on the sum of squared differences of both (the paper's equation 6 and the
    loss of Snorkel's `LabelModel`) from a start in which every source is as precise as majority
    vote finds all together. Rare votes have small moments, which say little: so the squared
    distance from the start is added, times `restraint`, the share of the votes and the balance of
    the class. A step that does not lessen the loss is shortened, so the objective,
    minus the loss, never falls. The original takes stochastic steps from a random state; here
    the result is the same every time.

    A vote adds log mu[s, l, t]; silence adds nothing, as in Snorkel. Gold takes no part in the
    moments.

    A vote's own confidence is not read.

    Attributes:
        steps: of gradient descent.
        class_balance: the share of every class; that of majority vote if None.
        restraint: how much the start holds; see above.
        floor: the least that mu[s, l, t] may be, as a part of o[(s, l)].

    Raises:
        SettingsError: a setting out of range.

    Reference:
        A. Ratner, B. Hancock, J. Dunnmon, F. Sala, S. Pandey, C. Re. Training Complex Models
        with Multi-Task Weak Supervision. AAAI 33, 2019. DOI 10.1609/aaai.v33i01.33014763.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, 0]] * 5)
        >>> model = Metal()
        >>> fit = model.fit(votes)
        >>> fit.accuracy.argmin()
        np.int64(2)
        >>> model.posterior(fit, votes).label[:4].tolist()
        [0, 1, 0, 1]
    """

    steps: int = 50
    restraint: float = 1.0
    class_balance: Sequence[float] | str | None = None
    floor: float = 0.02

    def __post_init__(self) -> None:
        whole("metal", "steps", self.steps, 1)
        at_least("metal", "restraint", self.restraint, 0)
        checked("metal", "floor", self.floor, "between 0 and 1", ok=0 < self.floor < 1)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The vote probabilities whose moments are nearest to those of the votes.

        Raises:
            VotesError: too many sources and classes for a matrix of moments.
        """
        known = stated_balance(self.class_balance, votes)
        tally = expect(MajorityVote(confidences=False).fit(votes), votes)
        balance = (tally.classes + 1) / (tally.classes + 1).sum() if known is None else known
        moments = _moments(votes, tally.classes.sum())
        accuracy = usual_accuracy(votes, tally)
        start = _start(votes, np.diagonal(moments), accuracy, balance)
        mu, history = self._descend(start, moments, balance, votes.classes)
        mu = mu.reshape(votes.sources, votes.classes, votes.classes)
        # Of a source that cast partial votes alone the moments say nothing.
        unheard = np.diagonal(moments).reshape(votes.sources, votes.classes).sum(axis=1) == 0
        mu[unheard] = coin_confusion(accuracy[unheard], votes.classes).transpose(0, 2, 1)
        mu[is_gold(votes)] = coin_confusion(np.array([GOLD_ACCURACY]), votes.classes)
        confusion = (mu / mu.sum(axis=1, keepdims=True)).transpose(0, 2, 1)
        right = np.einsum("sll,l->s", mu, balance) / np.einsum("slt,t->s", mu, balance)
        return LabelModelFit(
            model="metal",
            class_prior=balance,
            confusion=confusion,
            accuracy=where_it_voted(votes, with_gold(votes, right)),
            class_score=np.log(balance),
            vote_score=np.log(mu),
            abstain_score=np.zeros((votes.sources, votes.classes)),
            history=tuple(history),
        )

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Bayes' rule with the vote probabilities."""
        return posterior_of(fit, votes)

    def _descend(
        self, mu: Array, moments: Array, balance: Array, classes: int
    ) -> tuple[Array, list[float]]:
        """The vote probabilities, one row a source and label, and minus the loss by step."""
        mean = np.diagonal(moments).copy()
        lowest = np.maximum(self.floor * mean, 1e-9)[:, None]
        highest = np.maximum(1.0, lowest)
        block = np.arange(len(mu)) // classes
        other = block[:, None] != block
        aim = _Aim(mu, moments, mean, balance, other, self.restraint)
        loss, slope = aim.loss(mu)
        # The curvature is at most about this much near the start.
        rate = 0.25 / max(float((mu**2 @ balance).sum()), 1e-9)
        history = [-loss]
        for _ in range(self.steps):
            moved = np.clip(mu - rate * slope, lowest, highest)
            new_loss, new_slope = aim.loss(moved)
            if new_loss > loss:
                rate /= 2
                continue
            mu, loss, slope, rate = moved, new_loss, new_slope, rate * 1.2
            history.append(-loss)
        return np.clip(mu, lowest, highest), history


@dataclass(frozen=True, slots=True, eq=False)
class _Aim:
    """What the vote probabilities shall match."""

    start: Array
    moments: Array
    mean: Array
    balance: Array
    other: NDArray[np.bool_]
    restraint: float

    def loss(self, mu: Array) -> tuple[float, Array]:
        """The squared distance of the moments and from the start, and its gradient."""
        weighted = mu * self.balance
        apart = (weighted @ mu.T - self.moments) * self.other
        off = weighted.sum(axis=1) - self.mean
        held = self.restraint * self.mean[:, None] * self.balance
        away = mu - self.start
        loss = float((apart**2).sum() + (off**2).sum() + (held * away**2).sum())
        return loss, 4 * apart @ weighted + 2 * off[:, None] * self.balance + 2 * held * away


def _moments(votes: VoteMatrix, mass: float) -> Array:
    """Means of products of vote indicators over covered units, 0 for gold, shape (moments,) * 2."""
    moments = votes.sources * votes.classes
    if moments > MOST_MOMENTS:
        raise VotesError(
            f"{votes.sources} sources x {votes.classes} classes have too many moments for this "
            f"method, which takes at most {MOST_MOMENTS}; use dawid_skene or triplet"
        )
    total = np.zeros((moments, moments))
    act = np.arange(votes.sources * (votes.labels + 1)) % (votes.labels + 1)
    of_votes = (act > 0) & (act <= votes.classes)
    for units, acts in act_matrices(votes):
        said = acts[:, np.flatnonzero(of_votes)]
        weighted = said.T if votes.weight is None else said.T * votes.weight[units]
        total += (weighted @ said).toarray()
    estimated = np.repeat(~is_gold(votes), votes.classes).astype(np.float64)
    return total * np.outer(estimated, estimated) / max(mass, 1e-9)


def _start(votes: VoteMatrix, mean: Array, accuracy: Array, balance: Array) -> Array:
    """Mu of sources that are as precise as their accuracy says and err by the class balance."""
    wrong = np.broadcast_to(balance, (votes.classes, votes.classes)) * (1 - np.eye(votes.classes))
    wrong = wrong / wrong.sum(axis=1, keepdims=True)
    right = accuracy[:, None, None]
    precision = right * np.eye(votes.classes) + (1 - right) * wrong
    start = precision.reshape(-1, votes.classes) * np.maximum(mean, 1e-9)[:, None] / balance
    return np.minimum(start, 1.0)
