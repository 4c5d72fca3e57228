"""Wire types of gold that is given by the ids of items."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.core.items import MAX_ID_BYTES
from labelwright.server.wire.values import AnswerGiven, Given, Told

MOST = 10_000


class GoldAnswer(Given):
    """The true answer of the item with this id; null is not known, and nothing is recorded."""

    id: Annotated[str, Field(min_length=1, max_length=MAX_ID_BYTES)]
    answer: AnswerGiven | None


class GoldGiven(Given):
    """True answers. `empty` says what an empty one means: `none` of the classes, or `unknown`."""

    answers: Annotated[list[GoldAnswer], Field(min_length=1, max_length=MOST)]
    empty: Literal["none", "unknown"] | None = None


class GoldRefused(Told):
    """An answer that was set aside. `place`: in the list, from 1."""

    place: int
    id: str
    reason: str


class GoldTaken(Told):
    """What became of the answers."""

    added: int
    unchanged: int
    refused: list[GoldRefused]
