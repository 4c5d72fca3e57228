"""What answers would teach about the sources that vote."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.queue.value import lesson, pair_doubt

JUDGEMENT = 5
"""A look at so many hits answers whether a rule is useful."""


def lessons_of_sources(
    votes: VoteMatrix,
    accuracy: NDArray[np.float64],
    probability: NDArray[np.float64],
    verified: NDArray[np.bool_],
    *,
    answers: int = 1,
) -> NDArray[np.float64]:
    """What checking so many votes of each source is worth, in labels put right, (sources,).

    Args:
        votes: of all sources.
        accuracy: of each source as estimated, shape (sources,).
        probability: what is believed of the units, shape (units, classes).
        verified: units whose label somebody trusted has given, shape (units,).
        answers: how many votes are checked at once.
    """
    unit, source = votes.unit[votes.voted], votes.source[votes.voted]
    checked = np.bincount(source[verified[unit]], minlength=votes.sources)
    doubt = np.where(verified, 0.0, pair_doubt(probability))
    unsure = np.bincount(source, doubt[unit], minlength=votes.sources)
    return lesson(accuracy, checked, unsure, answers=answers)


def lessons_of_units(votes: VoteMatrix, of_source: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a sure answer on each unit teaches about all that voted there, shape (units,)."""
    unit, source = votes.unit[votes.voted], votes.source[votes.voted]
    found: NDArray[np.float64] = np.bincount(unit, of_source[source], minlength=votes.units).astype(
        np.float64
    )
    return found
