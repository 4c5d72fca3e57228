"""Wire types of single items and of browsing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.server.wire.queue import Content
from labelwright.server.wire.values import Answer, Given, Told

Sort = Literal["number", "confidence", "doubt", "disagreement"]


class ItemDetail(Told):
    """An item with what is known of it; labellers are told the content only."""

    content: Content
    split: str
    label: Answer | None
    confidence: float | None
    prediction: Answer | None
    prediction_confidence: float | None


class Effect(Told):
    """One source's say in the label. `effect`: what it added to the label's log odds."""

    source: str
    kind: str
    state: str
    answer: Answer | None
    accuracy: float | None
    effect: float | None
    reason: str


class Unit(Told):
    """The story of one unit of an item: of the item itself, or of one class of a multi-label."""

    name: str
    label: str | None
    probability: dict[str, float]
    before: float
    effects: list[Effect]


class Highlight(Told):
    """Where a rule hit: character offsets into the field (as JavaScript counts, UTF-16)."""

    source: str
    vote: Answer
    field: str
    spans: list[tuple[int, int]]


class Why(Told):
    """Why the machine thinks so. `label` and `confidence` are those that are suggested.

    The units tell how they came about; where no unit has a label, the end model's word is all.
    """

    item: int
    label: Answer | None
    confidence: float
    units: list[Unit]
    prediction: dict[str, float] | None
    highlights: list[Highlight]


class HistoryRow(Told):
    """One row of the vote log (or, `waiting`, of the desk) on the item, oldest first."""

    source: str
    kind: str
    state: str
    answer: Answer | None
    confidence: float | None
    seconds: float | None
    time: float | None
    round: int | None
    id: str | None
    supersedes: str | None
    waiting: bool


class History(Told):
    """All that ever happened to an item."""

    item: int
    rows: list[HistoryRow]


class Browse(Given):
    """A query. Filters combine with and; a cursor goes on where the page before ended.

    `search`: all of these words, in any text field. `label`: what is now decided, or a class
    in it, "" for undecided. `source` (and `answer`): items on which that source voted (so).
    `disputed`: on which sources disagree. `answered`: whether a person or gold has answered.
    """

    search: Annotated[str, Field(max_length=500)] = ""
    label: Annotated[str, Field(max_length=200)] | None = None
    source: Annotated[str, Field(max_length=200)] | None = None
    answer: Annotated[str, Field(max_length=200)] | None = None
    confidence_min: Annotated[float, Field(ge=0, le=1)] = 0
    confidence_max: Annotated[float, Field(ge=0, le=1)] = 1
    disputed: bool | None = None
    answered: bool | None = None
    split: Annotated[str, Field(max_length=20)] | None = None
    sort: Sort = "number"
    descending: bool = False
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Row(Told):
    """An item in a list. `votes`: how many sources voted on it."""

    content: Content
    label: Answer | None
    confidence: float
    disagreement: float
    votes: int
    answered: bool


class Page(Told):
    """One page of items. `total` counts all that match; no cursor: this was the last page."""

    total: int
    items: list[Row]
    cursor: str | None
