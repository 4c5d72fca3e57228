"""Votes: one row of the log, the log's schema, and the votes in force as columns.

Three things are kept apart: *not asked* (no row), *abstained* (a row), *failed* (a row with the
reason). Votes are never edited: a correction is a new vote that supersedes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answer_book import AnswerBook, book_of
from labelwright.core.errors import VotesError
from labelwright.core.source import Source

ABSTAIN = None
"""What a source returns to abstain."""


class VoteState(IntEnum):
    """What a row of the log says."""

    VOTED = 0
    ABSTAINED = 1
    FAILED = 2
    WITHDRAWN = 3


VOTE_SCHEMA = pa.schema(
    [
        pa.field("item", pa.int64(), nullable=False),
        pa.field("source", pa.int32(), nullable=False),
        pa.field("state", pa.int8(), nullable=False),
        pa.field("answer", pa.string()),
        pa.field("confidence", pa.float32()),
        pa.field("seconds", pa.float32()),
        pa.field("time", pa.timestamp("ms", tz="UTC")),
        pa.field("round", pa.int32(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("supersedes", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("schema", pa.int16()),
    ]
)
"""One row of the vote log.

``item`` is the item's number, ``source`` the number of a source version, ``answer`` the canonical
text that the task kind gave (null unless voted). Votes of people carry an ``id``; a machine's
vote is identified by its source version and item. Of two rows of one source on one item the
later one is in force. ``schema`` counts the changes of classes that came before the answer, null
for none: the answer is written in the class names of then.
"""


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer of one source on one item, as a person or an importer casts it.

    Attributes:
        item: the item's id.
        source: the source's name.
        answer: the canonical answer; None to abstain.
        confidence: the source's own, 0 to 1; None if it gave none.
        seconds: active time spent on it.
        time: when, in UTC.
        id: unique for ever; makes recording it twice harmless.
        supersedes: the id of the vote that this one corrects, or None.
        withdrawn: takes back this source's vote on the item, as if it had not been asked.
        schema: how many changes of classes came before it; None if all that there were.
    """

    item: str
    source: str
    answer: str | None
    confidence: float | None = None
    seconds: float | None = None
    time: datetime | None = None
    id: str | None = None
    supersedes: str | None = None
    withdrawn: bool = False
    schema: int | None = None

    @property
    def state(self) -> VoteState:
        """The state that its row in the log has."""
        if self.withdrawn:
            return VoteState.WITHDRAWN
        return VoteState.ABSTAINED if self.answer is None else VoteState.VOTED


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """The votes in force of some sources on some items, at most one per source and item.

    Rows that failed or were withdrawn are left out: for the label model they were not asked.

    Attributes:
        item: position of the item, 0..items-1, shape (votes,).
        source: position in `sources`, shape (votes,).
        answer: position in `answers`, -1 where the source abstained, shape (votes,).
        answers: the distinct canonical answers; a sequence of texts will do.
        sources: who voted.
        items: how many items there are, asked or not.
        complete: per source, whether it was asked about every item; its abstentions may then
            be missing from the rows, shape (sources,).
        confidence: per vote, NaN where the source gave none; None if nobody did.
    """

    item: NDArray[np.int64]
    source: NDArray[np.int32]
    answer: NDArray[np.int32]
    answers: AnswerBook
    sources: tuple[Source, ...]
    items: int
    complete: NDArray[np.bool_]
    confidence: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", book_of(self.answers))
        if not len(self.item) == len(self.source) == len(self.answer):
            raise VotesError("item, source and answer must have the same length")
        if len(self.complete) != len(self.sources):
            raise VotesError("complete must have one entry per source")
