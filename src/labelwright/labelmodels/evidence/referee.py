"""Known answers as referee: which of several fits of the same votes to believe."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.sampling import stretches
from labelwright.labelmodels.evidence.scoring import Array, decided, posterior_of
from labelwright.labelmodels.evidence.shard_sums import Total
from labelwright.labelmodels.evidence.verified import Correction

COUNTED, LEARNT, CORRECTED = range(3)
FEWEST = 20
"""Known answers that decide anything: of fewer, one that chance brings would turn many labels."""
HARDLY = 1e-6
"""A lead of less is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Hits(Total):
    """How many of the units that gold knows each fit has right, gold having no say there.

    Those that were picked out for gold do not count: picked where a fit was in doubt, they would
    say that it is mostly wrong.

    Attributes:
        right: by counting, by what was learnt, and by that corrected, each unit by corrections
            that are made without it; shape (3,).
        known: how many units these are.
    """

    right: Array
    known: float

    @classmethod
    def of(
        cls, counting: LabelModelFit, learnt: LabelModelFit, correction: Correction,
        votes: VoteMatrix,
    ) -> Hits:  # fmt: skip
        """The hits on these units."""
        unit = np.flatnonzero(decided(votes) & ~votes.was_picked())
        some = stretches(votes, unit, unit + 1)
        gold = some.gold[some.source] & some.voted & (some.label < some.classes)
        truth = np.zeros(some.units, np.int64)
        truth[some.unit[gold]] = some.label[gold]
        others = some.only(~some.gold[some.source])
        mass = others.covered * some.weights()
        plain = posterior_of(replace(learnt, heat=1.0), others).probability
        right = [
            hits(posterior_of(replace(counting, heat=1.0), others).probability, truth) @ mass,
            hits(plain, truth) @ mass,
            hits(plain * np.exp(correction.left_out(others, truth)), truth) @ mass,
        ]
        return cls(np.array(right), float(mass.sum()))

    @property
    def best(self) -> int:
        """Counting where it is ahead at all, since to fall back on it costs little."""
        if self.known < FEWEST:
            return CORRECTED
        learnt = CORRECTED if self.right[CORRECTED] > self.right[LEARNT] - HARDLY else LEARNT
        return COUNTED if self.right[COUNTED] > self.right[learnt] + HARDLY else learnt


def hits(given: Array, truth: NDArray[np.int64]) -> Array:
    """How much of each unit is right: of classes that are equally probable each gets its share."""
    best = given >= given.max(axis=1, keepdims=True) * (1 - 1e-9)
    hit: Array = best[np.arange(len(truth)), truth] / best.sum(axis=1)
    return hit
