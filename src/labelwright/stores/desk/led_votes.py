"""Votes that were given with a label in view: they are no honest test of what machines say."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from labelwright.stores.desk.database import Work
from labelwright.stores.desk.tables import VOTES

UNSAID = "unsaid"
"""Nobody said what the person saw, and no question that they held tells it."""
LED = ("prelabel", "audit", "rules", "browse", UNSAID)
"""What a person may have seen beside an item that told them an answer."""
AT_ONCE = 500


def led_among(ids: Sequence[str]) -> Work[set[tuple[str, str]]]:
    """The piece of work that finds whose last votes on which of these items are such, as pairs."""

    def found(connection: Connection) -> set[tuple[str, str]]:
        last: dict[tuple[str, str], str] = {}
        for start in range(0, len(ids), AT_ONCE):
            query = select(VOTES.c.person, VOTES.c.item_id, VOTES.c.shown)
            some = query.where(VOTES.c.item_id.in_(ids[start : start + AT_ONCE]))
            for person, item, shown in connection.execute(some.order_by(VOTES.c.seq)):
                last[person, item] = shown
        return {pair for pair, shown in last.items() if shown in LED}

    return found
