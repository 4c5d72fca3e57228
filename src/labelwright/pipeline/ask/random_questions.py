"""The first questions are random, until it is known how frequent each class is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.core.ports import QueryStrategy
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_answers import FROM_ALL, answered_by_people
from labelwright.pipeline.label.random_first import RandomFirst, random_first
from labelwright.pipeline.vote.open_desks import team_desk
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import at_random, joined

if TYPE_CHECKING:
    from labelwright.stores import SqlDesk


def picked_random_first(
    workspace: Workspace,
    labels: Labels,
    strategy: QueryStrategy,
    pool: Pool,
    count: int,
    rng: np.random.Generator,
) -> Picks:
    """The strategy's picks, after as many random ones as class balance still takes."""
    first = at_random(pool, min(count, still_wanted(workspace, labels)), rng)
    if not len(first.position):
        return strategy.pick(pool, count, rng)
    askable = pool.askable.copy()
    askable[first.position] = False
    rest = count - len(first.position)
    if not rest or not askable.any():
        return first
    return joined(first, strategy.pick(replace(pool, askable=askable), rest, rng))


def with_desk(
    workspace: Workspace, labels: Labels, desk: SqlDesk, *, asked: bool = False
) -> RandomFirst:
    """The same, random answers counted that the log does not have yet.

    Args:
        workspace: the project.
        labels: that stand.
        desk: the team's.
        asked: whether random questions count that somebody holds: what lies open is replaced
            by what is picked next.
    """
    found = random_first(labels)
    if not found.missing:
        return found
    answered = workspace.items.find([told.vote.item for told in desk.standing_drawn(FROM_ALL)])
    waiting = {*answered.tolist(), *(desk.honest(held=FROM_ALL) if asked else ())}
    known = np.flatnonzero(answered_by_people(labels.votes)).tolist()
    new = len(waiting.difference(known))
    return replace(found, answers=found.answers + new, missing=max(found.missing - new, 0))


def missing_now(workspace: Workspace, labels: Labels) -> RandomFirst:
    """The same, by the desk of the project's team, if it has one."""
    found = random_first(labels)
    if not found.missing:
        return found
    with team_desk(workspace) as team:
        return found if team is None else with_desk(workspace, labels, team)


def still_wanted(workspace: Workspace, labels: Labels) -> int:
    """How many questions are to be drawn at random now, but for those that wait on a desk."""
    missing = random_first(labels).missing
    if not missing:
        return 0
    with team_desk(workspace) as team:
        return missing if team is None else with_desk(workspace, labels, team, asked=True).missing
