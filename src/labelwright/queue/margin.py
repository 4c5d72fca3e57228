"""Items between two classes of the end model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.queue.belief import TopTwo, belief, predicted, top_two
from labelwright.queue.per_item import heaviest, of_items
from labelwright.queue.reasons import of_unit, undecided
from labelwright.queue.selection import candidates, chosen, ranked


@dataclass(frozen=True, slots=True)
class Margin:
    """Picks where the two most probable classes are closest.

    The end model's probabilities count; where there are none, the label model's. Of an item with
    several units all count, each by how close it is.

    Reference:
        T. Scheffer, C. Decomain, S. Wrobel: Active Hidden Markov Models for Information
        Extraction. IDA 2001, LNCS 2189. https://doi.org/10.1007/3-540-44816-0_31
    """

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """The askable items with the smallest margin, smallest first."""
        rows = candidates(pool)
        two, from_model = top_two(belief(pool)), predicted(pool)
        closeness = two.closeness
        position = ranked(rows, of_items(closeness, pool.unit_item)[rows], rng)[:count]
        return chosen(
            position,
            [
                of_unit(_undecided(two, unit, from_model=from_model[unit]), unit, pool.unit_item)
                for unit in heaviest(closeness, pool.unit_item)[position]
            ],
        )


def _undecided(two: TopTwo, unit: int, *, from_model: bool) -> str:
    return undecided("the model" if from_model else "the sources", two, unit)
