"""The votes of sources, held against what is known of the units."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.quality.sources.replicas import expected_votes
from labelwright.quality.sources.several import judged_votes


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What each source voted, by true class.

    Attributes:
        verified: how often it voted column where row is known, (sources, classes, classes).
        believed: likewise where nothing is known, in expectation under the label model.
        judged: how many of its votes could be judged, (sources,).
        right: how many of these name the class that is known, (sources,).
    """

    verified: NDArray[np.int64]
    believed: NDArray[np.float64]
    judged: NDArray[np.int64]
    right: NDArray[np.int64]

    @property
    def share_right(self) -> NDArray[np.float64]:
        """The share of the judged votes that is right, NaN without any, (sources,)."""
        nothing = np.full(len(self.judged), np.nan)
        return np.divide(self.right, self.judged, out=nothing, where=self.judged > 0)


def held_against(
    votes: VoteMatrix,
    posterior: Posterior | None,
    gold: NDArray[np.int64],
    told: NDArray[np.int64] | None = None,
) -> Held:
    """Every source's votes, held against gold and what was told; nobody's against their own word.

    Args:
        votes: the votes.
        posterior: the label model's, for units of which nothing is known.
        gold: true class of each unit, -1 where unknown, shape (units,).
        told: what sources of kind gold said of it, -1 where that does not judge: gold goes first,
            and these sources are held against gold alone.
    """
    if told is None:
        return _held(votes, posterior, gold)
    others = _held(votes, posterior, np.where(gold >= 0, gold, told))
    tellers = _held(votes, posterior, gold)
    own = votes.gold
    return Held(
        verified=np.where(own[:, None, None], tellers.verified, others.verified),
        believed=np.where(own[:, None, None], tellers.believed, others.believed),
        judged=np.where(own, tellers.judged, others.judged),
        right=np.where(own, tellers.right, others.right),
    )


def _held(votes: VoteMatrix, posterior: Posterior | None, known: NDArray[np.int64]) -> Held:
    """Votes by true class: counted where it is known, else expected; units count once."""
    plain, shape = replace(votes, weight=None), (votes.units, votes.classes)
    sure = np.zeros(shape)
    sure[known >= 0, known[known >= 0]] = 1
    unsure = np.zeros(shape) if posterior is None else posterior.probability.copy()
    unsure[known >= 0] = 0
    cast = votes.voted
    label = votes.label[cast].astype(np.int64)
    judged, right = judged_votes(votes, votes.unit[cast], votes.source[cast], label, known)
    verified = expected_votes(plain, sure).astype(np.int64)
    return Held(verified, expected_votes(plain, unsure), judged, right)
