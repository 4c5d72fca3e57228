"""Of two classes, what the votes for one seem to be worth more than those for the other.

Votes of two classes meet in three ways, both for one, both for the other, one for each. That is
too few to tell how precise each label is, how frequent each class is, and how much votes gather
on the same units; from three classes on it is enough. So the difference between the mean worth of
the two labels is half believed: of people, unless the class balance is known or models, which
answer everything alike, say it; of functions, but not at all of those that vote for both. What
sources are worth against each other is left alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.scoring import Array, ScoreSums, answering, choosing, models

KEPT = 0.5
"""What is kept of the difference."""
ONE_SIDED = 0.02
"""A function is, if no more of its votes than this are for its other label."""


def evened(
    fit: LabelModelFit, tally: ScoreSums, votes: VoteMatrix, *, known: bool
) -> LabelModelFit:
    """The fit with the two labels' votes worth more alike; with more classes as it is.

    Args:
        fit: whose scores these are.
        tally: what the units say of the sources.
        votes: whose sources they are.
        known: whether the class balance is.
    """
    if fit.classes != 2:
        return fit
    cast = tally.voted.sum(axis=2)
    scores = fit.vote_score.copy()
    functions, people = choosing(votes), answering(votes) & ~models(votes)
    of_functions = cast[functions]
    one_sided = of_functions[of_functions.min(axis=1) <= ONE_SIDED * of_functions.sum(axis=1)]
    share = one_sided.sum() / max(of_functions.sum(), 1e-9)
    scores[functions] -= _excess(scores[functions], of_functions, KEPT * share)
    if not (known or cast[models(votes)].any()):
        scores[people] -= _excess(scores[people], cast[people], KEPT)
    return replace(fit, vote_score=scores)


def _excess(scores: Array, cast: Array, kept: float) -> NDArray[np.float64]:
    """What votes for each label are to lose, shape (labels, subtypes).

    Args:
        scores: what a vote adds to each subtype, shape (sources, labels, subtypes).
        cast: how many votes each source cast, shape (sources, labels).
        kept: of the difference, 0 to 1.
    """
    kinds = scores.shape[2] // 2
    own = np.repeat(np.eye(2), kinds, axis=1)
    worth = (scores * (2 * own - 1)).sum(axis=2) / kinds
    number = cast.sum(axis=0)
    mean = (cast * worth).sum(axis=0) / np.maximum(number, 1e-9)
    more = mean - (cast * worth).sum() / max(number.sum(), 1e-9)
    excess: Array = (1 - kept) * np.where(number > 0, more, 0.0)[:, None] * own
    return excess
