"""Clear and divided units: the two subtypes of every class.

Easy units hide who is good: everybody is right about them. On hard ones sources differ, and err
together. A class therefore has two subtypes, and every source that answers what it is given is
judged on each. Which units are of which is learnt with everything else, from a start at which a
unit is *divided* the more, the more of its votes are against the class that most of them are for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels.evidence.scoring import Shard

Array = NDArray[np.float64]

LEAST_SHARE = 0.05
"""At the start each unit is a little of both subtypes, or nothing could move it."""


class ClearAndDivided:
    """Splits the classes of units into clear and divided ones, by the votes on them.

    Args:
        votes: on these units, or on others, of the same sources.
    """

    ways = 2

    def __init__(self, votes: VoteMatrix) -> None:
        named = votes.members / votes.members.sum(axis=1, keepdims=True)
        acts = np.concatenate([np.zeros((1, votes.classes)), named])
        self._for_class = np.tile(acts, (votes.sources, 1))

    def __call__(self, shard: Shard) -> Array:
        """The probability of every subtype, shape (subtypes, units in the shard)."""
        cast = shard.votes @ self._for_class
        against = 1 - cast.max(axis=1) / np.maximum(cast.sum(axis=1), 1e-300)
        divided = np.clip(2 * against, LEAST_SHARE, 1 - LEAST_SHARE)
        both = np.stack([1 - divided, divided])
        subtypes: Array = (shard.probability[:, None] * both).reshape(-1, len(divided))
        return subtypes
