"""Wire types of how several people work together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from labelwright.server.wire.values import Given, Interval, ItemNumber, Told


class Worker(Told):
    """One person. `trust`: accuracy on hidden test questions with its 95 % interval.

    `agreement`: how probable the labels make their answers, where others voted too. `state`:
    `counts`, `at the quiz`, or `held back`.
    """

    name: str
    answers: int
    tested: int
    right: int
    trust: Interval
    agreement: float | None
    state: str


class Crowd(Told):
    """Everybody who answered, as far as the labels know. `alpha`: Krippendorff's.

    Of the `answered` items, `unsure` want `wanted` more answers now, and `exhausted` have all
    that they may get and are still in doubt. `tests` items can be test questions.
    """

    people: list[Worker]
    alpha: float | None
    tests: int
    answered: int
    unsure: int
    wanted: int
    exhausted: int


class Forgive(Given):
    """Takes the answer to a test question out of a person's trust.

    `person` null retires the question for everybody.
    """

    item: ItemNumber
    person: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


class Forgiven(Told):
    """`new`: whether it was not forgiven before."""

    new: bool
