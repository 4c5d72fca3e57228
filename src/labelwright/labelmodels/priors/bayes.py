"""Variational factors of confusion rows, shared by the Bayesian methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.evidence.scoring import ScoreSums, is_gold
from labelwright.labelmodels.priors.coins import coin_confusion
from labelwright.labelmodels.priors.priors import PseudoVotes, choosers

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """What is believed of every confusion row, after counting.

    Attributes:
        vote_score: E[log theta] of every vote, shape (sources, classes voted, latent classes).
        silence_score: E[log theta] of silence, 0 where it is not heard, shape (sources, latent
            classes).
        voted: votes and pseudo-votes together, shape as `vote_score`.
        divergence: KL of all factors from their priors; gold, which is known, left out.
    """

    vote_score: Array
    silence_score: Array
    voted: Array
    divergence: float


def row_factors(votes: VoteMatrix, tally: ScoreSums, prior: PseudoVotes, silence: float) -> Factors:
    """The Dirichlet factors of all rows, given the expected counts.

    Args:
        votes: whose sources they are.
        tally: expected counts by latent class; each belongs to one class, and the latent
            classes of a class are neighbours.
        prior: pseudo-votes of the same shapes.
        silence: how much of a vote a chooser's silence counts.
    """
    heard = (choosers(votes) & (tally.count > 0))[:, None] & (silence > 0)
    quiet = np.where(heard, prior.silent, np.nan)
    before = np.concatenate([quiet[:, None], prior.voted], axis=1)
    counts = np.concatenate([silence * tally.silent[:, None], tally.voted], axis=1)
    acts, apart = dirichlet(before, before + counts, axis=1)
    gold = is_gold(votes)
    known = np.log(coin_confusion(np.array([GOLD_ACCURACY]), votes.classes))
    kinds_of_class = before.shape[2] // votes.classes
    acts[gold, 1:] = np.repeat(known, kinds_of_class, axis=2)
    return Factors(
        vote_score=acts[:, 1:],
        silence_score=silence * np.nan_to_num(acts[:, 0]),
        voted=before[:, 1:] + counts[:, 1:],
        divergence=float(apart[~gold].sum()),
    )


def dirichlet(before: Array, after: Array, axis: int) -> tuple[Array, Array]:
    """E[log theta] under Dirichlet(after), and its KL divergence from Dirichlet(before).

    Entries that are NaN are no part of the distribution.
    """
    from scipy.special import digamma, gammaln

    whole, whole_before = np.nansum(after, axis=axis), np.nansum(before, axis=axis)
    expected: Array = digamma(after) - np.expand_dims(digamma(whole), axis)
    apart = np.nansum(gammaln(before) - gammaln(after) + (after - before) * expected, axis=axis)
    return expected, apart + gammaln(whole) - gammaln(whole_before)
