"""What sources say of their own votes: confidences and distributions, each source calibrated.

A confidence is a claim, not a fact. It is cut into steps, and for every source and step the model
learns, with everything else, how often a right vote and how often a wrong one comes with such a
claim. A vote of source s for l at step b then adds, besides what the vote itself says,

    log P_s(b | the vote is right) if c is l (or, for a partial vote, in its set),
    log P_s(b | the vote is wrong) if not,

to the log score of class c. So a claim counts by what it has been worth: where a source is right
no more often when it is sure, its confidence adds the same to every class. In a distribution
every class but the first makes such a claim of its own, at steps of its own, about being the
right one.

Both are shares of claims under Dirichlet priors worth `STRENGTH` claims and `OWN` for every claim
of the source: how often claims at that step are right for all sources of the kind, by the first
look at the units, which in turn is drawn towards the claim itself, believed half way. Gold's
confidence is not read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

Array = NDArray[np.float64]
Index = NDArray[np.int64]

OF_VOTES = np.array([0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999])
"""Where the steps of a vote's confidence begin, but the first, which begins at 0."""
OF_OTHERS = np.array([0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4])
"""Likewise of the classes that a distribution does not put first."""
FIRST_OTHER = len(OF_VOTES) + 1
STEPS = FIRST_OTHER + len(OF_OTHERS) + 1
STRENGTH = 20.0
"""How many claims the prior of every source is worth."""
OWN = 0.5
"""How many it is worth besides for every claim of its own, since the same votes judge these."""
POOL_STRENGTH = 50.0
"""How many the claims themselves, believed half way, are worth against all sources of a kind."""
BELIEF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """What is claimed of some units.

    Attributes:
        cell: source * STEPS + step of each claim, shape (claims,).
        unit: which unit it is about, shape (claims,).
        claim: which claim each membership belongs to, shape (members,).
        member: unit * classes + class that the claim is about, shape (members,).
    """

    cell: Index
    unit: Index
    claim: Index
    member: Index

    def scores(self, claim_score: Array, units: int, classes: int) -> Array:
        """What the claims add to each class of each unit, shape (classes, units)."""
        wrong, right = claim_score.reshape(-1, 2).T
        gain = (right - wrong)[self.cell[self.claim]]
        scores: Array = np.bincount(self.member, gain, units * classes).astype(np.float64)
        whatever = np.bincount(self.unit, wrong[self.cell], units)
        return scores.reshape(units, classes).T + whatever

    def counts(self, probability: Array, mass: Array, sources: int) -> Array:
        """How many claims are wrong and right, in expectation, shape (sources, steps, 2).

        Args:
            probability: shape (classes, units).
            mass: how many observations each unit stands for, shape (units,).
            sources: how many there are.
        """
        right = np.bincount(self.claim, probability.T.ravel()[self.member], len(self.cell))
        weight = mass[self.unit]
        size = sources * STEPS
        hit = np.bincount(self.cell, weight * right, size)
        miss = np.bincount(self.cell, weight * (1 - right), size)
        both: Array = np.stack([miss, hit], axis=1).astype(np.float64)
        return both.reshape(sources, STEPS, 2)


def claims_on(votes: VoteMatrix, units: slice, rows: slice) -> Claims:
    """What is claimed of these units, whose votes these rows are."""
    if votes.confidence is None:
        nothing = np.empty(0, np.int64)
        return Claims(nothing, nothing, nothing, nothing)
    label, sure = votes.label[rows], votes.confidence[rows]
    heard = np.isfinite(sure) & votes.voted[rows] & ~votes.gold[votes.source[rows]]
    place = np.flatnonzero(heard)
    source = votes.source[rows][place].astype(np.int64)
    unit = votes.unit[rows][place].astype(np.int64) - units.start
    cell = source * STEPS + np.searchsorted(OF_VOTES, sure[place], side="right")
    claim, member = np.nonzero(votes.members[label[place]])
    member = unit[claim] * votes.classes + member
    if votes.opinion is None or votes.opinions is None:
        return Claims(cell, unit, claim, member)
    stated = np.flatnonzero(votes.opinion[rows][place] >= 0)
    chance = votes.opinions[votes.opinion[rows][place[stated]]]
    row, other = np.nonzero(~votes.members[label[place[stated]]])
    step = FIRST_OTHER + np.searchsorted(OF_OTHERS, chance[row, other], side="right")
    about = unit[stated][row]
    return Claims(
        np.concatenate([cell, source[stated][row] * STEPS + step]),
        np.concatenate([unit, about]),
        np.concatenate([claim, len(cell) + np.arange(len(row))]),
        np.concatenate([member, about * votes.classes + other]),
    )


def prior_claims(votes: VoteMatrix, first: Array | None) -> Array | None:
    """Wrong and right claims that each source is given before its own, shape as `first`.

    Args:
        votes: whose claims.
        first: wrong and right claims by the first look, shape (sources, steps, 2).
    """
    if first is None:
        return None
    prior = np.zeros_like(first)
    kinds = np.array([kind.value for kind in votes.kinds])
    for kind in set(kinds.tolist()):
        own = first[kinds == kind].sum(axis=2)
        pooled = first[kinds == kind].sum(axis=0)
        for family in (slice(FIRST_OTHER), slice(FIRST_OTHER, STEPS)):
            prior[kinds == kind, family] = _prior(own[:, family], pooled[family], _MIDDLE[family])
    return prior


def claim_scores(counts: Array | None, prior: Array | None) -> Array | None:
    """Log P(step | wrong, right) of every source, shape (sources, steps, 2)."""
    if counts is None or prior is None:
        return None
    total = counts + prior
    scores = np.empty_like(total)
    for family in (slice(FIRST_OTHER), slice(FIRST_OTHER, STEPS)):
        scores[:, family] = np.log(total[:, family] / total[:, family].sum(axis=1, keepdims=True))
    return scores


def log_prior(claim_score: Array | None, prior: Array | None) -> float:
    """The logarithm of the prior's density, but for a constant."""
    return 0.0 if claim_score is None or prior is None else float((prior * claim_score).sum())


def _prior(own: Array, pooled: Array, middle: Array) -> Array:
    """Shapes (sources, steps), (steps, 2), (steps,) -> (sources, steps, 2)."""
    worth = STRENGTH + OWN * own.sum(axis=1)
    often = own + pooled.sum(axis=1) * 1e-3 + 1e-2
    often = often / often.sum(axis=1, keepdims=True)
    usual = pooled.sum() and float((pooled.sum(axis=1) * middle).sum() / pooled.sum())
    half = BELIEF * middle + (1 - BELIEF) * usual
    chance = (pooled[:, 1] + POOL_STRENGTH * half) / (pooled.sum(axis=1) + POOL_STRENGTH)
    shares = np.stack([often * (1 - chance), often * chance], axis=2)
    return worth[:, None, None] * shares / shares.sum(axis=1, keepdims=True)


def _middles() -> Array:
    found = []
    for edges in (OF_VOTES, OF_OTHERS):
        ends = np.array([0.0, *edges, 1.0 if edges is OF_VOTES else 0.5])
        found.append((ends[1:] + ends[:-1]) / 2)
    return np.concatenate(found)


_MIDDLE = _middles()
