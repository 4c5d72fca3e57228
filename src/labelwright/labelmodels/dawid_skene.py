"""Dawid-Skene: every source errs in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.climbing import Improve, climb
from labelwright.labelmodels.evidence.scoring import ScoreSums, is_gold, posterior_of
from labelwright.labelmodels.priors.coins import coin_confusion, with_gold
from labelwright.labelmodels.priors.priors import (
    PseudoVotes,
    choosers,
    pseudo_votes,
    stated_balance,
)
from labelwright.labelmodels.settings import at_least, checked, whole

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """Confusion matrices by expectation maximisation, with priors that keep them from collapsing.

    Model: a covered unit's class t is drawn from the balance p. Source s then acts as

        P(s votes l | t) = theta[s, t, l]                for l in 1..K,

    independently of the other sources. For a source that was only asked about some units the
    row theta[s, t] sums to 1 over the K classes. A source that sees every unit and chooses where
    to vote (a function, a rule) has one more way to act: it is silent with theta[s, t, 0], and
    every silence counts as `silence` votes, because functions are silent together. A function
    that only ever votes for one class would otherwise say nothing at all. The objective is

        sum_u w_u log sum_t p_t prod_s theta[s, t, l_us] ^ (1 or silence)
            + sum a log theta + sum b log p,

    and the pseudo-votes a, b (`priors.pseudo_votes`) stand for what is usual: choosers are about
    as precise as majority vote finds all of them together, their mistakes follow the class
    balance; annotators err like their pool, shifted by how often they side with the majority.

    E-step (equation 2.5 of the paper): q_u(t) is p_t times the product over the unit's votes,
    normalised, in logs since the product of hundreds of votes underflows. M-step (2.3, 2.4):

        theta[s, t, l] ~ a[s, t, l] + sum_u w_u q_u(t) [s voted l on u],
        p_t ~ b_t + sum_u w_u q_u(t).

    The objective never falls. Units on which nobody voted take no part; on a unit with gold,
    q is what gold says. Time and memory are linear in the votes.

    Attributes:
        steps: of expectation maximisation.
        strength: how many votes the prior of every source is worth; more for sparse votes.
        own: how many votes it is worth besides, for every vote that a function cast itself,
            and what the first class balance is worth in units. At 0, functions that vote alike
            soon explain everything by one class.
        silence: how much of a vote a function's silence counts, 0 to 1.
        class_balance: the share of every class where it is known, or "gold" for that of the gold
            answers, if they are a random sample; estimated if None.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        A. P. Dawid, A. M. Skene. Maximum Likelihood Estimation of Observer Error-Rates Using
        the EM Algorithm. Applied Statistics 28(1), 1979. DOI 10.2307/2346806.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, 1, -1]])
        >>> model = DawidSkene()
        >>> model.posterior(model.fit(votes), votes).label.tolist()
        [0, 1, 0, 1]
    """

    steps: int = 10
    strength: float = 4.0
    own: float = 1.0
    silence: float = 0.25
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        whole("dawid_skene", "steps", self.steps, 1)
        at_least("dawid_skene", "strength", self.strength, 0)
        at_least("dawid_skene", "own", self.own, 0)
        checked("dawid_skene", "silence", self.silence, "0 to 1", ok=0 <= self.silence <= 1)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The confusion of every source and the class balance, most probable a posteriori."""
        known = stated_balance(self.class_balance, votes)

        def prepare(first: ScoreSums) -> Improve:
            prior = pseudo_votes(
                votes, first, known, strength=self.strength, own=self.own, silence=self.silence
            )

            def improve(tally: ScoreSums) -> tuple[LabelModelFit, float]:
                fit = self._most_probable(votes, tally, prior, known)
                return fit, self._log_prior(fit, prior, votes)

            return improve

        return climb(votes, self.steps, prepare)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """The E-step alone: Bayes' rule with the fitted confusions."""
        return posterior_of(fit, votes)

    def _most_probable(
        self, votes: VoteMatrix, tally: ScoreSums, prior: PseudoVotes, known: Array | None
    ) -> LabelModelFit:
        voted = tally.voted + prior.voted
        # A function that never voted is unknown, not silent: it shall change nothing.
        heard = (choosers(votes) & (tally.count > 0))[:, None] & (self.silence > 0)
        silent = np.where(heard, self.silence * tally.silent + prior.silent, 0.0)
        acts = voted.sum(axis=1) + silent
        vote = voted / acts[:, None]
        vote[is_gold(votes)] = coin_confusion(np.array([GOLD_ACCURACY]), votes.classes)
        log_silent = np.log(np.where(heard, silent / acts, 1.0))
        frequent = tally.classes + prior.classes
        balance = frequent / frequent.sum() if known is None else known
        confusion = vote.transpose(0, 2, 1)
        right = np.trace(voted, axis1=1, axis2=2) / voted.sum(axis=(1, 2))
        return LabelModelFit(
            model="dawid_skene",
            class_prior=balance,
            confusion=confusion / confusion.sum(axis=2, keepdims=True),
            accuracy=np.where(tally.count > 0, with_gold(votes, right), np.nan),
            class_score=np.log(balance),
            vote_score=np.log(vote),
            abstain_score=self.silence * log_silent,
        )

    def _log_prior(self, fit: LabelModelFit, prior: PseudoVotes, votes: VoteMatrix) -> float:
        estimated = ~is_gold(votes)
        of_votes = prior.voted[estimated] * fit.vote_score[estimated]
        # Pseudo-silences are already in votes, while the score is one silence's: divided again.
        of_silence = prior.silent[estimated] * fit.abstain_score[estimated] / (self.silence or 1)
        return float(of_votes.sum() + of_silence.sum() + prior.classes @ fit.class_score)
