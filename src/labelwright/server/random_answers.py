"""Answers on items that were drawn at random, as the pipeline's measures want them."""

from __future__ import annotations

from datetime import UTC, datetime

from labelwright.pipeline.ask.random_answers import RandomAnswer
from labelwright.server.state import Office


def drawn_answers(office: Office, ask: str | None = None) -> tuple[list[RandomAnswer], list[float]]:
    """The answers that stand, of questions of one kind or all, and the chance of each item."""
    votes = office.desk.standing_drawn(ask)
    numbers = office.workspace.items.find([told.vote.item for told in votes]).tolist()
    drawn, chances = [], []
    for told, number in zip(votes, numbers, strict=True):
        answer = office.workspace.classes.meaning(told.vote.answer, told.vote.schema)
        # What says less since the classes changed is no test any more.
        whole = answer is not None and isinstance(office.snapshot.read(answer), str | list)
        if number >= 0 and answer is not None and whole:
            drawn.append(RandomAnswer(number, answer, told.vote.time or datetime.now(UTC)))
            chances.append(told.probability or 1.0)
    return drawn, chances
