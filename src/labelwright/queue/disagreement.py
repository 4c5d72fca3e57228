"""Items on which sources contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.queue.per_item import of_items
from labelwright.queue.reasons import DIVIDED, UNREMARKABLE
from labelwright.queue.selection import candidates, chosen, ranked


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Picks where votes are most divided: query by committee, the sources being the committee.

    Reference:
        H. S. Seung, M. Opper, H. Sompolinsky: Query by Committee. COLT 1992.
        https://doi.org/10.1145/130385.130417
    """

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """The askable items with the most divided votes, most first."""
        rows = candidates(pool)
        divided = of_items(np.nan_to_num(pool.disagreement), pool.unit_item)
        position = ranked(rows, divided[rows], rng)[:count]
        return chosen(position, [DIVIDED if divided[row] > 0 else UNREMARKABLE for row in position])
