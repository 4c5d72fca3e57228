"""The desk of a team: questions, leases and votes in a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from labelwright.core.errors import DataError, UnknownNameError
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores.desk.database import Database, Work
from labelwright.stores.desk.led_votes import LED, UNSAID, led_among
from labelwright.stores.desk.rows import (
    Asked,
    DeskVote,
    Flagged,
    Receipt,
    asked_of,
    slot_row,
    told_of,
    vote_row,
)
from labelwright.stores.desk.statements import ASK, RANDOM, Statements, asked_already
from labelwright.stores.desk.tables import ASKED, DONE, FLAGS, HELD, OPEN, SLOTS, VOTES

LEASE_S = 900.0
NEW, AUDIT = "new", "audit"


class SqlDesk:
    """People's questions and answers in a database; implements the port ``Desk``.

    An item has as many slots as people shall answer it; a slot is open, held under a lease, or
    done. Nobody is asked about an item twice, unless they took their answer back.

    Each public method that touches the database has a twin that only makes the piece of work
    (`claiming`, `answering`, ...), for servers that wait for it without a thread.

    Attributes:
        database: where it is kept.
        lease_s: after how many seconds a question that was not answered goes to another.
    """

    def __init__(self, database: Database, lease_s: float = LEASE_S) -> None:
        self.database = database
        self.lease_s = lease_s
        self._do = Statements(database.dialect)

    def offer(
        self,
        assignments: Sequence[Assignment],
        ids: Sequence[str],
        *,
        ask: str = NEW,
        copies: int | None = 1,
    ) -> int:
        """Puts questions into the pool, replacing those that nobody has seen; gives how many.

        Of an item that is being asked, or was asked, so many fewer are put there.

        Args:
            assignments: the questions, most valuable first.
            ids: the id of each one's item.
            ask: what kind of question they are; questions of other kinds stay.
            copies: how many people shall answer each, counting all who ever were asked; None
                for as many more as each assignment says, counting those who are being asked or
                whose answers are not marked as drained.
        """
        rows = [
            slot_row(assignment, id_, ask, rank)
            for rank, (assignment, id_) in enumerate(zip(assignments, ids, strict=True))
        ]

        def offered(connection: Connection) -> int:
            # What somebody skipped stays for others, though it is not picked again.
            seen = select(ASKED.c.item_id).where(ASKED.c.item_id == SLOTS.c.item_id)
            old = delete(SLOTS).where(SLOTS.c.state == OPEN, SLOTS.c.ask == ask, ~seen.exists())
            connection.execute(old)
            taken: dict[str, int] = {}
            for start in range(0, len(rows), 500):
                some = [row["item_id"] for row in rows[start : start + 500]]
                for query in asked_already(some, ask, new_only=copies is None):
                    for id_, count in connection.execute(query):
                        taken[id_] = taken.get(id_, 0) + count
            wanted = [one.people if copies is None else copies for one in assignments]
            new = [
                row
                for row, people in zip(rows, wanted, strict=True)
                for _ in range(people - taken.get(row["item_id"], 0))
            ]
            if new:
                connection.execute(insert(SLOTS), new)
            return len(new)

        return self.database.write(offered)

    def retract(self, ask: str) -> int:
        """Takes back the questions of this kind that nobody has answered; gives how many.

        Who holds one may answer it still: then it is an answer without a question.
        """
        gone = delete(SLOTS).where(SLOTS.c.ask == ask, SLOTS.c.state != DONE)
        return int(self.database.write(lambda connection: connection.execute(gone).rowcount))

    def claim(self, person: str, now: float, count: int = 1) -> list[Assignment]:
        """The next questions for this person, leased to them; fewer if there are no more.

        Args:
            person: the name of the source.
            now: seconds since the epoch.
            count: how many at most.
        """
        return [
            asked.assignment
            for asked in self.database.write(self.claiming(person, now, count), durable=False)
        ]

    def claiming(
        self, person: str, now: float, count: int, *, resume: bool = False, ask: str | None = None
    ) -> Work[list[Asked]]:
        """The piece of work of `claim`; `resume` first gives again what the person holds.

        With `ask` only questions of that kind are given.
        """
        until = now + self.lease_s

        def claimed(connection: Connection) -> list[Asked]:
            self._do.expire.run(connection, now=now)
            held: list[Any] = []
            if resume:
                rows = self._do.held_by.run(connection, of=person, now=now).fetchall()
                held = [row for row in rows if ask in (None, row[ASK])][:count]
            chosen = self._unseen(connection, person, count - len(held), ask)
            if chosen:
                places = [{"slot": row[0], "of": person, "lease": until} for row in chosen]
                self._do.hold.run_many(connection, places)
                # Not `see`: of two claims of one person at a time, one must fail and try again.
                seen = [{"person": person, "item_id": row[1]} for row in chosen]
                self._do.ask.run_many(connection, seen)
            return [asked_of(row, person, until) for row in [*held, *chosen]]

        return claimed

    def answer(self, vote: Vote) -> None:
        """Takes one vote, once, however often it is sent. It is on disk when this returns.

        Raises:
            DataError: it has no id; its id is that of another's vote; it corrects another's.
            StorageError: it could not be written, and was not taken.
        """
        self.database.write(self.answering(DeskVote(vote)))

    def answering(self, told: DeskVote) -> Work[Receipt]:
        """The piece of work of `answer`."""
        vote = told.vote
        if not vote.id:
            raise DataError("a vote for the desk needs an id, so that it is taken only once")

        def answered(connection: Connection) -> Receipt:
            if vote.supersedes is not None:
                self._own(connection, vote.supersedes, vote.source, vote.item)
            known = self._do.vote_by_id.run(connection, vote=vote.id).fetchone()
            if known is not None:
                if tuple(known) != (vote.source, vote.item):
                    raise DataError(f"the id {vote.id!r} is that of another vote; make a new one")
                return Receipt.KNOWN
            saw = self._saw(connection, told)
            slot = self._close(connection, vote, led=saw in LED)
            self._do.add_vote.run(connection, **vote_row(replace(told, shown=saw), slot))
            return Receipt.TAKEN

        return answered

    def undoing(
        self, person: str, vote_id: str, new_id: str, now: float, at: datetime
    ) -> Work[Asked]:
        """A piece of work that withdraws a person's vote and leases them its question anew.

        Raises:
            UnknownNameError: they cast no such vote.
        """
        until = now + self.lease_s

        def undone(connection: Connection) -> Asked:
            item_id = self._own(connection, vote_id, person)
            if self._do.vote_by_id.run(connection, vote=new_id).fetchone() is None:
                back = Vote(
                    item=item_id,
                    source=person,
                    answer=None,
                    time=at,
                    id=new_id,
                    supersedes=vote_id,
                    withdrawn=True,
                )
                self._do.add_vote.run(connection, **vote_row(DeskVote(back), None))
            self._do.forget.run(connection, of=person, on=item_id)
            self._do.reopen.run(connection, of=person, on=item_id, lease=until)
            slot = self._do.held_item.run(connection, of=person, on=item_id).fetchone()
            if slot is None:
                # It was answered without a question, as when browsing.
                return Asked(Assignment(-1, person, 1.0, False, "", until), item_id, "")
            return asked_of(slot, person, until)

        return undone

    def skipping(self, person: str, item_id: str) -> Work[None]:
        """A piece of work that gives a question back; the person is not asked it again."""

        def skipped(connection: Connection) -> None:
            self._do.release.run(connection, of=person, on=item_id)
            self._do.see.run(connection, person=person, item_id=item_id)

        return skipped

    def flagging(self, flag: Flagged) -> Work[None]:
        """A piece of work that records a flag."""
        row = {"item_id": flag.item_id, "person": flag.person, "note": flag.note, "time": flag.time}

        def flagged(connection: Connection) -> None:
            connection.execute(insert(FLAGS), row)

        return flagged

    def flags(self, limit: int = 200) -> list[Flagged]:
        """The latest flags, newest first."""
        query = select(FLAGS).order_by(FLAGS.c.id.desc()).limit(limit)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [Flagged(row.item_id, row.person, row.note, row.time) for row in rows]

    def drain(self) -> Iterator[Vote]:
        """The votes that are not marked as drained, oldest first."""
        query = select(VOTES).where(~VOTES.c.drained).order_by(VOTES.c.seq)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        yield from (told_of(row).vote for row in rows)

    def mark_drained(self, ids: Iterable[str]) -> None:
        """Says that the log has the votes with these ids. Saying it twice is harmless.

        Raises:
            StorageError: it could not be written.
        """
        rows = [{"vote": id_} for id_ in ids]
        if rows:
            mark = update(VOTES).where(VOTES.c.id == bindparam("vote")).values(drained=True)
            self.database.write(lambda connection: connection.execute(mark, rows) and None)

    def votes_of(self, person: str, limit: int) -> list[DeskVote]:
        """The person's latest votes, newest first."""
        query = select(VOTES).where(VOTES.c.person == person)
        return self._votes(query.order_by(VOTES.c.seq.desc()).limit(limit))

    def waiting_on(self, item_id: str) -> list[DeskVote]:
        """The votes on the item that are not marked as drained, oldest first."""
        query = select(VOTES).where(VOTES.c.item_id == item_id, ~VOTES.c.drained)
        return self._votes(query.order_by(VOTES.c.seq))

    def answered_lately(self) -> list[str]:
        """The ids of the items with votes that are not marked as drained."""
        query = select(VOTES.c.item_id).where(text("not drained"), ~VOTES.c.withdrawn).distinct()
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [row.item_id for row in rows]

    def drawn(self, ask: str | None = None) -> list[DeskVote]:
        """The blind votes on items drawn at random, oldest first, taken back or not."""
        query = select(VOTES).where(VOTES.c.probability.is_not(None), VOTES.c.shown.not_in(LED))
        if ask is not None:
            query = query.where(VOTES.c.ask == ask)
        return self._votes(query.order_by(VOTES.c.seq))

    def standing_drawn(self, ask: str | None = None) -> list[DeskVote]:
        """Of the answers on items drawn at random those that stand: the last of each person."""
        gone = {vote.supersedes for vote in self.corrections()}
        last = {
            (told.vote.source, told.vote.item): told
            for told in self.drawn(ask)
            if told.vote.id not in gone and told.vote.answer is not None
        }
        return list(last.values())

    def led(self, ids: Sequence[str]) -> set[tuple[str, str]]:
        """Whose last votes on which of these items were given with a label in view, as pairs."""
        return self.database.read(led_among(ids))

    def corrections(self) -> list[Vote]:
        """The votes that take another one back or put something in its place, oldest first."""
        query = select(VOTES).where(VOTES.c.supersedes.is_not(None)).order_by(VOTES.c.seq)
        return [told.vote for told in self._votes(query)]

    def saw(self, person: str, item_id: str) -> bool:
        """Whether the person was asked about the item, or answered it."""
        query = select(ASKED.c.item_id).where(ASKED.c.person == person, ASKED.c.item_id == item_id)
        return bool(self.database.read(lambda connection: connection.execute(query).first()))

    def busy(self, *, done: bool = True) -> list[int]:
        """The numbers of the items that somebody holds, skipped, or (`done`) answered."""
        seen = select(ASKED.c.item_id).where(ASKED.c.item_id == SLOTS.c.item_id)
        query = select(SLOTS.c.item).where(seen.exists()).distinct()
        if not done:
            query = query.where(SLOTS.c.state != DONE)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [row.item for row in rows]

    def honest(self, *, held: str | None = None) -> list[int]:
        """The numbers of the items drawn at random whose answers are still waited for.

        Args:
            held: only those that somebody holds, of this kind of questions: the next offer
                replaces the others.
        """
        query = select(SLOTS.c.item).where(SLOTS.c.random, SLOTS.c.state != DONE).distinct()
        if held is not None:
            query = query.where(SLOTS.c.state == HELD, SLOTS.c.ask == held)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [row.item for row in rows]

    def ahead(self, most: int) -> list[int]:
        """The numbers of the items of the next open questions."""
        query = select(SLOTS.c.item).where(text("state = 0")).order_by(SLOTS.c.rank, SLOTS.c.id)
        rows = self.database.read(lambda connection: connection.execute(query.limit(most)).all())
        return [row.item for row in rows]

    def open(self, most: int = 1_000) -> int:
        """How many questions nobody holds, counted up to `most`."""
        some = select(SLOTS.c.id).where(text("state = 0")).limit(most).subquery()
        query = select(func.count()).select_from(some)
        return int(self.database.read(lambda connection: connection.execute(query).scalar_one()))

    def _unseen(
        self, connection: Connection, person: str, count: int, ask: str | None
    ) -> list[Any]:
        """Open slots (of one kind) of items that the person has not seen, one an item."""
        statement, kind = (self._do.open, {}) if ask is None else (self._do.open_of, {"kind": ask})
        most = count
        while count > 0:
            rows = statement.run(connection, of=person, most=most, **kind).fetchall()
            # An item may have several open slots; a person gets the first of them.
            chosen = list({row[1]: row for row in reversed(rows)}.values())[::-1][:count]
            if len(chosen) == count or len(rows) < most:
                return chosen
            most *= 4
        return []

    def _saw(self, connection: Connection, told: DeskVote) -> str:
        """What the person saw: no label, if they hold a question that shall be answered so."""
        if told.shown != UNSAID:
            return told.shown
        held = self._do.held_item.run(connection, of=told.vote.source, on=told.vote.item).fetchone()
        return "blind" if held and (held[RANDOM] or held[ASK] == AUDIT) else UNSAID

    def _close(self, connection: Connection, vote: Vote, *, led: bool) -> Any:
        """Closes the question that the vote answers; opens it again if it takes one back.

        A question of the random share is still to be answered blind after one who was `led`.
        """
        if vote.withdrawn:
            self._do.forget.run(connection, of=vote.source, on=vote.item)
            self._do.open_again.run(connection, of=vote.source, on=vote.item)
            return None
        if led and self._do.waits_blind.run(connection, on=vote.item).fetchone() is not None:
            return None
        slot = self._do.finish_held.run(connection, of=vote.source, on=vote.item).fetchone()
        if slot is None:
            # Answered late, or without being asked: then one fewer is to be asked.
            slot = self._do.finish_open.run(connection, of=vote.source, on=vote.item).fetchone()
            self._do.see.run(connection, person=vote.source, item_id=vote.item)
        return slot

    def _own(
        self, connection: Connection, vote_id: str, person: str, item_id: str | None = None
    ) -> str:
        """The item of the person's vote with this id.

        Raises:
            UnknownNameError: there is none of theirs (on that item).
        """
        row = self._do.vote_by_id.run(connection, vote=vote_id).fetchone()
        if row is None or row[0] != person or item_id not in (None, row[1]):
            raise UnknownNameError(f"there is no vote {vote_id!r} of yours to take back or correct")
        return str(row[1])

    def _votes(self, query: Any) -> list[DeskVote]:
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [told_of(row) for row in rows]
