"""How often each two sources voted on the same unit, and how often they said the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.scoring import act_matrices, score_table, shards

Array = NDArray[np.float64]

MOST_SOURCES = 5_000
"""A table of all pairs of more sources would need more memory than most machines have."""


@dataclass(frozen=True, slots=True, eq=False)
class VotePairs:
    """Counts of units, by pair of sources. Both shapes (sources, sources), symmetric.

    Attributes:
        both: on how many units both voted.
        agree: on how many of these they said the same.
    """

    both: Array
    agree: Array


def count_pairs(votes: VoteMatrix) -> VotePairs:
    """The counts of all pairs, weighted, summed over shards of units; whole votes only.

    Raises:
        VotesError: there are too many sources for a table of all pairs.
    """
    sources, width = votes.sources, votes.labels + 1
    if sources > MOST_SOURCES:
        raise VotesError(
            f"{sources} sources have too many pairs for this method, which takes at most "
            f"{MOST_SOURCES}; use dawid_skene or weighted_majority"
        )
    from scipy import sparse

    both, agree = np.zeros((sources, sources)), np.zeros((sources, sources))
    for units, acts in act_matrices(votes):
        mass = np.ones(acts.shape[0]) if votes.weight is None else votes.weight[units]
        weighing = sparse.diags_array(np.sqrt(mass))
        by_label = [weighing @ acts[:, label::width] for label in range(1, votes.classes + 1)]
        voted = sum(by_label[1:], start=by_label[0])
        both += (voted.T @ voted).toarray()
        for said in by_label:
            agree += (said.T @ said).toarray()
    return VotePairs(both, agree)


def excess_agreement(votes: VoteMatrix, fit: LabelModelFit) -> Array:
    """By how many standard errors each two sources agree more often than independent ones would.

    Args:
        votes: of both.
        fit: of one-coin sources, additive: with their accuracies it says what to expect.

    Raises:
        VotesError: there are too many sources for a table of all pairs.
    """
    from scipy import sparse

    pairs = count_pairs(votes)
    width = votes.labels + 1
    # For every pair, the mass of the units on which the second one's vote is right.
    right = np.zeros_like(pairs.both)
    for shard in shards(votes, *score_table(fit, votes)):
        said = [shard.votes[:, label::width] for label in range(1, votes.classes + 1)]
        mass = shard.mass(votes)
        correct = sum(
            sparse.diags_array(mass * of_class) @ votes_for
            for of_class, votes_for in zip(shard.probability, said, strict=True)
        )
        right += (sum(said[1:], start=said[0]).T @ correct).toarray()
    accuracy = np.nan_to_num(fit.accuracy, nan=0.5)[:, None]
    hit = accuracy * right + (1 - accuracy) / (votes.classes - 1) * (pairs.both - right)
    expected = (hit + hit.T) / 2
    chance = np.divide(expected, pairs.both, out=np.zeros_like(expected), where=pairs.both > 0)
    spread = np.sqrt(pairs.both * chance * (1 - chance))
    return np.divide(pairs.agree - expected, spread, out=np.zeros_like(spread), where=spread > 1e-9)
