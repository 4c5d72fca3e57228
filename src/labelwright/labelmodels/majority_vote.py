"""Majority vote: every source is as good as every other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.labelmodels.evidence.claims import claim_scores, prior_claims
from labelwright.labelmodels.evidence.scoring import expect, posterior_of
from labelwright.labelmodels.priors.coins import coin_fit
from labelwright.labelmodels.settings import checked


@dataclass(frozen=True, slots=True)
class MajorityVote:
    """The class that most sources voted for; the baseline that every other method must beat.

    Model: every source votes for the true class with the same probability `accuracy` and for
    each other class with equal probability, independently of the others, so that a unit's
    log score is

        score(c) = log(accuracy (K - 1) / (1 - accuracy)) x (votes for c)

    with K classes. Classes that got equally many votes are equally probable. Gold is not
    counted but believed.

    Attributes:
        accuracy: how often a source is right; moves the confidence, not the label.
        break_ties: whether, among classes with equally many votes, the one that is more frequent
            in all labels is the more probable one. It never outweighs a vote.
        confidences: whether votes that state a confidence count by what such confidences of
            their source are worth (`labelmodels/evidence/claims.py`), judged by the majority.

    Raises:
        SettingsError: an accuracy that is not between 0.5 and 1.

    Reference:
        S. Nitzan, J. Paroush. Optimal Decision Rules in Uncertain Dichotomous Choice
        Situations. International Economic Review 23(2), 1982. DOI 10.2307/2526438, for equal
        competences.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [0, 1, -1], [-1, -1, -1]])
        >>> model = MajorityVote()
        >>> model.posterior(model.fit(votes), votes).probability.round(2).tolist()
        [[0.7, 0.3], [0.5, 0.5], [0.5, 0.5]]
    """

    accuracy: float = 0.7
    break_ties: bool = False
    confidences: bool = True

    def __post_init__(self) -> None:
        ok = isinstance(self.accuracy, float) and 0.5 < self.accuracy < 1
        checked("majority_vote", "accuracy", self.accuracy, "between 0.5 and 1", ok=ok)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """Equal accuracies for all sources but gold."""
        classes = votes.classes
        accuracy = np.full(votes.sources, self.accuracy)
        uniform = np.full(classes, 1 / classes)
        fit = _counting(coin_fit("majority_vote", votes, accuracy, uniform, np.log(uniform)))
        read = self.confidences and votes.confidence is not None
        if not (self.break_ties or read):
            return fit
        first = expect(fit, votes)
        if self.break_ties:
            balance = (first.classes + 1) / (first.classes + 1).sum()
            tempered = np.log(balance) * self._tempering(balance)
            fit = _counting(coin_fit("majority_vote", votes, accuracy, balance, tempered))
        if not read:
            return fit
        prior = prior_claims(votes, first.claims)
        return replace(fit, claim_score=claim_scores(first.claims, prior))

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Softmax of the votes that each class got, times what one vote weighs."""
        return posterior_of(fit, votes)

    def _tempering(self, balance: np.ndarray) -> float:
        """The power of the class balance under which it weighs at most half a vote."""
        odds = self.accuracy * (len(balance) - 1) / (1 - self.accuracy)
        spread = np.log(balance.max() / balance.min())
        return float(min(1.0, 0.5 * np.log(odds) / max(spread, 1e-12)))


def every_vote_alike(fit: LabelModelFit, votes: VoteMatrix) -> LabelModelFit:
    """The fit of another method with its sources' votes counted rather than weighed."""
    known = fit.accuracy[~votes.gold & np.isfinite(fit.accuracy)]
    usual = MajorityVote(accuracy=float(np.clip(np.mean([0.7, *known]), 0.55, 0.95)))
    counting = usual.fit(replace(votes, confidence=None, opinion=None, opinions=None))
    return replace(
        fit,
        class_score=counting.class_score,
        vote_score=counting.vote_score,
        abstain_score=counting.abstain_score,
        share=None,
        claim_score=None,
    )


def _counting(fit: LabelModelFit) -> LabelModelFit:
    """The fit with scores of 0 for all classes but the one voted for, so that ties are exact."""
    return replace(fit, vote_score=fit.vote_score - fit.vote_score.min(axis=2, keepdims=True))
