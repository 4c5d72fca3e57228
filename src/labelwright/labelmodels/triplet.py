"""The triplet method: accuracies in closed form from the agreements of three sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.labelmodels.evidence.pairs import VotePairs, count_pairs
from labelwright.labelmodels.evidence.scoring import expect, is_gold, posterior_of
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.priors.coins import coin_fit
from labelwright.labelmodels.priors.priors import believed, stated_balance, usual_accuracy
from labelwright.labelmodels.settings import at_least

Array = NDArray[np.float64]

PARTNERS = 40
"""With how many others a source is compared: those with which it shares most units."""
LEAST_MOMENT = 0.02
"""Triplets in whose denominator less stands say nothing: it would blow up the noise."""


@dataclass(frozen=True, slots=True)
class Triplet:
    """Accuracies without iteration: any three independent sources give each other away.

    Model: one-coin sources that err independently given the class, of K classes; source s is
    right with probability a_s where it votes, which it does independently of the class. Let
    b_s = (K a_s - 1) / (K - 1), which is 0 for guessing and 1 for always right. The chance that
    two sources agree where both vote, A_ij, then gives

        M_ij = (K A_ij - 1) / (K - 1) = b_i b_j,

    whatever the class balance (with K = 2 this is E[lambda_i lambda_j] of the paper), and so

        b_i^2 = M_ij M_ik / M_jk                                    (the paper's equation 4).

    Of the triplets of i, whose noise is very different, the median counts. The sign is not
    identified; each source is taken to be better than guessing, as in the paper. Sources with
    few votes are drawn towards what majority vote finds for all, and sources without two
    partners take that. Posterior: log odds of the accuracies, with the class balance if it is
    given, else uniform. One pass over the votes to fit.

    A vote's own confidence is not read.

    Attributes:
        strength: how many votes the prior of every source's accuracy is worth.
        class_balance: the share of every class where it is known, or "gold" for that of the gold
            answers, if they are a random sample; uniform if None.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        D. Y. Fu, M. F. Chen, F. Sala, S. M. Hooper, K. Fatahalian, C. Re. Fast and Three-rious:
        Speeding Up Weak Supervision with Triplet Methods. ICML, PMLR 119, 2020.
        DOI 10.48550/arXiv.2002.11955.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, 0]] * 20)
        >>> Triplet().fit(votes).accuracy.argmin()
        np.int64(2)
    """

    strength: float = 4.0
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        at_least("triplet", "strength", self.strength, 0)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The accuracy of every source from its triplets.

        Raises:
            VotesError: too many sources for a table of pairs.
        """
        known = stated_balance(self.class_balance, votes)
        balance = np.full(votes.classes, 1 / votes.classes) if known is None else known
        tally = expect(MajorityVote(confidences=False).fit(votes), votes)
        usual = usual_accuracy(votes, tally)
        found = self._from_triplets(count_pairs(votes), votes)
        count = np.where(np.isnan(found), 0.0, tally.count)
        mass = self.strength + believed(votes) + 1e-6
        accuracy = (np.nan_to_num(found) * count + usual * mass) / (count + mass)
        return coin_fit("triplet", votes, accuracy, balance, np.log(balance))

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Bayes' rule with the accuracies."""
        return posterior_of(fit, votes)

    def _from_triplets(self, pairs: VotePairs, votes: VoteMatrix) -> Array:
        """The accuracy of every source, NaN where no triplet tells."""
        classes = votes.classes
        agreement = np.divide(pairs.agree, pairs.both, out=np.full_like(pairs.both, np.nan),
                              where=pairs.both > 0)  # fmt: skip
        moment = (classes * agreement - 1) / (classes - 1)
        shared = pairs.both * ~np.eye(votes.sources, dtype=bool)
        shared[is_gold(votes)] = 0
        shared[:, is_gold(votes)] = 0
        accuracy = np.full(votes.sources, np.nan)
        for source in range(votes.sources):
            # Ties in the number of shared units are all in or all out, so that order is no matter.
            least = np.sort(shared[source])[::-1][:PARTNERS][-1]
            partners = np.flatnonzero(shared[source] >= max(least, 1e-9))
            square = _median_square(moment[source, partners], moment[np.ix_(partners, partners)])
            accuracy[source] = (np.sqrt(square) * (classes - 1) + 1) / classes
        return np.clip(accuracy, 1 / classes, 0.995)


def _median_square(mine: Array, theirs: Array) -> float:
    """The median of M_ij M_ik / M_jk over the pairs of partners; NaN if there is none."""
    first, second = np.triu_indices(len(mine), k=1)
    below = theirs[first, second]
    tells = np.abs(below) >= LEAST_MOMENT
    if not tells.any():
        return np.nan
    squares = np.abs(mine[first] * mine[second])[tells] / np.abs(below[tells])
    return float(np.clip(np.median(squares), 0, 1))
