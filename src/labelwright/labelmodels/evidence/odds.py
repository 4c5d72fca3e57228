"""Small functions of probabilities that the default label model is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CLOSEST_TO_CERTAIN = 1e-3
"""Accuracies stay so far from 0 and 1, where their log-odds would be infinite."""


def by_class(of_subtypes: Array, classes: int) -> Array:
    """Sums over the subtypes of each class, which are neighbours on the last axis."""
    apart = of_subtypes.reshape(*of_subtypes.shape[:-1], classes, of_subtypes.shape[-1] // classes)
    summed: Array = apart.sum(axis=-1)
    return summed


def class_scores(counts: Array, known: Array, share: float) -> Array:
    """The log score of each subtype before any vote, shape (subtypes,).

    Args:
        counts: how many units each subtype has, shape (subtypes,).
        known: the share that classes are known to have, shape (classes,).
        share: how much that is to count, 0 to 1.
    """
    kinds = len(counts) // len(known)
    more = np.maximum(counts, 0) + 1
    within = more / np.repeat(by_class(more, len(known)), kinds)
    scores: Array = np.log(within) + share * np.repeat(np.log(known), kinds)
    return scores


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
    """Rows with this diagonal whose rest is shared out in proportion to the rows of `shape`.

    Where classes have subtypes there are several rows a class, neighbours, and the diagonal is
    what they give to their class.
    """
    classes = shape.shape[1]
    one = np.repeat(np.eye(classes), len(shape) // classes, axis=0)
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
