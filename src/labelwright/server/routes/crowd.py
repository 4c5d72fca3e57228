"""Several people: trust, agreement, and test questions that were at fault."""

from __future__ import annotations

from labelwright.core.errors import NothingToDoError
from labelwright.pipeline.ask.crowd_report import crowd_report, forgive
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.server.api import Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.to_wire import interval_told, number
from labelwright.server.wire.crowd import Crowd, Forgive, Forgiven, Worker

router = new_router("crowd", 404, 409)


@router.get("/crowd", operation_id="readCrowd")
async def read_crowd(office: TheOffice, _: Reviewer) -> Crowd:
    """How people stand and agree, and how many more answers are wanted."""
    return await office.run(office.once, "crowd", _told)


@router.post("/crowd/forgive", operation_id="forgiveTest")
async def forgive_test(office: TheOffice, me: Reviewer, given: Forgive) -> Forgiven:
    """Forgives a contested test question; trust is computed anew, and votes held back return."""
    item = office.snapshot.id_of(given.item)
    new = await office.run(
        forgive, office.workspace, item, given.person, note=given.note, who=me.name
    )
    await office.run(office.refresh)
    return Forgiven(new=new)


def _told(snapshot: Snapshot) -> Crowd:
    if snapshot.labels is None:
        raise NothingToDoError("the project has no items yet")
    found = crowd_report(snapshot.workspace, snapshot.labels)
    return Crowd(
        people=[
            Worker(
                name=one.name,
                answers=one.answers,
                tested=one.tested,
                right=one.right,
                trust=interval_told(one.trust, one.low, one.high),
                agreement=number(one.agreement),
                state=one.state,
            )
            for one in found.people
        ],
        alpha=number(found.alpha),
        tests=found.tests,
        answered=found.answered,
        unsure=found.unsure,
        wanted=found.wanted,
        exhausted=found.exhausted,
    )
