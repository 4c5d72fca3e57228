"""Wire types of the board."""

from __future__ import annotations

from typing import Literal

from labelwright.server.wire.values import Interval, Told


class Funnel(Told):
    """How far items are.

    `covered`: a source votes on them, abstentions not counted. `decided`: their label is sure, from
    votes or from content. `audited`: of these, a person has answered. `answered`: a person has.
    """

    items: int
    covered: int
    decided: int
    audited: int
    answered: int


class QualityPoint(Told):
    """Quality after one round: the share right by honest tests; null where there are none.

    These are gold of the test split, or else answers on items drawn at random, given after the
    round, each weighed by its chance. `labels`: of the training set; `model`: of the end model.
    """

    round: int
    version: str
    created: str
    note: str
    answers: int
    labels: Interval
    model: Interval


class CostShown(Told):
    """What it took so far, and what all by hand would take.

    `votes`: how many stand, by kind of source, abstentions not counted.
    """

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


class StandingShown(Told):
    """The labels that would be exported now, as every command and report tells them.

    `basis`: how many items rest on what. `right`: how right labels are by `of` of them whose truth
    is known, and had no say: null where nobody knows. `sentence` and `how_right` say it in words,
    `contradicted` what known truth says against the labels, `remedies` what to do about it.
    """

    items: int
    labelled: int
    content: bool
    basis: dict[str, int]
    right: Interval
    of: int
    truth: str
    sentence: str
    how_right: str
    contradicted: list[str]
    remedies: list[str]


class Board(Told):
    """The project at a glance. `waiting`: answers that stand and no round has taken in yet.

    `standing`: the labels that would be exported now; null without items.
    """

    funnel: Funnel
    standing: StandingShown | None
    quality: list[QualityPoint]
    cost: CostShown
    forecast: ForecastShown
    steps: list[Step]
    waiting: int
    open_questions: int
