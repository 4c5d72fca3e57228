"""What the votes of sources that choose where to vote are worth: their precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.labelmodels.evidence.odds import inside, logit, spread

Array = NDArray[np.float64]

POOL_MASS = 20.0
"""Votes after which all sources of a kind together say more than what is usually so."""
OWN_MASS = 5.0
"""Prior votes of a source whose every vote is judged by others."""
LEAST_GAIN = 0.6
"""In log-odds: no vote speaks against its own class, however frequent that is."""


def precisions(
    voted: Array,
    said: Array,
    balance: Array,
    unjudged: Array,
    *,
    usual: float,
    restraint: float,
    belief: float,
) -> Array:
    """P(class | the source voted l), shape (sources, l, classes).

    Args:
        voted: units by what was voted and by class, in expectation, shape (sources, l, classes).
        said: what owners say of the accuracies, NaN if nothing, shape (sources,).
        balance: share of every class, shape (classes,).
        unjudged: how many votes for l nobody else judges, shape (sources, l).
        usual: accuracy of a source of which nothing is known.
        restraint: prior votes for each vote that nobody judges.
        belief: prior votes that an owner's word is worth.
    """
    count, right = voted.sum(), np.trace(voted, axis1=1, axis2=2).sum()
    pooled = (right + POOL_MASS * usual) / (count + POOL_MASS)
    least = 1 / (1 + np.exp(-logit(balance) - LEAST_GAIN))
    stated = ~np.isnan(said)[:, None]
    accuracy = np.where(stated, said[:, None], np.maximum(pooled, least))
    mass = (np.where(stated, belief, OWN_MASS) + restraint * unjudged)[:, :, None]
    prior = spread(inside(accuracy)[:, :, None], np.broadcast_to(balance, voted.shape[1:]))
    precision: Array = (voted + mass * prior) / (voted.sum(axis=2, keepdims=True) + mass)
    return precision


def agreements(voted: Array, said: Array, usual: float) -> Array:
    """How often each source agrees with the posterior, shape (sources,); NaN if it is mute.

    Restrained less than its precision: this is what people are told, not what votes weigh.
    """
    count, right = voted.sum(axis=(1, 2)), np.trace(voted, axis1=1, axis2=2)
    believed = np.where(np.isnan(said), usual, said)
    return np.where(count > 0, (right + OWN_MASS * believed) / (count + OWN_MASS), np.nan)
