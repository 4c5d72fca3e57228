"""Hidden test questions at the desk: each is made for one person, and for nobody else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, or_, select, text

from labelwright.core.pool import Assignment
from labelwright.stores.desk.database import Database, Work
from labelwright.stores.desk.rows import Asked, DeskVote, slot_row, told_of
from labelwright.stores.desk.tables import ASKED, HELD, OPEN, SLOTS, VOTES

TEST = "test"
CHUNK = 500


class DeskExams:
    """Test questions in the tables of the desk, beside all others.

    Attributes:
        database: where the desk is kept.
        lease_s: after how many seconds a test that was not answered is dropped.
    """

    def __init__(self, database: Database, lease_s: float) -> None:
        self.database = database
        self.lease_s = lease_s

    def handing(
        self, person: str, now: float, questions: Sequence[Assignment], ids: Sequence[str]
    ) -> Work[list[Asked]]:
        """A piece of work that leases these test questions to the person.

        What they have seen meanwhile is left out; what they skipped or let lapse is dropped, so
        that nobody else gets it.
        """
        until = now + self.lease_s
        lapsed = or_(SLOTS.c.state == OPEN, (SLOTS.c.state == HELD) & (SLOTS.c.until <= now))

        def handed(connection: Connection) -> list[Asked]:
            connection.execute(delete(SLOTS).where(SLOTS.c.ask == TEST, lapsed))
            seen = set(_seen(connection, person, ids))
            fresh = [(one, id_) for one, id_ in zip(questions, ids, strict=True) if id_ not in seen]
            if fresh:
                rows = [
                    {**slot_row(one, id_, TEST, 0), "state": HELD, "person": person, "until": until}
                    for one, id_ in fresh
                ]
                connection.execute(insert(SLOTS), rows)
                asked = [{"person": person, "item_id": id_} for _, id_ in fresh]
                connection.execute(insert(ASKED), asked)
            return [
                Asked(Assignment(one.item, person, 1.0, False, "", until), id_, TEST)
                for one, id_ in fresh
            ]

        return handed

    def unseen(self, person: str, ids: Sequence[str], most: int) -> list[str]:
        """The first of these items that the person was never asked about, at most so many."""

        def found(connection: Connection) -> list[str]:
            left: list[str] = []
            for start in range(0, len(ids), CHUNK):
                some = ids[start : start + CHUNK]
                seen = set(_seen(connection, person, some))
                left += [id_ for id_ in some if id_ not in seen]
                if len(left) >= most:
                    break
            return left[:most]

        return self.database.read(found)

    def held(self, person: str, now: float) -> int:
        """How many test questions the person holds."""
        query = (
            select(func.count())
            .select_from(SLOTS)
            .where(SLOTS.c.person == person, SLOTS.c.state == HELD, SLOTS.c.until > now)
            .where(SLOTS.c.ask == TEST)
        )
        return int(self.database.read(lambda connection: connection.execute(query).scalar_one()))

    def said(self, person: str) -> list[DeskVote]:
        """All that the person said of test questions, and of what is not drained; oldest first.

        What was corrected or taken back is among it, and what corrects it or takes it back.
        """
        tests = or_(VOTES.c.ask == TEST, VOTES.c.supersedes.is_not(None), text("not drained"))
        query = select(VOTES).where(VOTES.c.person == person, tests).order_by(VOTES.c.seq)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [told_of(row) for row in rows]

    def vote(self, person: str, vote_id: str) -> DeskVote | None:
        """The person's vote with this id, if there is one."""
        query = select(VOTES).where(VOTES.c.id == vote_id, VOTES.c.person == person)
        row = self.database.read(lambda connection: connection.execute(query).first())
        return None if row is None else told_of(row)


def _seen(connection: Connection, person: str, ids: Sequence[str]) -> list[str]:
    query = select(ASKED.c.item_id).where(ASKED.c.person == person, ASKED.c.item_id.in_(ids))
    return [row.item_id for row in connection.execute(query)]
