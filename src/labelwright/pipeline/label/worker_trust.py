"""Whose votes count: people's trust, computed from their votes on hidden test questions.

A test question is an item of the training part whose gold is known, shown like any other. What
was contested and forgiven is on record beside the votes; nothing else is stored, so that a
forgiven answer, or a withdrawn one, changes trust at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Trust, trust


@dataclass(frozen=True, slots=True, eq=False)
class Trusted:
    """How people stand. All shapes (sources,), of the votes that were asked about.

    Attributes:
        person: whether the source is a person.
        trust: of every source, of those without test questions what is expected of anybody.
        held_back: whether its votes do not count now.
    """

    person: NDArray[np.bool_]
    trust: Trust
    held_back: NDArray[np.bool_]


def trusted(workspace: Workspace, votes: Votes) -> Trusted:
    """How the people among the sources of these votes did on their test questions.

    Args:
        workspace: the project.
        votes: in force, gold's included.
    """
    person = _people(votes)
    tested, right = examined(workspace, votes)
    count = np.bincount(votes.source[tested], minlength=len(person))
    found = trust(np.bincount(votes.source[right], minlength=len(person)), count)
    held = workspace.settings.crowd.tests.held_back(found.value, found.tested) & person
    return Trusted(person, found, held)


def examined(workspace: Workspace, votes: Votes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which votes are people's answers to test questions, not forgiven, and which are right.

    Both have shape (votes,).
    """
    truth = truth_of(votes)
    tested = _people(votes)[votes.source] & (votes.answer >= 0) & (truth[votes.item] >= 0)
    tested &= ~_forgiven(workspace, votes)
    return tested, tested & (votes.answer == truth[votes.item])


def possible_tests(workspace: Workspace, votes: Votes) -> NDArray[np.int64]:
    """The items that can be test questions: gold knows them, and no protest retired them."""
    known = truth_of(votes) >= 0
    retired = [item for item, person in workspace.forgiven.pairs() if person is None]
    places = workspace.items.find(retired)
    known[places[places >= 0]] = False
    return np.flatnonzero(known)


def truth_of(votes: Votes) -> NDArray[np.int64]:
    """What gold says of each item, as a position in the votes' answers; -1 where nothing."""
    gold = np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)
    truth = np.full(votes.items, -1, np.int64)
    says = gold[votes.source] & (votes.answer >= 0)
    truth[votes.item[says]] = votes.answer[says]
    return truth


def _people(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are people, shape (sources,)."""
    return np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)


def _forgiven(workspace: Workspace, votes: Votes) -> NDArray[np.bool_]:
    """Which votes were forgiven, shape (votes,)."""
    pairs = sorted(workspace.forgiven.pairs(), key=str)
    number = {source.name: place for place, source in enumerate(votes.sources)}
    marked = np.zeros(len(votes.item), bool)
    for item, (_, person) in zip(workspace.items.find([i for i, _ in pairs]), pairs, strict=True):
        of_item = votes.item == item
        marked |= of_item if person is None else of_item & (votes.source == number.get(person, -1))
    return marked
