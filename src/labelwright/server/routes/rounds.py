"""Rounds in the background, and what happens told as it happens."""

from __future__ import annotations

from fastapi import Response
from starlette.responses import StreamingResponse

from labelwright.core.errors import ContradictedError
from labelwright.server.api import Labeller, Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.jobs import Job
from labelwright.server.problems import Refused
from labelwright.server.wire.rounds import RoundDone, Rounds, RoundState, RoundWanted

router = new_router("rounds", 409)


@router.get("/rounds", operation_id="listRounds")
async def list_rounds(office: TheOffice, _: Reviewer) -> Rounds:
    """What runs now, and what was frozen, newest first."""
    versions = await office.run(office.workspace.versions.list)
    done = [
        RoundDone(
            number=number,
            version=version.id,
            created=version.created,
            note=version.remark,
            author=version.author,
        )
        for number, version in enumerate(versions, 1)
    ]
    return Rounds(now=office.worker.state, rounds=done[::-1])


@router.post("/rounds", operation_id="startRound", status_code=202)
async def start_round(office: TheOffice, _: Reviewer, given: RoundWanted) -> RoundState:
    """Begins a round: collect, vote, label, train, pick, freeze. Answering goes on meanwhile.

    Where known truth contradicts the labels it stops before it trains. To ask for another while
    nothing has changed is refused at once (409); `anyway` goes on.
    """
    stopped = None if given.anyway else await office.run(office.stopped_by_truth)
    if stopped is not None:
        raise ContradictedError(stopped)
    taken = await office.run(office.taken)
    job = Job("round", seed=given.seed, note=given.note, anyway=given.anyway, taken=taken)
    if not office.worker.start(job):
        raise Refused(
            409, "Busy", "something runs in the background already; wait until it is done"
        )
    return office.worker.state


@router.get(
    "/events",
    operation_id="streamEvents",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events; the data of each is an `Event`",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def stream_events(office: TheOffice, _: Labeller) -> Response:
    """What happens, told as it happens."""
    return StreamingResponse(office.events.stream(), media_type="text/event-stream")
