"""Questions as a person gets them, written straight as JSON: the path that must be quick."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic_core import to_json

from labelwright.core.class_change import schema_name, schema_number
from labelwright.core.errors import DataError, LabelwrightError, UnknownNameError
from labelwright.core.votes import Vote
from labelwright.pipeline.ask.random_questions import with_desk
from labelwright.pipeline.label.random_first import random_first
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.workspace.inside_items import check_inside
from labelwright.server.state import Office
from labelwright.server.test_questions import NO_EXAM, examine, final, is_examined, verdicts, woven
from labelwright.server.wire.queue import VoteGiven
from labelwright.server.wire.values import too_large
from labelwright.stores import NEW, TEST, UNSAID, Account, Asked, DeskVote, Receipt, Role

CLOCK_S = 30 * 86_400.0
"""How long an answer may have waited in an outbox for its own time to be believed."""
REFUSED = "refused"
RANDOM = "random share: shown without a suggestion"


def is_blind(account: Account, snapshot: Snapshot) -> bool:
    """Whether this person is never shown what the machine thinks."""
    settings = snapshot.workspace.settings
    # A suggestion would give a test question's answer away, or its absence the question.
    return account.role is Role.LABELLER and (
        not settings.desk.prelabel or settings.crowd.tests.used
    )


async def questions(office: Office, account: Account, asked: Sequence[Asked]) -> list[bytes]:
    """Each question as JSON, as its wire type `Question` says."""
    snapshot = office.snapshot
    contents = await office.contents([one.assignment.item for one in asked])
    blind = is_blind(account, snapshot)
    return [
        _question(office, snapshot, one, content, blind=blind)
        for one, content in zip(asked, contents, strict=True)
    ]


def _question(
    office: Office, snapshot: Snapshot, one: Asked, content: bytes, *, blind: bool
) -> bytes:
    # Nobody's hand is led where the answer shall be an honest test of what the machine thinks.
    honest = one.assignment.random or one.ask == "audit"
    guess = None if blind or honest else snapshot.guess(one.assignment.item, office.moved)
    suggestion = None
    if guess is not None:
        suggestion = {"answer": guess.answer, "confidence": guess.confidence, "by": guess.by}
    reason = RANDOM if honest else "" if blind else one.assignment.reason
    rest = {
        "suggestion": suggestion,
        "reason": reason,
        "ask": NEW if one.ask == TEST else one.ask,
        "shown": "blind" if suggestion is None else "prelabel",
        "lease_until": one.assignment.lease_until,
    }
    return b'{"content":' + content + b"," + to_json(rest)[1:]


async def claim(
    office: Office, account: Account, count: int, *, resume: bool, ask: str | None = None
) -> bytes:
    """The next questions as JSON, as the wire type `Next` says."""
    due = NO_EXAM
    if is_examined(account, office.snapshot):
        due, ask = await examine(office, account.name, count), None
    wanted = 0 if due.only_tests else count - len(due.tests)
    work = office.desk.claiming(account.name, time.time(), wanted, resume=resume, ask=ask)
    asked = await asyncio.wrap_future(office.desk.database.submit(work, durable=False))
    # The sample of an audit is drawn once: no more of it are picked.
    more = not due.only_tests and ask is None and office.claimed(wanted, len(asked))
    asked = woven(asked, due.tests)
    found = b",".join(await questions(office, account, asked))
    refilling = b"true" if more and not asked else b"false"
    exam, first = to_json(due.told), to_json(await _random_first(office))
    return (
        b'{"questions":[' + found + b'],"refilling":' + refilling
        + b',"exam":' + exam + b',"random_first":' + first + b"}"
    )  # fmt: skip


async def _random_first(office: Office) -> dict[str, object] | None:
    """How many random answers are missing, and why, as the wire type `RandomFirst` says."""
    labels = office.snapshot.labels
    if labels is None or not random_first(labels).missing:
        return None
    found = await office.run(with_desk, office.workspace, labels, office.desk)
    told = {"answers": found.answers, "missing": found.missing, "why": found.sentence}
    return told if found.missing else None


async def cast(office: Office, account: Account, votes: Sequence[VoteGiven]) -> bytes:
    """What became of each vote as JSON, as the wire type `VotesTaken` says.

    Raises:
        StorageError: some could not be written; sending all again is harmless.
    """
    if any((schema_number(vote.schema_version) or 0) > office.schema for vote in votes):
        # Another process changed the classes a moment ago.
        await office.run(office.refresh)
    examined = is_examined(account, office.snapshot)
    barred = await final(office, account.name, votes) if examined else {}
    waiting = [barred.get(vote.id) or _submitted(office, account, vote) for vote in votes]
    results = []
    for vote, pending in zip(votes, waiting, strict=True):
        status, detail = REFUSED, pending if isinstance(pending, str) else ""
        if not isinstance(pending, str):
            try:
                receipt: Receipt = await pending
                status = receipt.value
            except (DataError, UnknownNameError) as error:
                detail = str(error)
        results.append({"id": vote.id, "status": status, "detail": detail, "told": ""})
    office.heard(sum(one["status"] == "taken" for one in results))
    if examined:
        safe = [vote for vote, one in zip(votes, results, strict=True) if one["status"] != REFUSED]
        told = await verdicts(office, safe)
        results = [{**one, "told": told.get(one["id"], "")} for one in results]
    return to_json({"results": results})


def _submitted(office: Office, account: Account, given: VoteGiven) -> asyncio.Future[Receipt] | str:
    """The vote on its way to the desk, or why it will never be taken."""
    # Not the whole request is refused: the other answers that an outbox held back are taken.
    if wrong := too_large(given.answer):
        return wrong
    snapshot = office.snapshot
    version = given.schema_version or snapshot.schema_version
    answer = None
    try:
        if given.answer is not None:
            # Kept in the class names that the person saw; whoever reads it, reads it as of now.
            told_after = schema_number(version)
            answer, number = snapshot.workspace.classes.read(given.answer, told_after)
            if number != told_after:
                version = schema_name(number, "")
            check_inside(snapshot.workspace, given.item, answer)
        vote = Vote(
            item=snapshot.id_of(given.item),
            source=account.name,
            answer=answer,
            confidence=given.confidence,
            seconds=given.seconds,
            time=_moment(given.at),
            id=given.id,
            supersedes=given.supersedes,
        )
    except LabelwrightError as error:
        return str(error)
    told = DeskVote(vote, given.shown or UNSAID, version)
    return asyncio.wrap_future(office.desk.database.submit(office.desk.answering(told)))


def _moment(at: float | None) -> datetime:
    """When the client says that it was, where that is plausible; else now."""
    now = time.time()
    plausible = at is not None and now - CLOCK_S < at < now + 60
    return datetime.fromtimestamp(at if plausible and at is not None else now, UTC)
