"""The questions worth most per unit of cost: new items, second opinions, adjudications."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError
from labelwright.core.pool import Picks, Pool
from labelwright.queue.batch import diverse
from labelwright.queue.belief import TopTwo, even_where_unknown, predicted, top_two
from labelwright.queue.cold_start import ColdStart
from labelwright.queue.per_item import heaviest, most, of_items
from labelwright.queue.reasons import (
    ADJUDICATE,
    DIVIDED,
    SECOND_OPINION,
    TEACHES,
    UNCOVERED,
    contradicted,
    of_unit,
    undecided,
)
from labelwright.queue.selection import candidates, chosen, with_random_share
from labelwright.queue.value import answer_gain

FADES = 5.0
"""After so many answers half as much is heard of sources, beside an end model."""


@dataclass(frozen=True, slots=True)
class ValuePerCost:
    """Picks a random share, and for the rest what puts most labels right per unit of cost.

    The belief about a unit is the mean of what the end model and the label model say of it, each
    where it knows something; where they contradict each other, the mean is in doubt. The more
    people have answered, the less is heard of what only machines said (`FADES`): an end model with
    answers to learn from knows better what it does not know.

    The worth of an answer is :func:`~labelwright.queue.value.answer_gain` between the two most
    probable classes (of many classes, the doubt between the others is not for one answer to
    remove) plus, where people have not answered yet and no end model says anything, what it teaches
    about the sources that voted there. Both are added up over the units of an item, and divided by
    what it costs to answer about so many. An item on which people are divided costs `adjudication`
    times as much to decide.

    The first questions, `first` of them or two a class if that is more, go to typical items of
    clusters where there is an embedding and no source votes on anything: a model of fewer answers
    is no guide. Where sources vote, the label model is one from the start; class descriptions
    alone are not, since answers that are picked by what they say could not judge them.

    A batch is made diverse by clustering the worthiest items, weighted by their worth, so that it
    holds no near-duplicates.

    Attributes:
        random: the random share, 0 to 1: the honest test set, with its probability on record.
        first: see above.
        accuracy: of the person who answers, 0 to 1.
        adjudication: the cost of an answer where people are divided, those elsewhere costing 1.
        breadth: so many items are compared for every question of the batch.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        F. Zhdanov: Diverse mini-batch Active Learning. 2019.
        https://doi.org/10.48550/arXiv.1901.05954 (the batch);
        V. S. Sheng, F. Provost, P. G. Ipeirotis: Get Another Label? KDD 2008, 614-622.
        https://doi.org/10.1145/1401890.1401965 (new item or second opinion).
    """

    random: float = 0.15
    first: int = 20
    accuracy: float = 0.95
    adjudication: float = 2.0
    breadth: int = 10

    def __post_init__(self) -> None:
        for name in ("random", "accuracy"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie in 0..1, got {getattr(self, name)}")
        if self.first < 0:
            raise SettingsError(f"first must be 0 or more questions, got {self.first}")
        if not 0 < self.adjudication < math.inf:
            raise SettingsError(f"adjudication must be a cost above 0, got {self.adjudication}")
        if self.breadth < 1:
            raise SettingsError(f"breadth must be at least 1 item, got {self.breadth}")

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """The random share and the worthiest items; the share is strewn among the others."""

        def valued(rows: NDArray[np.int64], many: int, drawn: NDArray[np.int64]) -> Picks:
            if many == 0:
                return chosen(rows[:0], ())
            if self._is_early(pool):
                return ColdStart().among(pool, rows, many, rng)
            return self._worthiest(pool, rows, many, drawn, rng)

        return with_random_share(candidates(pool), count, self.random, rng, valued)

    def _is_early(self, pool: Pool) -> bool:
        if not predicted(pool).any():
            return not pool.covered.any()
        if pool.embedding is None or pool.answers is None:
            return False
        by_people = pool.answers > 0
        enough = max(self.first, 2 * pool.posterior.shape[1])
        heard = pool.covered if pool.hint is None else pool.covered & ~pool.hint
        by_sources = most(heard, pool.unit_item) & ~by_people
        return not by_sources.any() and int(by_people.sum()) < enough

    def _worthiest(
        self,
        pool: Pool,
        rows: NDArray[np.int64],
        count: int,
        drawn: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Picks:
        two = top_two(_belief(pool))
        of_units = self._gain(two)
        gain, lesson = self._parts(pool, of_units)
        worth = gain + lesson
        position = diverse(
            rows, count, worth, rng, embedding=pool.embedding, before=drawn, breadth=self.breadth
        )
        unit = heaviest(of_units, pool.unit_item)
        return chosen(
            position,
            [_reason(pool, two, gain[row], lesson[row], row, unit[row]) for row in position],
        )

    def _gain(self, two: TopTwo) -> NDArray[np.float64]:
        """What an answer is worth on each unit itself, shape (units,)."""
        both = two.p_first + two.p_second
        share = np.divide(two.p_first, both, out=np.ones(len(both)), where=both > 0)
        return answer_gain(np.stack([share, 1 - share], axis=1), self.accuracy)

    def _parts(
        self, pool: Pool, of_units: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What an answer is worth on the item and for its sources, per cost. Each (items,)."""
        gain = of_items(of_units, pool.unit_item)
        lesson = np.zeros(len(gain))
        if pool.lesson is not None and not predicted(pool).any():
            taught = pool.lesson * max(2 * self.accuracy - 1, 0) ** 2
            lesson = of_items(taught, pool.unit_item)
        if pool.answers is not None:
            lesson = np.where(pool.answers > 0, 0.0, lesson)
        if pool.divided is not None:
            gain = np.where(pool.divided, gain / self.adjudication, gain)
        return gain, lesson


