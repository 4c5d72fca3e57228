"""What labels cost, beside the cost of labelling all by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.core.errors import DataError
from labelwright.core.source import Source, SourceKind

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Wage:
    """What a person's answer takes.

    Attributes:
        usd_per_hour: of the people who answer.
        seconds_per_answer: where neither a clock nor the source says.

    Raises:
        DataError: a number below 0 or not finite.
    """

    usd_per_hour: float = 30.0
    seconds_per_answer: float = 20.0

    def __post_init__(self) -> None:
        for name in ("usd_per_hour", "seconds_per_answer"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise DataError(f"{name} must be a number >= 0, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Cost:
    """What labelling took, and what it would have taken by hand.

    Attributes:
        votes: how many votes of each kind of source, abstentions included.
        person_seconds: time of people.
        usd: money: the wages of that time and the price of paid votes.
        by_hand_seconds: one person answering once for every item.
        by_hand_usd: the wages of that.
    """

    votes: dict[SourceKind, int]
    person_seconds: float
    usd: float
    by_hand_seconds: float
    by_hand_usd: float

    @property
    def time_saved(self) -> float:
        """The share of the time by hand that was saved; below 0 if it took more, NaN if 0."""
        return _saved(self.person_seconds, self.by_hand_seconds)

    @property
    def money_saved(self) -> float:
        """The share of the money by hand that was saved; below 0 if it took more, NaN if 0."""
        return _saved(self.usd, self.by_hand_usd)


def labelling_cost(
    sources: Sequence[Source],
    votes: ArrayLike,
    items: int,
    *,
    wage: Wage,
    seconds: ArrayLike | None = None,
) -> Cost:
    """What these votes took, against labelling every item by hand.

    A person's vote takes the measured seconds, else those that its source states, else those of
    `wage`. The answers by hand take as long as the answers here did on average. Each vote also
    costs what its source charges. Gold labels are people's work of the past: they cost nothing
    here unless their source says so.

    Args:
        sources: who voted.
        votes: how many votes each cast, abstentions included, shape (sources,).
        items: how many items there are.
        wage: of people.
        seconds: measured time of each source's votes in all, NaN where nobody measured, shape
            (sources,).

    Raises:
        DataError: shapes that do not match, a negative number.
    """
    cast = np.asarray(votes, np.int64)
    clock = np.full(len(sources), np.nan) if seconds is None else np.asarray(seconds, np.float64)
    if cast.shape != (len(sources),) or clock.shape != cast.shape:
        raise DataError(f"votes and seconds need one entry for each of {len(sources)} sources")
    if items < 0 or np.any(cast < 0) or np.any(clock < 0):
        raise DataError("items, votes and seconds cannot be negative")
    people = np.array([source.kind is SourceKind.PERSON for source in sources], bool)
    gold = np.array([source.kind is SourceKind.GOLD for source in sources], bool)
    stated = np.array([source.seconds for source in sources], np.float64)
    each = np.where(people & (stated == 0), wage.seconds_per_answer, stated)
    spent = np.where(people & ~np.isnan(clock), clock, cast * each)
    person_seconds = float(spent[people | gold].sum())
    answers = int(cast[people].sum())
    per_answer = float(spent[people].sum()) / answers if answers else wage.seconds_per_answer
    price = float(cast @ np.array([source.cost_usd for source in sources], np.float64))
    by_kind = {
        kind: int(sum(n for s, n in zip(sources, cast, strict=True) if s.kind is kind))
        for kind in SourceKind
        if any(source.kind is kind for source in sources)
    }
    hourly = wage.usd_per_hour / SECONDS_PER_HOUR
    return Cost(
        votes=by_kind,
        person_seconds=person_seconds,
        usd=person_seconds * hourly + price,
        by_hand_seconds=items * per_answer,
        by_hand_usd=items * per_answer * hourly,
    )


def _saved(spent: float, by_hand: float) -> float:
    return 1 - spent / by_hand if by_hand else float("nan")
