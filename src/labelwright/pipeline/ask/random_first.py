"""The first questions are random, until it is known how frequent each class is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.core.ports import QueryStrategy
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_answers import FROM_ALL, answered_by_people
from labelwright.pipeline.vote.open_desks import team_desk
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import at_random, joined


@dataclass(frozen=True, slots=True)
class RandomFirst:
    """How many questions are still drawn at random, and why.

    Attributes:
        answers: how many random answers there are; gold that is a random sample counts.
        missing: how many more are wanted before questions are chosen by their worth.
        without: classes that no function, rule or model votes for.
    """

    answers: int
    missing: int
    without: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """That in words; empty where nothing is missing."""
        if not self.missing:
            return ""
        why = (
            f"no source votes for {', '.join(map(repr, self.without))}, so that"
            if self.without
            else "what sources vote on is no fair sample:"
        )
        return (
            f"{self.missing} more random answer{'' if self.missing == 1 else 's'} tell how "
            f"frequent each class is ({self.answers} so far): {why} items without votes have no "
            "label until then"
        )


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


def random_first(labels: Labels) -> RandomFirst:
    """What is still to be drawn at random, by the labels that stand."""
    balance = labels.balance
    if balance is None:
        return RandomFirst(0, 0)
    head = int(balance.missing.argmax())
    silent = np.flatnonzero(~balance.voted[head]).tolist() if labels.units.single else []
    return RandomFirst(
        answers=round(float(balance.worth[head])),
        missing=int(balance.missing[head]),
        without=tuple(labels.units.class_names[place] for place in silent),
    )


def still_wanted(workspace: Workspace, labels: Labels) -> int:
    """How many questions are to be drawn at random now, but for those that wait on a desk."""
    missing = random_first(labels).missing
    if not missing:
        return 0
    with team_desk(workspace) as team:
        if team is None:
            return missing
        answered = workspace.items.find([told.vote.item for told in team.standing_drawn(FROM_ALL)])
        waiting = {*team.honest(), *answered.tolist()}
    known = np.flatnonzero(answered_by_people(labels.votes)).tolist()
    return max(missing - len(waiting.difference(known)), 0)
