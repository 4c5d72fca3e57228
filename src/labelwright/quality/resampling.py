"""Samples of units: fewer of them, or the same ones weighed anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix


def some_units(
    votes: VoteMatrix, most: int, rng: np.random.Generator
) -> tuple[VoteMatrix, NDArray[np.int64]]:
    """At most so many units drawn at random, with their votes, and which ones they are."""
    if votes.units <= most:
        return votes, np.arange(votes.units)
    chosen = np.sort(rng.choice(votes.units, most, replace=False))
    drawn = np.zeros(votes.units, bool)
    drawn[chosen] = True
    return votes.on_marked(drawn), chosen


def reweighed(votes: VoteMatrix, rng: np.random.Generator) -> VoteMatrix:
    """The same votes, every unit counting by a random weight of mean one: one bootstrap sample.

    The weights are exponential, which makes it the Bayesian bootstrap: its spread is that of
    drawing units with replacement, yet no unit is ever lost.

    Reference:
        D. B. Rubin: The Bayesian Bootstrap. Annals of Statistics 9(1), 1981.
        https://doi.org/10.1214/aos/1176345338
    """
    drawn = rng.standard_exponential(votes.units)
    # Zero has no probability, but rounding may give it, and weights are positive.
    return replace(votes, weight=votes.weights() * np.maximum(drawn, 1e-9))
