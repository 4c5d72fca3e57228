"""Expectation maximisation, shared by the methods whose E-step is one additive pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.claims import claim_scores, log_prior, prior_claims
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.scoring import Tally, expect

Improve = Callable[[Tally], tuple[LabelModelFit, float]]
"""The M-step: a tally -> the best fit for it, and the logarithm of that fit's prior."""

SAMPLE_UNITS = 1 << 17
"""Votes on many more units than these are first climbed on about so many."""
SAMPLE_SHARE = 16
"""But on no less than this part of them, 1 in 16."""
FULL_STEPS = 2
"""The last steps see every vote."""
BLOCK_UNITS = 512
"""The sample is blocks of neighbours, so that taking it copies slices."""


def climb(votes: VoteMatrix, steps: int, prepare: Callable[[Tally], Improve]) -> LabelModelFit:
    """The fit after these steps from majority vote; its history is the objective of each.

    On many units all steps but the last ones see a sample: they only have to come near. The
    history is that of the steps that saw all votes.

    Args:
        votes: to fit.
        steps: how many, at least one.
        prepare: makes the M-step, given the first look at the units.
    """
    votes = covered_part(votes)
    first = expect(MajorityVote(confidences=False).fit(votes), votes)
    improve = prepare(first)
    prior = prior_claims(votes, first.claims)
    sample = thinned(votes)
    warming = 0 if sample is votes else max(0, steps - FULL_STEPS)
    tally, history = first, []
    for step in range(steps):
        fit, log_density = improve(tally)
        fit = replace(fit, claim_score=claim_scores(tally.claims, prior))
        if step < warming:
            seen = expect(fit, sample)
            tally = scaled(seen, first.classes.sum() / max(seen.classes.sum(), 1))
        else:
            tally = expect(fit, votes)
            history.append(tally.log_likelihood + log_density + log_prior(fit.claim_score, prior))
    return replace(fit, history=tuple(history))


def covered_part(votes: VoteMatrix) -> VoteMatrix:
    """The units on which somebody voted, where they are the fewer ones; else all of them."""
    covered = votes.covered
    if 2 * np.count_nonzero(covered) >= votes.units:
        return votes
    row = covered[votes.unit]
    place = np.cumsum(covered, dtype=np.int32) - np.int32(1)
    return replace(
        votes.only(row),
        unit=place[votes.unit[row]],
        units=int(np.count_nonzero(covered)),
        weight=None if votes.weight is None else votes.weight[covered],
    )


def scaled(tally: Tally, factor: float) -> Tally:
    """What so many times as many units would say."""
    return Tally(
        tally.voted * factor,
        tally.silent * factor,
        tally.classes * factor,
        tally.log_likelihood * factor,
        None if tally.claims is None else tally.claims * factor,
    )


def thinned(votes: VoteMatrix) -> VoteMatrix:
    """Some of the units, evenly spread, with their votes; all of them where they are few."""
    keep = max(SAMPLE_UNITS, votes.units // SAMPLE_SHARE)
    stride = votes.units // keep * BLOCK_UNITS
    if stride <= BLOCK_UNITS:
        return votes
    starts = np.arange(0, votes.units - BLOCK_UNITS, stride)
    rows = [np.arange(*votes.start[[first, first + BLOCK_UNITS]]) for first in starts]
    shift = starts - np.arange(len(starts)) * BLOCK_UNITS
    pick = [np.arange(first, first + BLOCK_UNITS) for first in starts]
    some = votes.only(np.concatenate(rows))
    return replace(
        some,
        unit=some.unit - np.repeat(shift, [len(row) for row in rows]).astype(np.int32),
        units=len(starts) * BLOCK_UNITS,
        weight=None if votes.weight is None else votes.weight[np.concatenate(pick)],
    )
