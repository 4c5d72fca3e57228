"""How much a source's own votes count against those of its kind, learnt from how sources differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.labelmodels.priors.gamma import digamma, log_gamma

Array = NDArray[np.float64]

STRENGTHS = 2.0 ** np.arange(7)
"""Prior votes per class that are weighed against each other."""
USUAL_STRENGTH, SPREAD = 4.0, 4.0
"""Before any votes the strength is believed to be 4, give or take a factor of 4."""
LEARNT_FROM = 1 << 18
"""So many cells of confusions, of the sources with most votes, are enough to learn it."""


def learnt_strength(counts: Array, shape: Array, least: float) -> float:
    """The number of prior votes per class that explains best how confusions differ.

    Every row of votes is Dirichlet-multinomial with the prior `strength` x `shape` + `least`. The
    strength is the mean, on a log scale, of its posterior on `STRENGTHS`: large where sources are
    alike, small where each has its own habits.

    Args:
        counts: of votes given the class, shape (sources, classes, voted).
        shape: the mean of the prior, rows sum to 1, same shape.
        least: prior votes that every cell has besides.

    Reference:
        T. P. Minka. Estimating a Dirichlet distribution. Technical report, MIT, 2000.
        H. Robbins. An Empirical Bayes Approach to Statistics. Proc. Third Berkeley Symposium 1,
        1956, for learning a prior from many alike.
    """
    most = max(1, LEARNT_FROM // (counts.shape[1] * counts.shape[2]))
    if len(counts) > most:
        chosen = np.argsort(-counts.sum(axis=(1, 2)), kind="stable")[:most]
        counts, shape = counts[chosen], shape[chosen]
    total = counts.sum(axis=2)
    evidence = -0.5 * (np.log(STRENGTHS / USUAL_STRENGTH) / np.log(SPREAD)) ** 2
    for place, strength in enumerate(STRENGTHS):
        prior = strength * shape + least
        whole = prior.sum(axis=2)
        rows = (log_gamma(prior + counts) - log_gamma(prior)).sum(axis=2)
        evidence[place] += (rows - log_gamma(whole + total) + log_gamma(whole)).sum()
    share = np.exp(evidence - evidence.max())
    return float(np.exp(share @ np.log(STRENGTHS) / share.sum()))


def expected_log(counts: Array) -> Array:
    """E[log theta] under Dirichlet(counts), last axis, but bounded below one count.

    There the digamma falls like -1 / count, which is doubt about the logarithm and no evidence:
    with many classes one unusual vote would decide.
    """
    seen = np.maximum(counts, 1)
    logs: Array = np.log(counts) + digamma(seen) - np.log(seen)
    logs -= digamma(counts.sum(axis=-1, keepdims=True))
    return logs
