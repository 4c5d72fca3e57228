"""Items at random: the yardstick, and the honest test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.queue.reasons import RANDOM
from labelwright.queue.selection import candidates


@dataclass(frozen=True, slots=True)
class Uniform:
    """Picks every askable item with the same probability, count / candidates."""

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """A simple random sample of the askable items."""
        rows = candidates(pool)
        count = min(count, len(rows))
        position = rng.choice(rows, size=count, replace=False)
        return Picks(
            position=position,
            probability=np.full(count, count / max(len(rows), 1)),
            random=np.ones(count, bool),
            reason=(RANDOM,) * count,
        )
