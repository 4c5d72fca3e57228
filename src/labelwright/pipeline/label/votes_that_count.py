"""Whose votes count: what stands, but for held-out gold, items set aside, people held back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes
from labelwright.pipeline.label.worker_trust import trusted
from labelwright.pipeline.vote.active_sources import Active
from labelwright.pipeline.workspace.workspace import Workspace

HELD_OUT = ("test", "valid")


def votes_for_labels(workspace: Workspace, sources: Active) -> Votes:
    """The votes that count: those of people whom test questions hold back are left out.

    Raises:
        NothingToDoError: there are no items.
    """
    votes = votes_on_record(workspace, sources)
    if not workspace.settings.crowd.tests.used:
        return votes
    held_back = trusted(workspace, votes).held_back[votes.source]
    return without(votes, held_back) if held_back.any() else votes


def votes_on_record(workspace: Workspace, sources: Active) -> Votes:
    """The votes in force, without those on items set aside and gold on held-out ones.

    Raises:
        NothingToDoError: there are no items.
    """
    if workspace.items.count() == 0:
        raise NothingToDoError(
            f"the project {workspace.settings.name!r} has no items yet; add some with: "
            f"labelwright import {workspace.folder} FILE"
        )
    votes = workspace.in_force(sources.numbers, sources.sources)
    drop = from_gold(votes)[votes.source] & np.isin(workspace.splits(), HELD_OUT)[votes.item]
    drop |= workspace.set_aside.mask(votes.items)[votes.item]
    return without(votes, drop) if drop.any() else votes


def check_votes(workspace: Workspace, votes: Votes) -> None:
    """Returns if anybody voted.

    Raises:
        NothingToDoError: nobody did.
    """
    if not np.any(votes.answer >= 0):
        raise NothingToDoError(
            "nobody has voted yet; write functions in sources.py or rules in labelwright.toml "
            "and run: labelwright vote. Or import votes: labelwright import "
            f"{workspace.folder} --votes FILE"
        )


def without(votes: Votes, drop: NDArray[np.bool_]) -> Votes:
    """The votes without those that `drop` marks, shape (votes,)."""
    keep = ~drop
    return replace(
        votes,
        item=votes.item[keep],
        source=votes.source[keep],
        answer=votes.answer[keep],
        confidence=None if votes.confidence is None else votes.confidence[keep],
    )


def from_gold(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are gold, shape (sources,)."""
    return np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)
