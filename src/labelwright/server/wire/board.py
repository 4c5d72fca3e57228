"""Wire types of the board."""

from __future__ import annotations

from typing import Literal

from labelwright.server.wire.values import Interval, Told


class Funnel(Told):
    """How far items are: each number is part of the one before, but for `answered`."""

    items: int
    covered: int
    decided: int
    audited: int
    answered: int


class QualityPoint(Told):
    """Quality after one round: share right on known test items; null where none are known."""

    round: int
    version: str
    created: str
    note: str
    answers: int
    labels: Interval
    model: Interval


class CostShown(Told):
    """What it took so far, and what all by hand would take."""

    person_seconds: float
    usd: float
    by_hand_seconds: float
    by_hand_usd: float
    votes: dict[str, int]


class ForecastShown(Told):
    """What it takes to reach `target`: more answers, minutes and money.

    Null where too little is known; infinity as null with `reachable` false.
    """

    target: float
    reachable: bool | None
    answers: Interval
    minutes: Interval
    usd: Interval
    sentence: str


class Step(Told):
    """The best next step in plain words, and the screen that does it."""

    text: str
    screen: Literal["label", "audit", "rules", "sources", "board", "browse"]
    detail: str


class Board(Told):
    """The project at a glance. `waiting`: answers that no round has taken in yet."""

    funnel: Funnel
    quality: list[QualityPoint]
    cost: CostShown
    forecast: ForecastShown
    steps: list[Step]
    waiting: int
    open_questions: int