def _belief(pool: Pool) -> NDArray[np.float64]:
    """The mean of end model and label model, each where it knows something, (units, classes)."""
    sources = even_where_unknown(pool.posterior)
    if pool.prediction is None:
        return sources
    known = predicted(pool)
    # A covered unit that the model cannot read is the sources' alone, and the other way round.
    heard = pool.covered if pool.hint is None else pool.covered & ~(pool.hint & known)
    share = np.where(_answered(pool), 0.5, 0.5 * _heard(pool))
    by_sources = np.where(heard, np.where(known, share, 1.0), np.where(known, 0.0, 1.0))
    model = np.where(known[:, None], pool.prediction, 0.0)
    mixed: NDArray[np.float64] = by_sources[:, None] * sources + (1 - by_sources)[:, None] * model
    return mixed


def _answered(pool: Pool) -> NDArray[np.bool_]:
    """Of which units people have answered about the item, shape (units,)."""
    if pool.answers is None:
        return np.zeros(len(pool.posterior), bool)
    by_people: NDArray[np.bool_] = pool.answers > 0
    return by_people if pool.unit_item is None else by_people[pool.unit_item]


def _heard(pool: Pool) -> float:
    """How much is still heard of what machines say, 0 to 1; all of it without an end model."""
    if pool.answers is None or not predicted(pool).any():
        return 1.0
    return FADES / (FADES + float(np.count_nonzero(pool.answers)))


def _reason(pool: Pool, two: TopTwo, gain: float, lesson: float, row: int, unit: int) -> str:
    """What the question about this item is for, of whose units this one weighs most."""
    if pool.divided is not None and pool.divided[row]:
        return ADJUDICATE
    if pool.answers is not None and pool.answers[row]:
        return SECOND_OPINION
    if lesson > gain:
        return TEACHES
    return of_unit(_in_doubt(pool, two, unit), unit, pool.unit_item)


def _in_doubt(pool: Pool, two: TopTwo, unit: int) -> str:
    """Why the unit is in doubt."""
    if predicted(pool)[unit]:
        return _doubted(pool, two, unit)
    if not pool.covered[unit]:
        return UNCOVERED
    return DIVIDED if pool.disagreement[unit] > 0 else undecided("the sources", two, unit)


def _doubted(pool: Pool, two: TopTwo, unit: int) -> str:
    """Why a unit is in doubt of which the model has a prediction."""
    if pool.prediction is not None and pool.covered[unit]:
        model, sources = pool.prediction[unit], pool.posterior[unit]
        if model.argmax() != sources.argmax():
            return contradicted(sources, model)
    return undecided("the model", two, unit)
