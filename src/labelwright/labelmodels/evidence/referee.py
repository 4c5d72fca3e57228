"""Known answers as referee: whether what was learnt is better than counting."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.sampling import stretches
from labelwright.labelmodels.evidence.scoring import decided, posterior_of
from labelwright.labelmodels.evidence.shard_sums import Total

DOUBT = 0.5
"""By how many standard errors counting must be ahead to be believed: less than tests ask for,
since to fall back on it costs little."""
UNSEEN = 4.0
"""So many units are taken to have told the two apart before the first: one decides nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Lead(Total):
    """By how much one fit is ahead of another on units that gold knows, itself having no say.

    Attributes:
        hits: how many more units it has right.
        squares: of the differences, summed.
    """

    hits: float
    squares: float

    @classmethod
    def of(cls, one: LabelModelFit, other: LabelModelFit, votes: VoteMatrix) -> Lead:
        """The lead of one fit over the other on these units."""
        unit = np.flatnonzero(decided(votes))
        some = stretches(votes, unit, unit + 1)
        gold = some.gold[some.source] & some.voted & (some.label < some.classes)
        truth = np.zeros(some.units, np.int64)
        truth[some.unit[gold]] = some.label[gold]
        others = some.only(~some.gold[some.source])
        ahead = _hits(one, others, truth) - _hits(other, others, truth)
        ahead = ahead * others.covered * some.weights()
        return cls(float(ahead.sum()), float((ahead**2).sum()))

    @property
    def believed(self) -> bool:
        """Whether it is more than chance would often bring about."""
        return self.hits > DOUBT * np.sqrt(self.squares + UNSEEN)


def _hits(fit: LabelModelFit, votes: VoteMatrix, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much of each unit is right: of classes that are equally probable each gets its share."""
    given = posterior_of(replace(fit, heat=1.0), votes).probability
    best = given >= given.max(axis=1, keepdims=True) - 1e-9
    hit: NDArray[np.float64] = best[np.arange(len(truth)), truth] / best.sum(axis=1)
    return hit
