"""Answers on items that were drawn at random, as the pipeline's measures want them."""

from __future__ import annotations

from datetime import UTC, datetime

from labelwright.pipeline.board import Drawn
from labelwright.server.office import Office


def drawn_answers(office: Office, ask: str | None = None) -> tuple[list[Drawn], list[float]]:
    """The answers that stand, of questions of one kind or all, and the chance of each item."""
    votes = office.desk.standing_drawn(ask)
    numbers = office.workspace.items.find([told.vote.item for told in votes]).tolist()
    there = [(told, number) for told, number in zip(votes, numbers, strict=True) if number >= 0]
    drawn = [
        Drawn(number, told.vote.answer or "", told.vote.time or datetime.now(UTC))
        for told, number in there
    ]
    return drawn, [told.probability or 1.0 for told, _ in there]
