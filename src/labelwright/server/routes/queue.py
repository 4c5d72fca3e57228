"""Asking and answering."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic_core import to_json

from labelwright.pipeline.live.snapshot import spoken
from labelwright.server import questions as asking
from labelwright.server.api import Labeller, Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.problems import Refused
from labelwright.server.test_questions import FINAL, is_examined, is_final
from labelwright.server.wire.queue import (
    Flag,
    Flagged,
    Flags,
    MyVote,
    MyVotes,
    Next,
    NextWanted,
    Skip,
    Undo,
    Undone,
    VotesGiven,
    VotesTaken,
)
from labelwright.server.wire.values import Said
from labelwright.stores import Asked
from labelwright.stores import Flagged as DeskFlag

router = new_router("queue", 404, 409)
JSON = "application/json"


@router.post("/queue/next", operation_id="claimNext", response_model=Next)
async def claim_next(office: TheOffice, me: Labeller, given: NextWanted) -> Response:
    """Leases the next questions to this person."""
    body = await asking.claim(office, me, given.count, resume=given.resume, ask=given.ask)
    return Response(body, media_type=JSON)


@router.post("/votes", operation_id="castVotes", response_model=VotesTaken)
async def cast_votes(office: TheOffice, me: Labeller, given: VotesGiven) -> Response:
    """Takes answers, each once however often it is sent. They are on disk when this returns."""
    return Response(await asking.cast(office, me, given.votes), media_type=JSON)


@router.post("/votes/undo", operation_id="undoVote", response_model=Undone)
async def undo_vote(office: TheOffice, me: Labeller, given: Undo) -> Response:
    """Takes back this person's vote by a new one, and leases them the question again.

    An answer to a hidden test question that was told to be wrong stands.
    """
    if is_examined(me, office.snapshot) and await is_final(office, me.name, given.vote):
        raise Refused(409, "Not now", FINAL)
    moment = datetime.now(UTC)
    work = office.desk.undoing(me.name, given.vote, given.id, time.time(), moment)
    asked = await asyncio.wrap_future(office.desk.database.submit(work))
    if asked.assignment.item < 0:
        asked = await office.run(_numbered, office, asked)
    (question,) = await asking.questions(office, me, [asked])
    return Response(b'{"question":' + question + b"}", media_type=JSON)


@router.get("/votes/mine", operation_id="listMyVotes")
async def list_my_votes(
    office: TheOffice, me: Labeller, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> MyVotes:
    """This person's latest votes, newest first."""

    def listed() -> MyVotes:
        found = [told.vote for told in office.desk.votes_of(me.name, limit)]
        numbers = office.workspace.items.find([vote.item for vote in found]).tolist()
        return MyVotes(
            votes=[
                MyVote(
                    id=vote.id or "",
                    item=number,
                    answer=spoken(office.workspace.classes.meaning(vote.answer, vote.schema)),
                    withdrawn=vote.withdrawn,
                    supersedes=vote.supersedes,
                    time=0.0 if vote.time is None else vote.time.timestamp(),
                )
                for vote, number in zip(found, numbers, strict=True)
            ]
        )

    return await office.run(listed)


@router.post("/queue/skip", operation_id="skipQuestion", response_model=Said)
async def skip_question(office: TheOffice, me: Labeller, given: Skip) -> Response:
    """Leaves a question to somebody else; this person is not asked it again."""
    work = office.desk.skipping(me.name, office.snapshot.id_of(given.item))
    await asyncio.wrap_future(office.desk.database.submit(work, durable=False))
    return Response(to_json({"done": True}), media_type=JSON)


@router.post("/queue/flag", operation_id="flagItem")
async def flag_item(office: TheOffice, me: Labeller, given: Flag) -> Said:
    """Says that something is wrong with an item."""
    flag = DeskFlag(office.snapshot.id_of(given.item), me.name, given.note, time.time())
    await asyncio.wrap_future(office.desk.database.submit(office.desk.flagging(flag)))
    return Said()


@router.get("/queue/flags", operation_id="listFlags")
async def list_flags(office: TheOffice, _: Reviewer) -> Flags:
    """The latest flags, newest first."""

    def listed() -> Flags:
        found = office.desk.flags()
        numbers = office.workspace.items.find([flag.item_id for flag in found]).tolist()
        return Flags(
            flags=[
                Flagged(
                    item=number, id=flag.item_id, person=flag.person, note=flag.note, time=flag.time
                )
                for flag, number in zip(found, numbers, strict=True)
            ]
        )

    return await office.run(listed)


def _numbered(office: TheOffice, asked: Asked) -> Asked:
    """The question with the number of its item, which the desk does not know."""
    (number,) = office.workspace.items.find([asked.id])
    return replace(asked, assignment=replace(asked.assignment, item=int(number)))
