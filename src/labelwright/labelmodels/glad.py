"""GLAD: some items are harder than others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.climbing import covered_part
from labelwright.labelmodels.evidence.partial import whole_votes
from labelwright.labelmodels.evidence.scoring import (
    blocks,
    check_same_sources,
    is_gold,
    narrowed,
    normalised,
)
from labelwright.labelmodels.priors.coins import coin_confusion, where_it_voted, with_gold
from labelwright.labelmodels.priors.priors import believed, choosers
from labelwright.labelmodels.settings import at_least, whole

Array = NDArray[np.float64]

HALVINGS = 4
"""How often a step in ease that does not help is halved before it is not taken."""
VOTE_PRECISION = 0.2
"""What a vote on a unit of ease 1 tells of an ability near 1: p (1 - p) at log-odds 1."""


@dataclass(frozen=True, slots=True)
class Glad:
    """Abilities of sources and difficulties of units.

    Model: source s with ability alpha_s votes on unit u, whose ease is beta_u > 0, and is right
    with probability

        P(l_us = t_u) = 1 / (1 + exp(-alpha_s beta_u))                     (equation 1),

    wrong evenly among the K - 1 other classes; classes are equally frequent. Ability 0 guesses
    between right and wrong, a negative one misleads. Priors: alpha_s ~ Normal(m_s, 1 / precision_s)
    and log beta ~ Normal(0, ease_spread). The mean m_s is 1, or the log-odds of the accuracy that
    the source's owner states; the precision is ability_spread^-2, and more where the owner states
    an accuracy or the source is a function. Expectation conditional maximisation, whose objective
    never falls: the posterior q_u (equation 3), then a Newton step in every log beta_u, shortened
    until it helps, then every alpha_s in closed form, from the quadratic lower bound on the
    logistic function that touches it at the present place,

        alpha_s = (precision_s m_s + sum_u w_u (q_us - 1/2) beta_u)
                / (precision_s + sum_u w_u beta_u^2 tanh(x_us / 2) / (2 x_us)),

    with x_us = alpha_s beta_u at the present place and q_us the probability that the vote is
    right. (The original climbs both by conjugate gradients.)

    A unit's ease is worked out from its own votes whenever a posterior is asked for, so a fit
    also judges new units. It makes the posterior no sum of votes: the fit's `vote_score` is that
    of a unit of ease 1, for explanations.

    A vote's own confidence is not read. Partial votes teach it nothing of their sources; they
    count in the labels, beside the whole votes.

    Attributes:
        steps: of maximisation.
        ease_steps: of each unit's own, when a posterior is asked for.
        ability_spread: standard deviation of abilities before the votes are seen.
        ease_spread: likewise of log eases; 0 makes all units equally hard.
        own: how many votes the prior of a function's ability is worth besides, for every vote
            that it cast itself.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma, J. Movellan. Whose Vote Should Count More:
        Optimal Integration of Labels from Labelers of Unknown Expertise. NIPS 22, 2009,
        https://papers.nips.cc/paper/3644 (it has no DOI). The bound: T. Jaakkola, M. Jordan.
        Bayesian Parameter Estimation via Variational Methods. Statistics and Computing 10(1),
        2000. DOI 10.1023/A:1008932416310.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, 0]] * 5)
        >>> fit = Glad().fit(votes)
        >>> fit.extra["ability"].argmin()
        np.int64(2)
        >>> Glad().posterior(fit, votes).label[:4].tolist()
        [0, 1, 0, 1]
    """

    steps: int = 30
    ease_steps: int = 10
    ability_spread: float = 1.0
    ease_spread: float = 1.0
    own: float = 1.0

    def __post_init__(self) -> None:
        whole("glad", "steps", self.steps, 1)
        whole("glad", "ease_steps", self.ease_steps, 1)
        at_least("glad", "ability_spread", self.ability_spread, 1e-3)
        at_least("glad", "ease_spread", self.ease_spread, 0)
        at_least("glad", "own", self.own, 0)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The ability of every source, most probable a posteriori with the eases."""
        everything, votes = votes, covered_part(whole_votes(votes))
        usual, certainty = self._prior(votes)
        ability = usual.copy()
        log_ease = np.zeros(votes.units)
        history = []
        for _ in range(self.steps):
            pull, precision = certainty * usual, certainty.copy()
            right, total = np.zeros(votes.sources), 0.0
            for some in _some_votes(votes):
                total += float((some.mass * some.judge(ability, log_ease[some.units])).sum())
                total -= 0.5 * float((some.mass * self._far(log_ease[some.units])).sum())
                log_ease[some.units] = self._eased(some, ability, log_ease[some.units])
                ease = np.exp(log_ease[some.units])[some.unit]
                x = ability[some.source] * ease
                weight = some.weight * some.rated
                pull += np.bincount(some.source, weight * (some.right - 0.5) * ease, votes.sources)
                precision += np.bincount(
                    some.source, weight * ease**2 * _curvature(x), votes.sources
                )
                right += np.bincount(some.source, some.weight * some.right, votes.sources)
            history.append(total - 0.5 * float((certainty * (ability - usual) ** 2).sum()))
            ability = pull / precision
        return _summary(votes, everything, ability, right, tuple(history))

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Labels and eases of the units in turn, given the abilities."""
        check_same_sources(fit, votes)
        ability = fit.extra["ability"]
        whole = whole_votes(votes)
        probability = np.empty((votes.units, votes.classes))
        probability[~whole.covered] = fit.class_prior
        judged = covered_part(whole)
        answered = np.empty((judged.units, votes.classes))
        for some in _some_votes(judged):
            log_ease = np.zeros(len(some.mass))
            for _ in range(self.ease_steps):
                some.judge(ability, log_ease)
                log_ease = self._eased(some, ability, log_ease)
            some.judge(ability, log_ease)
            answered[some.units] = some.probability.T
        probability[whole.covered] = answered[judged.covered]
        return Posterior(narrowed(probability, fit, votes), votes.covered, fit.id)

    def _prior(self, votes: VoteMatrix) -> tuple[Array, Array]:
        """Mean and precision of every source's ability before its votes are seen."""
        stated = votes.accuracies.clip(0.01, 0.99)
        usual = np.where(np.isnan(stated), 1.0, np.log(stated / (1 - stated)))
        count = np.bincount(
            votes.source[votes.voted], votes.weights()[votes.unit[votes.voted]], votes.sources
        )
        worth = believed(votes) + np.where(choosers(votes), self.own * count, 0.0)
        return usual, self.ability_spread**-2 + worth * VOTE_PRECISION

    def _far(self, log_ease: Array) -> Array:
        """How far eases are from what is usual, squared, in standard deviations."""
        return (log_ease / self.ease_spread) ** 2 if self.ease_spread else np.zeros_like(log_ease)

    def _eased(self, some: _SomeVotes, ability: Array, log_ease: Array) -> Array:
        """The log eases after one Newton step that raises each unit's own objective."""
        if not self.ease_spread:
            return log_ease

        def objective(at: Array) -> Array:
            x = ability[some.source] * np.exp(at)[some.unit]
            # right log sigmoid(x) + (1 - right) log sigmoid(-x)
            fitting = _log_sigmoid(x) - (1 - some.right) * x
            return some.by_unit(fitting) - 0.5 * self._far(at)

        x = ability[some.source] * np.exp(log_ease)[some.unit]
        chance = np.exp(_log_sigmoid(x))
        slope = some.by_unit((some.right - chance) * x) - log_ease / self.ease_spread**2
        # Expected, not observed, curvature: it is positive everywhere.
        curve = some.by_unit(chance * (1 - chance) * x**2) + self.ease_spread**-2
        step = slope / curve
        best = objective(log_ease)
        for _ in range(HALVINGS):
            worse = objective(log_ease + step) < best
            if not worse.any():
                break
            step = np.where(worse, step / 2, step)
        return log_ease + np.where(objective(log_ease + step) < best, 0.0, step)


