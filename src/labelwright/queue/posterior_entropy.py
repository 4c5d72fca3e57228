"""Items that the label model is in doubt about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.queue.belief import doubt, even_where_unknown, top_two
from labelwright.queue.per_item import heaviest, of_items
from labelwright.queue.reasons import UNCOVERED, of_unit, undecided
from labelwright.queue.selection import candidates, chosen, ranked


@dataclass(frozen=True, slots=True)
class PosteriorEntropy:
    """Picks where the posterior of the label model has the highest entropy, that of units added.

    Units that no source votes on have the entropy of the class balance.

    Reference:
        B. Settles: Active Learning Literature Survey. University of Wisconsin-Madison, Computer
        Sciences Technical Report 1648, 2009, section 3.1 (it has no DOI);
        C. E. Shannon: A Mathematical Theory of Communication. Bell System Technical Journal
        27(3), 1948. https://doi.org/10.1002/j.1538-7305.1948.tb01338.x
    """

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """The askable items with the most doubt, most first."""
        rows = candidates(pool)
        two = top_two(even_where_unknown(pool.posterior))
        doubts = doubt(pool.posterior)
        position = ranked(rows, of_items(doubts, pool.unit_item)[rows], rng)[:count]
        return chosen(
            position,
            [
                of_unit(
                    undecided("the sources", two, unit) if pool.covered[unit] else UNCOVERED,
                    unit,
                    pool.unit_item,
                )
                for unit in heaviest(doubts, pool.unit_item)[position]
            ],
        )
