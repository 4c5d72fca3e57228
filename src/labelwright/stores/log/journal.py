"""The desk of one person at a terminal: answers on disk before they are acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from labelwright.core.errors import DataError, StorageError
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.stores.disk.json_lines import JsonLines, Record

LEASE_S = 900.0


@dataclass(slots=True)
class _Question:
    """An assignment, the id of its item, and who has it."""

    assignment: Assignment
    id: str
    holder: str = ""
    lease_until: float = 0.0


class JournalDesk:
    """Votes of people in a file of JSON lines; implements the port ``Desk``.

    A vote that :meth:`answer` returned from survives a kill. Questions and leases live in
    memory, as long as the person sits at the terminal.

    Votes reach the log at least once: drain, append to the log, mark as drained. After a crash
    in between they are drained again; the log leaves out ids that it has.

    Attributes:
        path: the file; it need not exist yet.
        lease_s: after how many seconds a question that was not answered may go to another.
    """

    def __init__(self, path: Path, lease_s: float = LEASE_S) -> None:
        self.path = path
        self.lease_s = lease_s
        self._lines = JsonLines(path)
        self._read_to = 0
        self._votes: dict[str, Vote] = {}
        self._drained: set[str] = set()
        self._questions: list[_Question] = []
        self._had: set[tuple[str, str]] = set()

    def offer(self, assignments: Sequence[Assignment], ids: Sequence[str]) -> None:
        """Puts questions into the pool, replacing those that nobody holds.

        Args:
            assignments: the questions, most valuable first; without a person, anybody's.
            ids: the id of each one's item.
        """
        held = [question for question in self._questions if question.holder]
        fresh = zip(assignments, ids, strict=True)
        self._questions = [*held, *(_Question(assignment, id_) for assignment, id_ in fresh)]

    def claim(self, person: str, now: float, count: int = 1) -> list[Assignment]:
        """The next questions for this person, leased to them; fewer if there are no more.

        Nobody gets an item twice, unless they took their answer back.

        Args:
            person: the name of the source.
            now: seconds since the epoch.
            count: how many at most.
        """
        self._refresh()
        answered = self._answered(person)
        claimed: list[Assignment] = []
        for question in self._questions:
            if len(claimed) >= count:
                break
            if question.assignment.person not in ("", person) or question.lease_until > now:
                continue
            if question.id in answered or (person, question.id) in self._had:
                continue
            question.holder, question.lease_until = person, now + self.lease_s
            self._had.add((person, question.id))
            claimed.append(
                replace(question.assignment, person=person, lease_until=question.lease_until)
            )
        return claimed

    def answer(self, vote: Vote) -> None:
        """Takes one vote, once, however often it is sent. It is on disk when this returns.

        Raises:
            DataError: it has no id.
            StorageError: it could not be written, and was not taken.
        """
        if not vote.id:
            raise DataError("a vote for the desk needs an id, so that it is taken only once")

        new: list[Record] = []

        def unless_there() -> list[Record]:
            self._refresh()
            if vote.id not in self._votes:
                new.append({"vote": _record(vote)})
            return new

        self._lines.extend(unless_there)
        self._refresh()
        if new:
            self._close(vote)

    def drain(self) -> Iterator[Vote]:
        """The votes that are not marked as drained, oldest first."""
        self._refresh()
        yield from [vote for id_, vote in self._votes.items() if id_ not in self._drained]

    def mark_drained(self, ids: Iterable[str]) -> None:
        """Says that the log has the votes with these ids. Saying it twice is harmless.

        Raises:
            StorageError: it could not be written.
        """
        wanted = list(ids)

        def new() -> list[Record]:
            self._refresh()
            left = [id_ for id_ in wanted if id_ not in self._drained]
            return [{"drained": left}] if left else []

        self._lines.extend(new)
        self._refresh()

    def _refresh(self) -> None:
        """Reads what was added since, by whatever process."""
        records, self._read_to = self._lines.read(self._read_to)
        for record in records:
            if "vote" in record:
                vote = self._parsed(record["vote"])
                self._votes.setdefault(str(vote.id), vote)
            self._drained.update(record.get("drained", ()))

    def _answered(self, person: str) -> set[str]:
        """The ids of the items on which the person's last word is an answer."""
        last = {vote.item: vote for vote in self._votes.values() if vote.source == person}
        return {item for item, vote in last.items() if not vote.withdrawn}

    def _close(self, vote: Vote) -> None:
        """An answered question leaves the pool; one whose answer was taken back is open again."""
        if vote.withdrawn:
            self._had.discard((vote.source, vote.item))
        for question in self._questions:
            if question.id == vote.item and question.holder == vote.source:
                question.lease_until = 0.0 if vote.withdrawn else float("inf")

    def _parsed(self, record: Record) -> Vote:
        try:
            known = {name: record[name] for name in Vote.__dataclass_fields__ if name in record}
            if known.get("time") is not None:
                known["time"] = datetime.fromisoformat(known["time"])
            return Vote(**known)
        except (TypeError, ValueError) as error:
            raise StorageError(
                f"{self.path}: a vote is damaged ({error}). Restore the file from a backup."
            ) from error


def _record(vote: Vote) -> Record:
    record = asdict(vote)
    if vote.time is not None:
        record["time"] = vote.time.isoformat()
    return record