class _SomeVotes:
    """The votes on some units, and who is probably right.

    Votes of gold are not rated: their sources' ability is known.
    """

    def __init__(self, votes: VoteMatrix, units: slice, rows: slice) -> None:
        voted = votes.voted[rows]
        self.units = units
        self.unit = votes.unit[rows][voted].astype(np.int64) - units.start
        self.source = votes.source[rows][voted]
        self.classes = votes.classes
        self.cell = self.unit * votes.classes + votes.label[rows][voted]
        self.rated = ~is_gold(votes)[self.source]
        self.mass = votes.weights()[units] * votes.covered[units]
        self.weight = self.mass[self.unit]
        self.right = np.empty(len(self.unit))
        self.probability = np.empty((votes.classes, len(self.mass)))

    def by_unit(self, values: Array) -> Array:
        """The sum over each unit's rated votes, shape (units,)."""
        # Without a vote, bincount forgets that it adds floats.
        return np.bincount(self.unit, values * self.rated, len(self.mass)).astype(np.float64)

    def judge(self, ability: Array, log_ease: Array) -> Array:
        """The E-step: sets `probability` and `right`; the log likelihood of every unit."""
        others = np.log(self.classes - 1)
        x = ability[self.source] * np.exp(log_ease)[self.unit]
        x[~self.rated] = np.log(GOLD_ACCURACY / (1 - GOLD_ACCURACY))
        shape = (len(self.mass), self.classes)
        wrong = np.bincount(self.unit, _log_sigmoid(-x) - others, shape[0])
        # log P(right) - log P(wrong in this way) = x + log(K - 1)
        scores = np.bincount(self.cell, x + others, shape[0] * shape[1]).reshape(shape).T
        scores = scores + wrong - np.log(self.classes)
        self.probability, evidence = normalised(scores)
        if not self.rated.all():
            gold = np.bincount(self.cell, (x + others) * ~self.rated, shape[0] * shape[1])
            decided = np.unique(self.unit[~self.rated])
            known, _ = normalised(gold.reshape(shape)[decided].T)
            self.probability[:, decided] = known
            evidence[decided] = (known * scores[:, decided]).sum(axis=0)
        self.right = self.probability.T.ravel()[self.cell]
        return evidence


