"""Data programming: a factor graph with accuracies, propensities and correlations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.labelmodels.climbing import covered_part
from labelwright.labelmodels.evidence.correlated import climb_step, some_votes
from labelwright.labelmodels.evidence.pairs import excess_agreement
from labelwright.labelmodels.evidence.partial import whole_votes
from labelwright.labelmodels.evidence.scoring import check_same_sources, expect, is_gold, narrowed
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.priors.coins import coin_fit, where_it_voted, with_gold
from labelwright.labelmodels.priors.priors import believed, choosers, usual_accuracy
from labelwright.labelmodels.settings import at_least, whole

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DataProgramming:
    """Accuracies of sources of which some copy each other; who does is found from the votes.

    Model: a factor graph over the class y and the votes L_j of a unit,

        p(L, y) ~ exp(sum_j [L_j != 0] (beta_j + alpha_j [L_j = y])
                      + sum_(j,k) in E gamma_jk [L_j = L_k != 0]),

    with propensities beta, accuracies alpha and correlations gamma; classes equally frequent.
    The structure E holds the pairs that agree more often than two sources of their accuracies
    would (by `least_z` standard errors under a model without correlations), at most `neighbours`
    a source. As in the second paper the intractable likelihood is replaced by the product of
    every vote's probability given the other votes,

        P(L_j = l | y, others, j votes) ~ exp(alpha_j [l = y] + sum_k gamma_jk [L_k = l]),

    in which the propensities cancel: whether a symmetric source votes tells nothing of y. What
    a vote repeats of its neighbours' is thereby explained by them, and counts less for y. The
    sum over y is climbed by generalised expectation maximisation: a step on alpha and gamma
    whose length, from a quadratic bound of the logistic function, ensures that the objective
    never falls. Priors are normal; that of gamma keeps correlations small unless they are seen.

    The posterior is no sum of votes; the fit's `vote_score` is that of a vote without
    neighbours, for explanations.

    A source that is nearly always wrong makes the right ones look like copies of each other, and
    can turn the labels: look at `labelwright sources` for it. A vote's own confidence is not
    read. Partial votes teach it nothing of their sources; they
    count in the labels, beside the whole votes.

    Attributes:
        steps: of maximisation.
        neighbours: how many sources one may be correlated with; 0 for independence.
        least_z: how surprising an agreement must be for a correlation.
        strength: how many votes the prior of an accuracy or a correlation is worth.
        own: how many more that of an accuracy is worth for every vote that a function cast.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        A. Ratner, C. De Sa, S. Wu, D. Selsam, C. Re. Data Programming: Creating Large Training
        Sets, Quickly. NIPS 29, 2016. DOI 10.48550/arXiv.1605.07723.
        S. H. Bach, B. He, A. Ratner, C. Re. Learning the Structure of Generative Models without
        Labeled Data. ICML, PMLR 70, 2017. DOI 10.48550/arXiv.1703.00854.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, 0]] * 5)
        >>> model = DataProgramming()
        >>> model.posterior(model.fit(votes), votes).label[:4].tolist()
        [0, 1, 0, 1]
    """

    steps: int = 50
    neighbours: int = 3
    least_z: float = 4.0
    strength: float = 4.0
    own: float = 1.0

    def __post_init__(self) -> None:
        whole("data_programming", "steps", self.steps, 1)
        whole("data_programming", "neighbours", self.neighbours, 0)
        at_least("data_programming", "least_z", self.least_z, 0)
        at_least("data_programming", "strength", self.strength, 0.01)
        at_least("data_programming", "own", self.own, 0)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The structure, the accuracies and the correlations."""
        everything, votes = votes, covered_part(whole_votes(votes))
        tally = expect(MajorityVote(confidences=False).fit(votes), votes)
        usual = usual_accuracy(votes, tally)
        independent = self._coins(votes, usual, tally.right, tally.count)
        edges = self._structure(votes, independent)
        worth = self.strength + believed(votes)
        worth = worth + np.where(choosers(votes), self.own * tally.count, 0.0)
        mean = _log_odds(usual, votes.classes)
        prior = _Prior(mean, worth / 4, np.full(len(edges), self.strength / 4))
        alpha, gamma = mean.copy(), np.zeros(len(edges))
        history = []
        for _ in range(self.steps):
            step = climb_step(votes, alpha, gamma, edges)
            history.append(step.objective + prior.log_density(alpha, gamma))
            alpha = alpha + (step.alpha + prior.of_alpha * (mean - alpha)) / (
                step.alpha_curve + prior.of_alpha
            )
            gamma = gamma + (step.gamma - prior.of_gamma * gamma) / (
                step.gamma_curve + prior.of_gamma
            )
        fit = _summary(votes, alpha, gamma, edges, step.right, tuple(history))
        # Of a source that cast partial votes alone, no more is known than was assumed.
        accuracy = np.where(np.isnan(fit.accuracy), usual, fit.accuracy)
        return replace(fit, accuracy=where_it_voted(everything, accuracy))

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Every vote's probability given its neighbours', multiplied, class by class."""
        check_same_sources(fit, votes)
        edges = fit.extra["edges"].astype(np.int64)
        probability = np.empty((votes.units, votes.classes))
        whole = whole_votes(votes)
        for some in some_votes(whole, edges, fit.extra["correlation"]):
            probability[some.units] = some.judge(fit.extra["accuracy_factor"])[0].T
        probability[~whole.covered] = fit.class_prior
        return Posterior(narrowed(probability, fit, votes), votes.covered, fit.id)

    def _coins(self, votes: VoteMatrix, usual: Array, right: Array, count: Array) -> LabelModelFit:
        """One M-step without correlations: the look under which agreement may surprise."""
        accuracy = (right + self.strength * usual) / (count + self.strength)
        uniform = np.full(votes.classes, 1 / votes.classes)
        return coin_fit("data_programming", votes, accuracy, uniform, np.log(uniform))

    def _structure(self, votes: VoteMatrix, independent: LabelModelFit) -> NDArray[np.int64]:
        """The pairs that agree surprisingly often, shape (edges, 2), first below second."""
        if not self.neighbours or votes.sources < 3:
            return np.empty((0, 2), np.int64)
        surprise = excess_agreement(votes, independent)
        gold = is_gold(votes)
        surprise[gold] = surprise[:, gold] = 0
        np.fill_diagonal(surprise, 0)
        # The cut is a value, so that ties are in or out together whatever the order.
        cut = -np.sort(-surprise, axis=1)[:, min(self.neighbours, votes.sources) - 1]
        chosen = (surprise >= np.maximum(cut[:, None], cut)) & (surprise > self.least_z)
        return np.argwhere(np.triu(chosen, k=1))


@dataclass(frozen=True, slots=True, eq=False)
class _Prior:
    """Normal priors: means and precisions of the accuracies, precisions of the correlations."""

    mean: Array
    of_alpha: Array
    of_gamma: Array

    def log_density(self, alpha: Array, gamma: Array) -> float:
        far = (self.of_alpha * (alpha - self.mean) ** 2).sum() + (self.of_gamma * gamma**2).sum()
        return -0.5 * float(far)


def _summary(
    votes: VoteMatrix,
    alpha: Array,
    gamma: Array,
    edges: NDArray[np.int64],
    right: Array,
    history: tuple[float, ...],
) -> LabelModelFit:
    uniform = np.full(votes.classes, 1 / votes.classes)
    lone = np.exp(alpha) / (np.exp(alpha) + votes.classes - 1)
    fit = coin_fit("data_programming", votes, lone, uniform, np.log(uniform))
    voted = votes.voted
    seen = np.bincount(votes.source[voted], votes.weights()[votes.unit[voted]], votes.sources)
    accuracy = np.divide(right, seen, out=np.full(votes.sources, np.nan), where=seen > 0)
    return replace(
        fit,
        accuracy=where_it_voted(votes, with_gold(votes, accuracy)),
        history=history,
        extra={
            "accuracy_factor": alpha,
            "edges": edges.astype(np.float64),
            "correlation": gamma,
        },
    )


def _log_odds(accuracy: Array, classes: int) -> Array:
    inside = accuracy.clip(0.01, 0.99)
    return np.log(inside * (classes - 1) / (1 - inside))
