"""Wire types of auditing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.server.wire.items import Row
from labelwright.server.wire.values import Given, Interval, Name, Told


class Group(Told):
    """A class with the items that the machine gave it and no person has looked at."""

    name: str
    items: int


class Grid(Told):
    """A page of one class, most doubtful first. Accept it by votes with `shown: "audit"`.

    `accepted`: how many items were taken over by a target and no person has answered.
    """

    groups: list[Group]
    group: str | None
    items: list[Row]
    cursor: str | None
    accepted: int


class Stated(Told):
    """The quality of the auto-labelled items, stated from those answered at random.

    `sentence` says it in words. `auto_labelled`: labelled by machines alone. `audited`: answered
    items that were drawn at random. `correct`: estimated share that is right.
    """

    auto_labelled: int
    audited: int
    right: int
    correct: Interval
    sentence: str


class TargetWanted(Given):
    """The share that shall be right, and how many answers the audit may take."""

    target: Annotated[float, Field(gt=0.5, lt=1)]
    sample: Annotated[int, Field(ge=20, le=5000)] = 200


class TargetStep(Told):
    """One step of the way to a target.

    `state`: `none` (nothing begun), `answering` (the sample is in the queue), `passed`, `failed`
    (the sample shows fewer right than wanted), `accepted`. `threshold`: confidence from which on
    items are taken. `candidates`: how many these are. `sampled`, `answered`, `right`: of the
    audit sample. `needed`: how many must be right for the target to hold with 95 % confidence.
    `rest`: how many items stay for people.
    """

    state: Literal["none", "answering", "passed", "failed", "accepted"]
    target: float | None
    threshold: float | None
    candidates: int
    sampled: int
    answered: int
    right: int
    correct: Interval
    rest: int
    sentence: str


class TargetAccept(Given):
    """Accepts what passed. `note` is kept with it."""

    note: Annotated[str, Field(max_length=500)] = ""


class GridWanted(Given):
    """Which page of the grid: of items to audit, or of those `accepted` by a target."""

    group: Name | None = None
    accepted: bool = False
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 60
