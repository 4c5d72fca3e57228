"""Partial votes: "not A", "A or B", an inner class of a hierarchy.

A partial vote for the classes S is a vote of which only so much is known: that it was for one of
S. Whatever a method thinks a source says of one class it so says of several,

    P(s votes in S | c) = sum over l in S of P(s votes l | c),

and a partial vote counts, in expectation maximisation, as one vote divided among S by what the
source would have said there. Where a source's votes count only in part (copies that share one
vote), the power is taken after the sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

Array = NDArray[np.float64]

GOLD_FORCE = 1000.0
"""What gold's partial vote weighs: no number of other votes outweighs what it rules out."""


def with_subsets(vote_score: Array, votes: VoteMatrix, share: Array | None) -> Array:
    """The scores of all labels, shape (sources, labels, classes), from those of whole votes.

    Args:
        vote_score: shape (sources, classes voted, classes), of classes or of kinds of them.
        votes: whose labels they are.
        share: how much of a vote each source's votes count, shape (sources,); None for all.
    """
    if votes.subsets is None:
        return vote_score
    power = _power(share, votes)
    scores = [vote_score]
    for subset in votes.subsets:
        together = power * np.logaddexp.reduce(vote_score[:, subset] / power, axis=1, keepdims=True)
        together[votes.gold] *= GOLD_FORCE
        scores.append(together)
    return np.concatenate(scores, axis=1)


def divided(voted: Array, scores: Array, votes: VoteMatrix, share: Array | None) -> Array:
    """Counts of all labels as counts of classes voted for, partial votes divided among theirs.

    Args:
        voted: shape (sources, labels, classes).
        scores: of the acts, shape as `voted`; what is added to all labels of a class is no matter.
        votes: whose labels they are.
        share: as in `with_subsets`.
    """
    if votes.subsets is None:
        return voted
    power = _power(share, votes)
    whole = voted[:, : votes.classes].copy()
    for place, subset in enumerate(votes.subsets):
        alike = scores[:, np.flatnonzero(subset)] / power
        part = np.exp(alike - alike.max(axis=1, keepdims=True))
        part /= part.sum(axis=1, keepdims=True)
        whole[:, subset] += part * voted[:, votes.classes + place, None]
    return whole


def whole_votes(votes: VoteMatrix) -> VoteMatrix:
    """The votes without the partial ones, for methods that learn nothing from these."""
    return votes if votes.subsets is None else votes.only(votes.label < votes.classes)


def partial_votes(votes: VoteMatrix) -> VoteMatrix:
    """The partial votes alone."""
    return votes.only(votes.label >= votes.classes)


def _power(share: Array | None, votes: VoteMatrix) -> Array:
    return np.ones((votes.sources, 1, 1)) if share is None else share[:, None, None]
