"""Independent Bayesian classifier combination: Dawid-Skene with its uncertainty kept."""

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
from labelwright.labelmodels.priors.bayes import dirichlet, row_factors
from labelwright.labelmodels.priors.coins import coin_confusion, with_gold
from labelwright.labelmodels.priors.priors import PseudoVotes, pseudo_votes, stated_balance
from labelwright.labelmodels.settings import at_least, checked, whole

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IBCC:
    """Confusion matrices by variational Bayes: a source that voted little is trusted little.

    Model: that of :class:`DawidSkene`, silence of functions included, with Dirichlet priors on
    the class balance p and on every row theta[s, t]. The posterior is approximated by
    q(labels) q(p) q(theta), each factor in turn the best for the others, which raises a lower
    bound of the log evidence at every step:

        q(theta[s, t]) = Dirichlet(a[s, t] + N[s, t]),   q(p) = Dirichlet(b + N),
        q_u(t) ~ exp(E[log p_t] + sum_s E[log theta[s, t, l_us]]),
        E[log theta_l] = digamma(alpha_l) - digamma(sum alpha),

    with N the expected counts. Where Dawid-Skene takes the most probable theta, the expected
    logarithm is the lower the fewer votes stand behind it. The prior is hierarchical: its counts
    a are those of the source's kind, moved by its own skill (`priors.pseudo_votes`).

    Attributes:
        steps: of coordinate ascent.
        strength: how many votes the prior of every source is worth.
        own: how many it is worth besides for every vote that a function cast itself.
        silence: how much of a vote a function's silence counts, 0 to 1.
        class_balance: the share of every class where it is known, or "gold" for that of the gold
            answers, if they are a random sample; estimated if None.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        H.-C. Kim, Z. Ghahramani. Bayesian Classifier Combination. AISTATS, PMLR 22, 2012.
        E. Simpson, S. Roberts, I. Psorakis, A. Smith. Dynamic Bayesian Combination of Multiple
        Imperfect Classifiers. Decision Making and Imperfection, 2013.
        DOI 10.1007/978-3-642-36406-8_1, equations 9 to 17.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, 1, -1]])
        >>> model = IBCC()
        >>> model.posterior(model.fit(votes), votes).label.tolist()
        [0, 1, 0, 1]
    """

    steps: int = 10
    strength: float = 4.0
    own: float = 1.0
    silence: float = 0.25
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        whole("ibcc", "steps", self.steps, 1)
        at_least("ibcc", "strength", self.strength, 0)
        at_least("ibcc", "own", self.own, 0)
        checked("ibcc", "silence", self.silence, "0 to 1", ok=0 <= self.silence <= 1)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The variational posterior of every confusion and of the class balance."""
        known = stated_balance(self.class_balance, votes)

        def prepare(first: ScoreSums) -> Improve:
            prior = pseudo_votes(
                votes, first, known, strength=self.strength, own=self.own, silence=self.silence
            )

            def improve(tally: ScoreSums) -> tuple[LabelModelFit, float]:
                return self._best(votes, tally, prior, known)

            return improve

        return climb(votes, self.steps, prepare)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """One update of the labels given the fitted factors."""
        return posterior_of(fit, votes)

    def _best(
        self, votes: VoteMatrix, tally: ScoreSums, prior: PseudoVotes, known: Array | None
    ) -> tuple[LabelModelFit, float]:
        """The fit, and minus the divergence of its factors from their priors."""
        factors = row_factors(votes, tally, prior, self.silence)
        if known is None:
            frequent = prior.classes + tally.classes
            class_score, away = dirichlet(prior.classes, frequent, axis=0)
            balance, apart = frequent / frequent.sum(), float(away)
        else:
            balance, class_score, apart = known, np.log(known), 0.0
        voted = factors.voted
        confusion = voted.transpose(0, 2, 1) / voted.sum(axis=1)[:, :, None]
        confusion[is_gold(votes)] = coin_confusion(np.array([GOLD_ACCURACY]), votes.classes)
        right = np.trace(voted, axis1=1, axis2=2) / voted.sum(axis=(1, 2))
        fit = LabelModelFit(
            model="ibcc",
            class_prior=balance,
            confusion=confusion,
            accuracy=np.where(tally.count > 0, with_gold(votes, right), np.nan),
            class_score=class_score,
            vote_score=factors.vote_score,
            abstain_score=factors.silence_score,
        )
        return fit, -factors.divergence - apart
