"""What every source says of every item at a moment, and the rows that make it so again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answer_book import AnswerBook
from labelwright.core.items import ID
from labelwright.core.votes import VoteState
from labelwright.pipeline.workspace.workspace import Workspace

UNASKED, ABSTAINED = -2, -1


@dataclass(frozen=True, eq=False)
class AnswerCodes:
    """The answers that there are, by their code; grows as more are met."""

    places: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What names the answers, in the order of their codes."""
        return list(self.places)

    def codes(self, answers: AnswerBook) -> NDArray[np.int32]:
        """The code of each answer, and at the end that of an abstention."""
        codes = (self.places.setdefault(name, len(self.places)) for name in answers.names())
        return np.array([*codes, ABSTAINED], np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Standpoint:
    """What every source says of every item, in the numbers of one project.

    Attributes:
        said: the code of the answer, shape (items, sources).
        sure: the source's confidence, NaN where it gave none, shape (items, sources).
        items: the numbers of the items that there are, sorted.
    """

    said: NDArray[np.int32]
    sure: NDArray[np.float32]
    items: NDArray[np.int64]

    def differs(self, other: Standpoint) -> NDArray[np.bool_]:
        """Where the two are not the same, shape (items, sources)."""
        sure, others = (np.nan_to_num(one.sure, nan=-1) for one in (self, other))
        found: NDArray[np.bool_] = (self.said != other.said) | ((self.said >= 0) & (sure != others))
        return found


def standpoint(at: Workspace, workspace: Workspace, answers: AnswerCodes) -> Standpoint:
    """What sources say in one project, or at one of its versions, in the numbers of another.

    All of its items and sources must be known there.
    """
    register = workspace.log.register(at.log.sources())
    ids = [id_ for batch in at.items.scan([ID]) for id_ in batch.column(ID).to_pylist()]
    items = workspace.items.find(ids)
    known = at.log.sources()
    votes = at.in_force(np.arange(len(known), dtype=np.int32), known)
    here = np.full((votes.items, len(known)), UNASKED, np.int32)
    here[:, votes.complete] = ABSTAINED
    here[votes.item, votes.source] = answers.codes(votes.answers)[votes.answer]
    sure_here = np.full(here.shape, np.nan, np.float32)
    if votes.confidence is not None:
        sure_here[votes.item, votes.source] = votes.confidence
    said = nothing(workspace)
    place = np.ix_(items, register)
    said.said[place], said.sure[place] = here, sure_here
    return Standpoint(said.said, said.sure, np.sort(items))


def nothing(workspace: Workspace) -> Standpoint:
    """Nobody says anything of any item."""
    shape = workspace.items.count(), len(workspace.log.sources())
    empty = np.full(shape, UNASKED, np.int32), np.full(shape, np.nan, np.float32)
    return Standpoint(*empty, np.zeros(0, np.int64))


def rows_to(
    workspace: Workspace, now: Standpoint, wanted: Standpoint, answers: AnswerCodes
) -> pa.Table:
    """The rows that, added to the log, make sources say what is wanted."""
    item, source = wanted.differs(now).nonzero()
    code = wanted.said[item, source]
    state = np.select(
        [code >= 0, code == ABSTAINED],
        [np.int8(VoteState.VOTED), np.int8(VoteState.ABSTAINED)],
        np.int8(VoteState.WITHDRAWN),
    )
    said = np.array([*answers.names, None, None], object)
    sure = wanted.sure[item, source]
    return pa.table(
        {
            "item": pa.array(item, pa.int64()),
            "source": pa.array(source.astype(np.int32)),
            "state": pa.array(state.astype(np.int8)),
            "answer": pa.array(said[code], pa.string()),
            "confidence": pa.array(sure, pa.float32(), mask=np.isnan(sure)),
            "time": pa.repeat(pa.scalar(datetime.now(UTC), pa.timestamp("ms", "UTC")), len(item)),
            "round": pa.array(np.full(len(item), workspace.round, np.int32)),
        }
    )
