"""Expectation maximisation, shared by the methods whose E-step is one additive pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.claims import claim_scores, log_prior, prior_claims
from labelwright.labelmodels.evidence.patterns import condensed
from labelwright.labelmodels.evidence.sampling import thinned
from labelwright.labelmodels.evidence.scoring import ScoreSums, expect
from labelwright.labelmodels.majority_vote import MajorityVote

Improve = Callable[[ScoreSums], tuple[LabelModelFit, float]]
"""The M-step: a tally -> the best fit for it, and the logarithm of that fit's prior."""

FULL_STEPS = 2
"""The last steps see every vote."""


def climb(votes: VoteMatrix, steps: int, prepare: Callable[[ScoreSums], Improve]) -> LabelModelFit:
    """The fit after these steps from majority vote; its history is the objective of each.

    On many units all steps but the last ones see a sample: they only have to come near. The
    history is that of the steps that saw all votes.

    Args:
        votes: to fit.
        steps: how many, at least one.
        prepare: makes the M-step, given the first look at the units.
    """
    votes = covered_part(condensed(votes))
    sample = thinned(votes)
    factor = votes.units / max(sample.units, 1)
    seen = expect(MajorityVote(confidences=False).fit(sample), sample)
    first = seen if sample is votes else seen * factor
    improve = prepare(first)
    prior = prior_claims(votes, first.claims)
    warming = 0 if sample is votes else max(0, steps - FULL_STEPS)
    tally, history = first, []
    for step in range(steps):
        fit, log_density = improve(tally)
        fit = replace(fit, claim_score=claim_scores(tally.claims, prior))
        if step < warming:
            tally = expect(fit, sample) * factor
        else:
            tally = expect(fit, votes)
            history.append(tally.log_likelihood + log_density + log_prior(fit.claim_score, prior))
    return replace(fit, history=tuple(history))


def covered_part(votes: VoteMatrix) -> VoteMatrix:
    """The units on which somebody voted, where they are the fewer ones; else all of them."""
    covered = votes.covered
    if 2 * np.count_nonzero(covered) >= votes.units:
        return votes
    return votes.on_marked(covered)
