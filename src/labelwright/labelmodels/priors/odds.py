"""Small functions of probabilities that the default label model is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CLOSEST_TO_CERTAIN = 1e-3
"""Accuracies stay so far from 0 and 1, where their log-odds would be infinite."""


def frequency(voted: Array, balance: Array, share: Array) -> Array:
    """The log of how often each source votes each label, times its share, (sources, labels, 1).

    With it the score of a vote is a likelihood, as partial votes need, which add likelihoods up.
    """
    count = voted.sum(axis=2) + balance
    often: Array = share[:, None] * np.log(count / count.sum(axis=1, keepdims=True))
    return often[:, :, None]


def shared_scores(scores: Array | None, share: Array) -> Array | None:
    """Scores times what share of a vote each source has; None of none."""
    return None if scores is None else scores * share[:, None, None]


def spread(diagonal: Array, shape: Array) -> Array:
    """Rows with this diagonal whose rest is shared out in proportion to the rows of `shape`."""
    one = np.eye(len(shape))
    rest = normalised_rows(shape * (1 - one) + 1e-12 * (1 - one))
    return diagonal * one + (1 - diagonal) * rest


def coins(accuracy: Array, classes: int) -> Array:
    """The confusion of sources that are right with this probability, else vote at random."""
    one = np.eye(classes)
    share = accuracy[:, None, None]
    return one * share + (1 - one) * (1 - share) / max(classes - 1, 1)


def gain(probability: Array, balance: Array, share: Array) -> Array:
    """What is learnt beyond the class balance, in nats, times each source's share."""
    shape = (-1,) + (1,) * (probability.ndim - 1)
    gain: Array = share.reshape(shape) * (np.log(probability) - np.log(balance))
    return gain


def normalised_rows(counts: Array) -> Array:
    """Rows that sum to 1, or to 0 where all is 0."""
    rows: Array = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1e-300)
    return rows


def inside(probability: Array) -> Array:
    """Probabilities that are not quite 0 or 1."""
    return np.clip(probability, CLOSEST_TO_CERTAIN, 1 - CLOSEST_TO_CERTAIN)


def logit(probability: Array | NDArray[np.float64]) -> Array:
    """Log-odds."""
    within = inside(probability)
    odds: Array = np.log(within / (1 - within))
    return odds
