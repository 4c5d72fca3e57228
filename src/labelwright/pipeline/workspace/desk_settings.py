"""What people see who label in the browser: the table ``[desk]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeskRules:
    """The table ``[desk]``: what people who label in the browser see, and how long they have.

    Attributes:
        prelabel: whether labellers see what the machine thinks. Items of the random share are
            always shown without, so that they stay an honest test.
        lease_s: after how many seconds a question that was not answered goes to another.
        refit_every: after so many answers suggestions and questions follow them; 0 for only when a
            round has run.
        fields: of an item, those that people see who are asked about it; None for all but those
            that are called like answers.
    """

    prelabel: bool = True
    lease_s: float = 900.0
    refit_every: int = 10
    fields: tuple[str, ...] | None = None
