"""Answers of people move from the desk into the vote log, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from labelwright.core.errors import UnknownNameError
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import Vote
from labelwright.pipeline.vote.open_desks import desks
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import vote_rows

TRUSTED_ACCURACY = 0.95
"""Whoever the owner lets answer is believed to be right so often, until ``[sources.NAME]`` says
otherwise. Their questions are the hard ones, on which the other sources are no judges of them."""


def collect_answers(workspace: Workspace) -> int:
    """Drains every desk into the log; gives how many votes were new.

    Safe to repeat and to kill: the log knows a vote by its id, and a vote is marked as drained
    only after the log has it.
    """
    before = workspace.log.count()
    with desks(workspace) as found:
        for desk in found:
            waiting = list(desk.drain())
            if waiting:
                _append(workspace, waiting)
                desk.mark_drained([vote.id for vote in waiting if vote.id is not None])
    new = workspace.log.count() - before
    if new:
        workspace.log.compact()
    return new


def answers_waiting(workspace: Workspace) -> int:
    """How many answers stand that the log does not have yet."""
    with desks(workspace) as found:
        return len(standing_answers(vote for desk in found for vote in desk.drain()))


def standing_answers(votes: Iterable[Vote]) -> list[Vote]:
    """Of votes on their way to the log those that are answers and were not taken back since.

    Args:
        votes: oldest first.
    """
    last: dict[tuple[str, str], Vote] = {}
    for vote in votes:
        last[vote.source, vote.item] = vote
    return [vote for vote in last.values() if not vote.withdrawn]


def _append(workspace: Workspace, votes: Sequence[Vote]) -> None:
    """Adds the votes to the log in one commit; a person not known yet becomes a source."""
    names = list(dict.fromkeys(vote.source for vote in votes))
    people = [Source(name, SourceKind.PERSON, accuracy=TRUSTED_ACCURACY) for name in names]
    number_of = dict(zip(names, workspace.log.register(people).tolist(), strict=True))
    items = workspace.items.find([vote.item for vote in votes])
    if np.any(items < 0):
        lost = votes[int(np.argmax(items < 0))]
        raise UnknownNameError(f"there is no item {lost.item!r} in this project")
    sources = [number_of[vote.source] for vote in votes]
    workspace.log.append(vote_rows(votes, items, sources, round_=workspace.round))
