"""Answers of people that were drawn at random: the honest sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RandomAnswer:
    """A person's answer on an item that was drawn at random: an honest test.

    Attributes:
        item: its number.
        answer: canonical.
        time: when it was given.
    """

    item: int
    answer: str
    time: datetime
