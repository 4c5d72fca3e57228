"""How sure a fit is on the mean, and how sure it may be.

One number moves how sure all labels are, and moves no label: the heat, by which log-odds are
divided. It is chosen so that the mean confidence is what is believed of the mean accuracy. What
people's votes say of that is about right. What functions' say is worth half as much as what is
usual: how often they are right is seen in nothing but their agreement, of which there is little,
and on simulated worlds the log-odds of their accuracy are (log-odds of the confidence + log-odds
of the usual accuracy) / 2. Known answers are held against both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.odds import logit
from labelwright.labelmodels.evidence.sampling import thinned
from labelwright.labelmodels.evidence.scoring import Array, decided, score_table, shards
from labelwright.labelmodels.evidence.shard_sums import Total

HEATS = 2.0 ** np.arange(-3, 4)
"""Times the design effect; between these the confidence is interpolated."""
LOOKED_AT = 1 << 13
"""A mean confidence of so many units is exact enough."""
TRUST = 0.5
"""How much of what functions' votes say of their accuracy is believed."""
KNOWN_OF_FUNCTIONS, KNOWN_OF_OTHERS = 10.0, 50.0
"""Known answers after which they say as much of the mean accuracy as the votes do."""


@dataclass(frozen=True, slots=True, eq=False)
class Sureness(Total):
    """The confidence of units that gold does not know, by heat.

    Attributes:
        confidence: summed over the units, for each of `HEATS`.
        units: how many these are.
    """

    confidence: Array
    units: float

    @classmethod
    def of(cls, fit: LabelModelFit, votes: VoteMatrix) -> Sureness:
        """That of these units, from a sample where they are many."""
        some = thinned(votes, max(1, votes.units // LOOKED_AT))
        open_ = ~decided(some)
        confidence, units = np.zeros(len(HEATS)), 0.0
        for shard in shards(some, *score_table(fit, some), fit.claim_score):
            mass = shard.mass(some) * open_[shard.units]
            probability = np.maximum(shard.by_class(some.classes), 1e-30)
            below = (probability / probability.max(axis=0)) ** (1 / (HEATS[-1] * fit.heat))
            for place in range(len(HEATS))[::-1]:
                confidence[place] += float((mass / below.sum(axis=0)).sum())
                below *= below  # at half the heat
            units += float(mass.sum())
        return cls(confidence, units) * (votes.units / max(some.units, 1))

    def heat_for(self, chosen: float, usual: float, right: float, known: float) -> float:
        """The factor of the heat at which the labels are as sure as they may be.

        Args:
            chosen: how many of all votes are of sources that choose what to vote on, 0 to 1.
            usual: accuracy of a source of which nothing is known.
            right: how many of the known units the labels have right.
            known: how many units are known.
        """
        if self.units <= 0:
            return 1.0
        sure = self.confidence / self.units
        said, plain = logit(np.array([sure[len(HEATS) // 2], usual])).tolist()
        believed = 1 / (1 + np.exp(-said - chosen * (1 - TRUST) * (plain - said)))
        worth = KNOWN_OF_FUNCTIONS * chosen + KNOWN_OF_OTHERS * (1 - chosen)
        believed = (right + worth * believed) / (known + worth)
        return float(np.exp(np.interp(-believed, -sure, np.log(HEATS))))
