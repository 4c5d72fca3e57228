"""Enhanced Bayesian classifier combination: annotators who err together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.climbing import covered_part
from labelwright.labelmodels.evidence.partial import with_subsets
from labelwright.labelmodels.evidence.scoring import (
    ScoreSums,
    expect,
    is_gold,
    posterior_of,
    score_table,
    tally_of,
)
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.priors.bayes import Factors, dirichlet, row_factors
from labelwright.labelmodels.priors.coins import coin_confusion, with_gold
from labelwright.labelmodels.priors.priors import (
    PseudoVotes,
    choosers,
    pseudo_votes,
    stated_balance,
)
from labelwright.labelmodels.settings import at_least, checked, whole

Array = NDArray[np.float64]

UNRULY = 0.3
"""How far, in log-odds, the subtypes stand apart at the start."""


@dataclass(frozen=True, slots=True)
class EBCC:
    """Confusion matrices per subtype of every class, by variational Bayes.

    Model: items of one class are of several sorts, such as easy and misleading ones, and on a
    misleading one all annotators err alike. A unit's class t is drawn from p, its subtype z
    from tau[t], and annotator s votes l with probability theta[s, t, z, l]; given class and
    subtype they are independent, given the class alone they are not. With few subtypes this is
    a low-rank model of all correlations at once. p, tau[t] and the rows of theta have Dirichlet
    priors; coordinate ascent on the evidence's lower bound, which never falls, with factors

        q_u(t, z) ~ exp(E[log p_t] + E[log tau_tz] + sum_s E[log theta[s, t, z, l_us]])

    and those of the parameters as in :class:`IBCC`, per subtype. A subtype's rows start from
    the prior of its class.

    The subtypes start apart at random, from the `seed`; which of them is which has no meaning.

    A vote's own confidence is not read.

    Attributes:
        subtypes: of every class.
        steps: of coordinate ascent.
        strength: how many votes the prior of every row is worth.
        own: how many it is worth besides for every vote that a function cast itself.
        silence: how much of a vote a function's silence counts, 0 to 1.
        seed: of the start.
        class_balance: as of :class:`IBCC`.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        Y. Li, B. Rubinstein, T. Cohn. Exploiting Worker Correlation for Label Aggregation in
        Crowdsourcing. ICML, PMLR 97, 2019, https://proceedings.mlr.press/v97/li19i.html (it has
        no DOI). Model in section 4, updates in 4.2.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, 1, -1]])
        >>> model = EBCC()
        >>> model.posterior(model.fit(votes), votes).label.tolist()
        [0, 1, 0, 1]
    """

    subtypes: int = 3
    steps: int = 30
    strength: float = 4.0
    own: float = 1.0
    silence: float = 0.25
    seed: int = 0
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        whole("ebcc", "subtypes", self.subtypes, 1)
        whole("ebcc", "steps", self.steps, 1)
        whole("ebcc", "seed", self.seed, 0)
        at_least("ebcc", "strength", self.strength, 0)
        at_least("ebcc", "own", self.own, 0)
        checked("ebcc", "silence", self.silence, "0 to 1", ok=0 <= self.silence <= 1)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The variational posterior of all rows, of the subtypes and of the class balance."""
        known = stated_balance(self.class_balance, votes)
        votes = covered_part(votes)
        start = MajorityVote(confidences=False).fit(votes)
        first = expect(start, votes)
        by_class = pseudo_votes(
            votes, first, known, strength=self.strength, own=self.own, silence=self.silence
        )
        # Functions that vote alike would else find in every subtype a reason to do so.
        parts = np.where(choosers(votes), self.subtypes, 1)[:, None, None]
        prior = PseudoVotes(
            voted=np.repeat(by_class.voted, self.subtypes, axis=2) / parts,
            silent=np.repeat(by_class.silent, self.subtypes, axis=1) / self.subtypes,
            classes=by_class.classes,
        )
        tally = self._first_tally(start, votes)
        history = []
        for _ in range(self.steps):
            factors = row_factors(votes, tally, prior, self.silence)
            base, apart = self._class_factors(tally, prior, known)
            latent = _latent_table(votes, factors)
            tally = tally_of(votes, base + latent[0], latent[1])
            history.append(tally.log_likelihood - factors.divergence - apart)
        return replace(self._summary(votes, tally, factors, base, known), history=tuple(history))

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """One update of classes and subtypes given the fitted factors, summed over subtypes."""
        return posterior_of(fit, votes)

    def _first_tally(self, start: LabelModelFit, votes: VoteMatrix) -> ScoreSums:
        """Majority vote's, each class divided among subtypes that lean to other votes."""
        base, table = score_table(start, votes)
        rng = np.random.default_rng(self.seed)
        lean = rng.normal(0, UNRULY, (len(table), votes.classes, self.subtypes))
        lean -= lean.mean(axis=2, keepdims=True)
        lean *= np.tile(np.arange(votes.labels + 1) > 0, votes.sources)[:, None, None]
        apart = np.repeat(table[:, :, None], self.subtypes, axis=2) + lean
        latent = votes.classes * self.subtypes
        return tally_of(votes, np.repeat(base, self.subtypes), apart.reshape(-1, latent))

    def _class_factors(
        self, tally: ScoreSums, prior: PseudoVotes, known: Array | None
    ) -> tuple[Array, float]:
        """E[log p_t] + E[log tau_tz] of every latent class, and their divergence."""
        count = tally.classes.reshape(-1, self.subtypes)
        of_class, apart = dirichlet(prior.classes, prior.classes + count.sum(axis=1), axis=0)
        if known is not None:
            of_class, apart = np.log(known), np.zeros(())
        flat = np.ones_like(count)
        of_subtype, apart_within = dirichlet(flat, flat + count, axis=1)
        base = (of_class[:, None] + of_subtype).ravel()
        return base, float(apart) + float(apart_within.sum())

    def _summary(
        self,
        votes: VoteMatrix,
        tally: ScoreSums,
        factors: Factors,
        base: Array,
        known: Array | None,
    ) -> LabelModelFit:
        """The fit: its scores are of subtypes, its balance and confusions of classes."""
        shape = (votes.sources, votes.classes, votes.classes, self.subtypes)
        voted = factors.voted.reshape(shape).sum(axis=3)
        confusion = voted.transpose(0, 2, 1) / voted.sum(axis=1)[:, :, None]
        gold = is_gold(votes)
        confusion[gold] = coin_confusion(np.array([GOLD_ACCURACY]), votes.classes)
        frequent = tally.classes.reshape(-1, self.subtypes).sum(axis=1) + 1
        right = np.trace(voted, axis1=1, axis2=2) / voted.sum(axis=(1, 2))
        balance = frequent / frequent.sum() if known is None else known
        return LabelModelFit(
            model="ebcc",
            class_prior=balance,
            confusion=confusion,
            accuracy=np.where(tally.count > 0, with_gold(votes, right), np.nan),
            class_score=base,
            vote_score=factors.vote_score,
            abstain_score=factors.silence_score,
        )


def _latent_table(votes: VoteMatrix, factors: Factors) -> tuple[Array, Array]:
    """What silence of the complete sources adds to each latent class, and what acts add."""
    usual = np.where(votes.complete[:, None], factors.silence_score, 0.0)
    silence = factors.silence_score - usual
    voted = with_subsets(factors.vote_score, votes, None)
    table = np.concatenate([silence[:, None], voted - usual[:, None]], axis=1)
    return usual.sum(axis=0), table.reshape(-1, table.shape[2])
