"""Items on which sources contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.queue.per_item import heaviest, of_items
from labelwright.queue.reasons import DIVIDED, UNREMARKABLE, of_unit
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
        divided = np.nan_to_num(pool.disagreement)
        position = ranked(rows, of_items(divided, pool.unit_item)[rows], rng)[:count]
        return chosen(
            position,
            [
                of_unit(DIVIDED, unit, pool.unit_item) if divided[unit] > 0 else UNREMARKABLE
                for unit in heaviest(divided, pool.unit_item)[position]
            ],
        )
