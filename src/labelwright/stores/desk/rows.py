"""What the desk hands out and takes, and the rows of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from labelwright.core.class_change import schema_number
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores.desk.tables import OPEN


class Receipt(StrEnum):
    """What became of a vote."""

    TAKEN = "taken"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Asked:
    """An assignment with what the desk knows of it.

    Attributes:
        assignment: the question.
        id: of the item.
        ask: what kind of question it is.
    """

    assignment: Assignment
    id: str
    ask: str


@dataclass(frozen=True, slots=True)
class DeskVote:
    """A vote with what only the desk keeps.

    Attributes:
        vote: the vote.
        shown: what the person saw beside the item, such as ``blind``.
        schema_version: of the task that was answered.
        ask: the kind of the question, empty where there was none.
        probability: with which the item was drawn at random; None where it was chosen.
    """

    vote: Vote
    shown: str = ""
    schema_version: str = ""
    ask: str = ""
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Flagged:
    """Somebody says that something is wrong with an item; `time` in seconds since the epoch."""

    item_id: str
    person: str
    note: str
    time: float


def slot_row(assignment: Assignment, id_: str, ask: str, rank: int) -> dict[str, Any]:
    """The row of an open question."""
    return {
        "item_id": id_,
        "item": assignment.item,
        "rank": rank,
        "state": OPEN,
        "person": "",
        "until": 0.0,
        "ask": ask,
        "probability": assignment.probability,
        "random": assignment.random,
        "reason": assignment.reason,
    }


def asked_of(slot: Any, person: str, until: float) -> Asked:
    """The question that a slot holds for a person."""
    _, item_id, item, ask, probability, random, reason = slot
    return Asked(Assignment(item, person, probability, bool(random), reason, until), item_id, ask)


def vote_row(told: DeskVote, slot: Any) -> dict[str, Any]:
    """The row of a vote that answers the question in a slot, or none."""
    vote = told.vote
    _, _, _, ask, probability, random, _ = slot or (0, "", -1, "", None, False, "")
    return {
        "id": vote.id,
        "item_id": vote.item,
        "person": vote.source,
        "answer": vote.answer,
        "withdrawn": vote.withdrawn,
        "confidence": vote.confidence,
        "seconds": vote.seconds,
        "time": None if vote.time is None else vote.time.isoformat(),
        "supersedes": vote.supersedes,
        "shown": told.shown,
        "schema_version": told.schema_version,
        "ask": ask,
        "probability": probability if random else None,
        "drained": False,
    }


def told_of(row: Row[Any]) -> DeskVote:
    """The vote that a row keeps."""
    vote = Vote(
        item=row.item_id,
        source=row.person,
        answer=row.answer,
        confidence=row.confidence,
        seconds=row.seconds,
        time=None if row.time is None else datetime.fromisoformat(row.time),
        id=row.id,
        supersedes=row.supersedes,
        withdrawn=bool(row.withdrawn),
        schema=schema_number(row.schema_version),
    )
    return DeskVote(vote, row.shown, row.schema_version, row.ask, row.probability)
