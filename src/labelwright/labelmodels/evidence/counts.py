"""What the default label model counts besides the votes themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.sampling import stretches
from labelwright.labelmodels.evidence.scoring import (
    Array,
    ScoreSums,
    Split,
    choosing,
    expect,
    is_gold,
)
from labelwright.labelmodels.evidence.shard_sums import Total

UNJUDGED = 1 / 3
"""What another vote on the same unit leaves of a vote as confirmed by nothing but itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Census(Total):
    """How many votes there are, and units that have some; of functions, and of people.

    Attributes:
        votes: weighted by their units, shape (2,).
        units: that have any of them, weighted, shape (2,).
        cast: how many votes each source cast, shape (sources,).
        gold: how many whole votes of gold there are for each class, weighted, but on units that
            were picked out for it, shape (classes,).
    """

    votes: Array
    units: Array
    cast: Array
    gold: Array

    by_source: ClassVar[Mapping[str, int]] = {"cast": 1}

    @classmethod
    def of(cls, votes: VoteMatrix) -> Census:
        """The census of these units."""
        chooses, said = choosing(votes), ~is_gold(votes)
        if votes.weight is None and (chooses.all() or not chooses.any()) and said.all():
            both = np.array([votes.vote_count.sum(), np.count_nonzero(votes.covered)], np.float64)
            number, units = both[:, None] * (np.array([1, 0]) if chooses.any() else [0, 1])
            nothing = np.zeros(votes.classes)
            return cls(number, units, votes.vote_count.astype(np.float64), nothing)
        weight = votes.weights()
        counted = []
        for alike in (chooses & said, ~chooses & said):
            per_unit = np.zeros(votes.units, np.int64)
            if alike.any():
                per_unit = np.bincount(
                    votes.unit[alike[votes.source] & votes.voted], minlength=votes.units
                )
            counted.append((per_unit @ weight, weight[per_unit > 0].sum()))
        number, units = np.array(counted, np.float64).T
        rows = np.flatnonzero(votes.gold[votes.source]) if votes.gold.any() else np.zeros(0, int)
        rows = rows[votes.voted[rows] & (votes.label[rows] < votes.classes)]
        rows = rows[~votes.was_picked()[votes.unit[rows]]]
        gold = np.bincount(votes.label[rows], weight[votes.unit[rows]], votes.classes)
        return cls(number, units, votes.vote_count.astype(np.float64), gold.astype(np.float64))

    def design_effect(self, correlation: float) -> float:
        """By how much votes count less than if they erred independently; at least 1."""
        there = self.units > 0
        if not there.any():
            return 1.0
        votes = self.votes[there]
        independent = votes / (1 + correlation * (votes / self.units[there] - 1))
        return max(1.0, float(votes.sum() / independent.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Unjudged(Total):
    """How many votes for each class nobody else judges.

    Alone on its unit a vote counts 1; every other vote there, as far as it is discounted no copy,
    leaves a third of that.

    Attributes:
        votes: shape (sources, classes).
    """

    votes: Array

    by_source: ClassVar[Mapping[str, int]] = {"votes": 1}

    @classmethod
    def of(cls, discounts: Array, votes: VoteMatrix) -> Unjudged:
        """Those on these units."""
        unit, source = votes.unit[votes.voted], votes.source[votes.voted]
        judges = np.bincount(unit, discounts[source], votes.units)[unit] - discounts[source]
        share = votes.weights()[unit] * UNJUDGED**judges
        # Partial votes judge, but say too little to be counted for a class.
        label = votes.label[votes.voted]
        whole = label < votes.classes
        act = source[whole] * np.int64(votes.classes) + label[whole]
        shape = votes.sources, votes.classes
        counts = np.bincount(act, share[whole], shape[0] * shape[1]).astype(np.float64, copy=False)
        return cls(counts.reshape(shape))


def expect_verified(fit: LabelModelFit, votes: VoteMatrix) -> ScoreSums:
    """What units say that gold knows and was not picked for; nothing without functions."""
    gold = is_gold(votes)
    known = np.zeros(votes.units, bool)
    if gold.any() and choosing(votes).any():
        known[votes.unit[votes.voted & gold[votes.source]]] = True
        known &= ~votes.was_picked()
    unit = np.flatnonzero(known)
    some = stretches(votes, unit, unit + 1)
    return expect(fit, replace(some, confidence=None, opinion=None, opinions=None))


def expect_judged(
    fit: LabelModelFit,
    judged: NDArray[np.bool_],
    votes: VoteMatrix,
    split: Split | None = None,
) -> ScoreSums:
    """What the units say by the votes of these sources alone."""
    return expect(fit, votes if judged.all() else votes.only(judged[votes.source]), split)
