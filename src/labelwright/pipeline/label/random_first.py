"""How many answers on items drawn at random are missing until class balance is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.votes import Votes
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_answers import answered_by_people
from labelwright.quality import ClassBalance


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


def random_first(labels: Labels) -> RandomFirst:
    """What is still to be drawn at random, by the labels that stand."""
    names = labels.units.class_names if labels.units.single else ()
    return unless_all_answered(of_balance(labels.balance, names), labels.votes)


def unless_all_answered(found: RandomFirst, votes: Votes) -> RandomFirst:
    """The same; nothing is missing where people, a crowd say, have answered every item."""
    if found.missing and answered_by_people(votes).all():
        return replace(found, missing=0)
    return found


def of_balance(balance: ClassBalance | None, names: Sequence[str]) -> RandomFirst:
    """What is still to be drawn at random for this balance.

    Args:
        balance: None where units are found in votes.
        names: of the classes, where an answer is one of them; else empty.
    """
    if balance is None:
        return NOTHING_MISSING
    head = int(balance.missing.argmax())
    silent = np.flatnonzero(~balance.voted[head]).tolist() if names else []
    return RandomFirst(
        answers=round(float(balance.worth[head])),
        missing=int(balance.missing[head]),
        without=tuple(names[place] for place in silent),
    )


NOTHING_MISSING = RandomFirst(0, 0)
"""Of what has no balance."""
