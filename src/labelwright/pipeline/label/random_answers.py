"""Which items were drawn at random for people, and how much each of their answers stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.items import ID
from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes
from labelwright.pipeline.vote.open_desks import team_desk
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import Draws

FROM_ALL = "new"
"""The questions of a team's desk whose random share is drawn from all that may be asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Items that were drawn at random, each once.

    Attributes:
        item: their numbers, rising, shape (items,).
        weight: how much an answer on each counts; all of them together as many answers as they
            are worth, shape (items,).
        led: the `answer_keys` of answers on them that were given with a label in view, which do
            not count.
    """

    item: NDArray[np.int64]
    weight: NDArray[np.float64]
    led: NDArray[np.int64]


def all_draws(workspace: Workspace) -> Draws:
    """The random shares of all batches, of the terminal and of the team's desk."""
    at_terminal = workspace.drawn.all()
    with team_desk(workspace) as team:
        told = [] if team is None else team.standing_drawn(FROM_ALL)
    numbers = workspace.items.find([one.vote.item for one in told])
    chance = np.array([one.probability or 1.0 for one in told], np.float64)
    when = np.array(["" for _ in told], np.str_)
    items = np.zeros(len(told), np.int64)
    known = numbers >= 0
    return Draws(
        item=np.concatenate([at_terminal.item, numbers[known]]),
        probability=np.concatenate([at_terminal.probability, chance[known]]),
        when=np.concatenate([at_terminal.when, when[known]]),
        items=np.concatenate([at_terminal.items, items[known]]),
    )


def drawn_items(workspace: Workspace, votes: Votes) -> Drawn:
    """The items that were drawn at random for people and answered by them, unled.

    Args:
        workspace: the project.
        votes: that count.
    """
    draws = all_draws(workspace)
    item = np.unique(draws.item)
    led = led_answers(workspace, votes, item)
    item = item[answered_by_people(votes, led)[item]]
    return Drawn(item, _weights(item, draws), led) if len(item) else _NONE


def answered_by_people(votes: Votes, led: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
    """Which items people have answered, other than by these `led` answers, shape (items,)."""
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    found = np.zeros(votes.items, bool)
    counts = people[votes.source] & (votes.answer >= 0)
    if led is not None and len(led):
        counts &= ~np.isin(answer_keys(votes.item, votes.source, votes), led)
    found[votes.item[counts]] = True
    return found


def led_answers(workspace: Workspace, votes: Votes, items: NDArray[np.int64]) -> NDArray[np.int64]:
    """The `answer_keys` of people's answers on these items that followed a label in view."""
    with team_desk(workspace) as team:
        if team is None or not len(items):
            return np.zeros(0, np.int64)
        pairs = sorted(team.led(workspace.items.take(items, [ID])[ID].to_pylist()))
    place = {
        source.name: number
        for number, source in enumerate(votes.sources)
        if source.kind is SourceKind.PERSON
    }
    known = [(person, item) for person, item in pairs if person in place]
    item = workspace.items.find([item for _, item in known])
    source = np.array([place[person] for person, _ in known], np.int64)
    return np.unique(answer_keys(item, source, votes))


def answer_keys(
    item: NDArray[np.integer[Any]], source: NDArray[np.integer[Any]], votes: Votes
) -> NDArray[np.int64]:
    """A number for every pair of an item and one of the sources of these votes."""
    return np.asarray(item.astype(np.int64) * max(len(votes.sources), 1) + source)


def draws_by_id(workspace: Workspace, votes: Votes) -> list[dict[str, Any]]:
    """The draws of answered items, as another project can read them."""
    draws = all_draws(workspace)
    led = led_answers(workspace, votes, np.unique(draws.item))
    answered = answered_by_people(votes, led)[draws.item]
    ids = workspace.items.take(draws.item[answered], [ID])[ID].to_pylist()
    told = zip(
        ids,
        draws.probability[answered].tolist(),
        draws.when[answered].tolist(),
        draws.items[answered].tolist(),
        strict=True,
    )
    names = ("id", "probability", "when", "items")
    return [dict(zip(names, one, strict=True)) for one in sorted(told)]


def bring_draws(workspace: Workspace, told: Sequence[Mapping[str, Any]]) -> None:
    """Puts on record the draws of another project that are not there yet."""
    known = workspace.drawn.all()
    there = set(zip(known.item.tolist(), known.when.tolist(), strict=True))
    found = workspace.items.find([one["id"] for one in told]).tolist()
    new = [
        (number, one)
        for number, one in zip(found, told, strict=True)
        if number >= 0 and (number, one["when"]) not in there
    ]
    workspace.drawn.put(
        Draws(
            item=np.array([number for number, _ in new], np.int64),
            probability=np.array([one["probability"] for _, one in new], np.float64),
            when=np.array([one["when"] for _, one in new], np.str_),
            items=np.array([one["items"] for _, one in new], np.int64),
        )
    )


def _weights(item: NDArray[np.int64], draws: Draws) -> NDArray[np.float64]:
    """One over how often each item was to be expected in the draws, as answers of equal worth.

    A batch draws from the items that were there: who came later had fewer chances and stands for
    more (multiplicity estimator; the worth of unequal weights is Kish's).
    """
    batches: dict[tuple[str, float], int] = {}
    told = zip(draws.when.tolist(), draws.probability.tolist(), draws.items.tolist(), strict=True)
    for when, chance, there in told:
        batches[when, chance] = max(there, batches.get((when, chance), 0))
    expected = np.zeros(len(item))
    for (_, chance), there in batches.items():
        expected += chance * (item < there if there else True)
    weight = 1 / np.maximum(expected, 1e-12)
    worth = weight.sum() ** 2 / (weight**2).sum()
    return np.asarray((weight * worth / weight.sum()).round(9))


_NONE = Drawn(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
