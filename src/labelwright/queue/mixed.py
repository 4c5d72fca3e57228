"""The default: a random share, and the items on which an answer is worth most."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError
from labelwright.core.pool import Picks, Pool
from labelwright.queue.belief import TopTwo, belief, doubt, even_where_unknown, predicted, top_two
from labelwright.queue.cold_start import ColdStart
from labelwright.queue.per_item import heaviest, of_items
from labelwright.queue.reasons import (
    DIVIDED,
    UNCOVERED,
    UNREMARKABLE,
    contradicted,
    of_unit,
    undecided,
)
from labelwright.queue.selection import candidates, chosen, with_random_share
from labelwright.queue.spread import Space, by_turns, spread


@dataclass(frozen=True, slots=True)
class Mixed:
    """Picks a random share, and for the rest where an answer is worth most.

    The random share is drawn first, from all askable items. Each had the probability
    ``random * count / candidates`` to be in it, exactly (the size of the share is rounded up or
    down at random), and that is what its picks carry: they are the honest test set. The other
    picks carry 1: given the model, the share and the ties, there was no choice.

    The worth of an item is a weighted sum of four numbers between 0 and 1, see the attributes,
    added up over its units and divided by what an answer costs.
    Without a prediction of the end model and without a single vote, the picks are those of
    :class:`~labelwright.queue.cold_start.ColdStart`. The batch avoids near-duplicates where
    there is an embedding, and spreads over the pairs of classes that are hard to tell apart.

    Attributes:
        random: the random share, 0 to 1.
        margin: weight of how close the two most probable classes of the prediction are.
        conflict: weight of how far prediction and posterior are apart (total variation), where
            sources voted: one of the two is wrong there.
        doubt: weight of the entropy of the posterior, where sources voted.
        disagreement: weight of how divided the votes are.
        shortlist: how many of the worthiest items are compared with each other for a batch.

    Raises:
        SettingsError: a share outside 0..1, a negative or infinite weight, no weight above 0,
            a shortlist below 1.
    """

    random: float = 0.15
    margin: float = 0.5
    conflict: float = 1.0
    doubt: float = 0.25
    disagreement: float = 0.25
    shortlist: int = 300

    def __post_init__(self) -> None:
        if not 0 <= self.random <= 1:
            raise SettingsError(f"the random share must lie in 0..1, got {self.random}")
        weights = {name: getattr(self, name) for name in _WEIGHTS}
        for name, weight in weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise SettingsError(f"the weight {name!r} must be a number >= 0, got {weight}")
        if not any(weights.values()):
            raise SettingsError(f"at least one of {', '.join(_WEIGHTS)} must be above 0")
        if self.shortlist < 1:
            raise SettingsError(f"the shortlist must hold at least 1 item, got {self.shortlist}")

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """The random share and the worthiest items; the share is strewn among the others."""
        known = predicted(pool)

        def valued(rows: NDArray[np.int64], many: int, drawn: NDArray[np.int64]) -> Picks:
            return self._valued(pool, known, rows, many, drawn, rng)

        return with_random_share(candidates(pool), count, self.random, rng, valued)

    def _valued(
        self,
        pool: Pool,
        known: NDArray[np.bool_],
        rows: NDArray[np.int64],
        count: int,
        drawn: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Picks:
        if count == 0:
            return chosen(rows[:0], ())
        if not (known.any() or pool.covered.any()):
            return ColdStart().among(pool, rows, count, rng)
        two = top_two(belief(pool))
        parts = self._parts(pool, two, known)
        of_units = np.sum(list(parts.values()), axis=0)
        worth = of_items(of_units, pool.unit_item)
        unit = heaviest(of_units, pool.unit_item)
        # Unordered: an answer between a and b teaches the same, whichever is ahead.
        classes = pool.posterior.shape[1]
        pair = np.minimum(two.first, two.second) * classes + np.maximum(two.first, two.second)
        pair = np.unique(pair[unit], return_inverse=True)[1]
        position = spread(
            by_turns(rows, worth, pair, rng),
            count,
            worth,
            pair,
            space=None if pool.embedding is None else Space.of(pool.embedding, rng),
            before=drawn,
            shortlist=self.shortlist,
        )
        return chosen(position, [_reason(pool, two, known, parts, at) for at in unit[position]])

    def _parts(
        self, pool: Pool, two: TopTwo, known: NDArray[np.bool_]
    ) -> dict[str, NDArray[np.float64]]:
        """What each consideration adds to the worth of each unit."""
        conflict = np.zeros(len(pool.posterior))
        if pool.prediction is not None:
            conflict = np.abs(pool.prediction - even_where_unknown(pool.posterior)).sum(axis=1) / 2
        # Where no source voted the posterior is the class balance, which tells nothing.
        return {
            "margin": self.margin * np.where(known | ~pool.covered, two.closeness, 0.0),
            "conflict": self.conflict * np.where(known & pool.covered, conflict, 0.0),
            "doubt": self.doubt * np.where(pool.covered, doubt(pool.posterior), 0.0),
            "disagreement": self.disagreement * np.nan_to_num(pool.disagreement),
        }


_WEIGHTS = ("margin", "conflict", "doubt", "disagreement")


def _reason(
    pool: Pool,
    two: TopTwo,
    known: NDArray[np.bool_],
    parts: dict[str, NDArray[np.float64]],
    unit: int,
) -> str:
    """The consideration that weighed most for this unit, which weighed most in its item."""
    name = max(parts, key=lambda part: parts[part][unit])
    if parts[name][unit] == 0:
        return UNREMARKABLE
    return of_unit(_speaking_of(name, pool, two, known, unit), unit, pool.unit_item)


def _speaking_of(name: str, pool: Pool, two: TopTwo, known: NDArray[np.bool_], unit: int) -> str:
    """What this consideration says of the unit."""
    if name == "disagreement":
        return DIVIDED
    if name == "conflict" and pool.prediction is not None:
        return contradicted(pool.posterior[unit], pool.prediction[unit])
    if name == "margin":
        return undecided("the model", two, unit) if known[unit] else UNCOVERED
    return undecided("the sources", top_two(even_where_unknown(pool.posterior[[unit]])), 0)