def _some_votes(votes: VoteMatrix) -> Iterator[_SomeVotes]:
    for units, rows in blocks(votes):
        yield _SomeVotes(votes, units, rows)


def _summary(
    votes: VoteMatrix,
    everything: VoteMatrix,
    ability: Array,
    right: Array,
    history: tuple[float, ...],
) -> LabelModelFit:
    seen = np.bincount(
        votes.source[votes.voted], votes.weights()[votes.unit[votes.voted]], votes.sources
    )
    accuracy = np.divide(right, seen, out=np.full(votes.sources, 0.5), where=seen > 0)
    uniform = np.full(votes.classes, 1 / votes.classes)
    at_ease = coin_confusion(with_gold(votes, np.exp(_log_sigmoid(ability))), votes.classes)
    return LabelModelFit(
        model="glad",
        class_prior=uniform,
        confusion=coin_confusion(with_gold(votes, accuracy), votes.classes),
        accuracy=where_it_voted(everything, with_gold(votes, accuracy)),
        class_score=np.log(uniform),
        vote_score=np.log(at_ease).transpose(0, 2, 1),
        abstain_score=np.zeros((votes.sources, votes.classes)),
        history=history,
        extra={"ability": ability},
    )


def _log_sigmoid(x: Array) -> Array:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def _curvature(x: Array) -> Array:
    """tanh(x / 2) / (2 x), which tends to 1/4 at 0."""
    near = np.abs(x) < 1e-4
    safe = np.where(near, 1.0, x)
    return np.where(near, 0.25, np.tanh(safe / 2) / (2 * safe))
