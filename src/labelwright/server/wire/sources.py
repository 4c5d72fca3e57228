"""Wire types of sources."""

from __future__ import annotations

from labelwright.server.wire.queue import Content
from labelwright.server.wire.values import Answer, Interval, Told


class SourceRow(Told):
    """One source. Shares are of all items.

    `accuracy`: by the label model and known answers together, with its 95 % interval; `tested`:
    on the `judged` known answers alone. `copies`: whose votes it repeats.
    """

    number: int
    name: str
    kind: str
    description: str
    votes: int
    abstentions: int
    failures: int
    coverage: float
    overlap: float
    conflict: float
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    judged: int
    tested: Interval
    chance: float
    worse_than_chance: bool
    copies: str | None
    cost_usd: float
    seconds: float
    classes: dict[str, float]
    reasons: list[str]


class SourcesTable(Told):
    """Everyone and everything that votes; `warnings` in plain words."""

    sources: list[SourceRow]
    warnings: list[str]
    truth: int


class Confusion(Told):
    """How a source votes (columns) on each class (rows): estimated probabilities."""

    number: int
    name: str
    classes: list[str]
    probability: list[list[float]]


class Disagreement(Told):
    """An item on which the source voted against the label."""

    content: Content
    vote: Answer
    label: Answer | None
    confidence: float


class Disagreements(Told):
    """Where a source disagrees with the posterior, surest first."""

    total: int
    items: list[Disagreement]
    cursor: str | None
