"""Who or what votes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from labelwright.core.errors import SettingsError, shown

GOLD_ACCURACY = 0.999


class SourceKind(StrEnum):
    """What a source is. The label model chooses its likelihood by it."""

    FUNCTION = "function"
    RULE = "rule"
    PERSON = "person"
    MODEL = "model"
    KNOWLEDGE_BASE = "knowledge_base"
    PROMPT = "prompt"
    DESCRIPTION = "description"
    GOLD = "gold"

    @property
    def chooses(self) -> bool:
        """Whether it sees every item and abstains by choice, so that silence is evidence.

        People, gold, models and class descriptions answer what they were given; their silence says
        nothing.
        """
        return self in (SourceKind.FUNCTION, SourceKind.RULE, SourceKind.KNOWLEDGE_BASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A labeling function, rule, worker, model or other voice.

    Attributes:
        name: unique in its project.
        kind: what it is.
        version: a hash of what it does; empty for people, who have no code.
        cost_usd: money per vote.
        seconds: time per vote, of a person or of a paid service.
        accuracy: what its owner believes its accuracy to be, 0 to 1; None if nothing is known.
        description: one line for the reports.

    Raises:
        SettingsError: a name that is empty or not printable, a negative or non-finite cost or
            time, an accuracy outside 0..1.
    """

    name: str
    kind: SourceKind = SourceKind.FUNCTION
    version: str = ""
    cost_usd: float = 0.0
    seconds: float = 0.0
    accuracy: float | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise SettingsError(f"a source needs a printable name, got {shown(self.name)}")
        for field in ("cost_usd", "seconds"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0):
                raise SettingsError(f"source {self.name!r}: {field} must be >= 0, got {value}")
        if self.accuracy is not None and not 0 <= self.accuracy <= 1:
            raise SettingsError(
                f"source {self.name!r}: accuracy must lie in 0..1, got {self.accuracy}"
            )
