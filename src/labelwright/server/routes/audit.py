"""Auditing what machines decided, and auto-labelling to a stated quality."""

from __future__ import annotations

import secrets

import numpy as np

from labelwright.pipeline.label.honest_tests import desk_answers
from labelwright.pipeline.live.audit import (
    AuditPlan,
    AuditStanding,
    accept,
    accepted_items,
    cancel,
    latest_plan,
    plan_target,
    questions_of,
    standing,
)
from labelwright.pipeline.live.item_table import Query, page_of
from labelwright.server.api import Owner, Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.state import Office
from labelwright.server.to_wire import interval_told, rows_told, stated_told
from labelwright.server.wire.audit import (
    Grid,
    GridWanted,
    Group,
    Stated,
    TargetAccept,
    TargetStep,
    TargetWanted,
)
from labelwright.server.wire.values import Interval

router = new_router("audit", 404, 409)
AUDIT = "audit"
UNKNOWN = Interval(value=None)


@router.post("/audit/grid", operation_id="readAuditGrid")
async def read_audit_grid(office: TheOffice, _: Reviewer, given: GridWanted) -> Grid:
    """A page of one class that machines decided alone, most doubtful first; or was taken over."""

    def read() -> Grid:
        catalogue = office.catalogue()
        taken = np.zeros(catalogue.snapshot.items, bool)
        known = accepted_items(office.workspace)
        taken[known[known < len(taken)]] = True
        unseen = ~catalogue.answered
        # The labels do not know yet what was answered a moment ago; and where an honest answer is
        # waited for, nobody is shown what the machine thinks.
        apart = [*office.answered_lately(), *office.desk.honest()]
        unseen[[item for item in apart if item < len(unseen)]] = False
        wanted = unseen & (taken == given.accepted)
        groups, accepted = catalogue.groups(wanted), int((taken & unseen).sum())
        if not groups:
            return Grid(groups=[], group=None, items=[], cursor=None, accepted=accepted)
        name = groups[0][0] if given.group is None else given.group
        query = Query(label=name, answered=False, sort="confidence")
        found = office.once(query, lambda _: catalogue.find(query))
        # Places among all of the class, so that a cursor holds while answers come in.
        numbers, cursor = page_of(found, given.cursor, given.limit, wanted)
        return Grid(
            groups=[Group(name=one, items=count) for one, count in groups],
            group=name,
            items=rows_told(catalogue.snapshot, catalogue, numbers),
            cursor=cursor,
            accepted=accepted,
        )

    return await office.run(read)


@router.get("/audit/quality", operation_id="readStatedQuality")
async def read_stated_quality(office: TheOffice, _: Reviewer) -> Stated:
    """The quality of what machines decided, stated from answers on items drawn at random."""
    return stated_told(await office.run(office.stated_quality))


@router.get("/audit/target", operation_id="readTarget")
async def read_target(office: TheOffice, _: Reviewer) -> TargetStep:
    """How far auto-labelling to a target is."""
    return await office.run(_step, office)


@router.post("/audit/target", operation_id="planTarget")
async def plan_for_target(office: TheOffice, _: Reviewer, given: TargetWanted) -> TargetStep:
    """Finds what is sure enough for the target, and puts a random sample of it into the queue."""

    def planned() -> TargetStep:
        rng = np.random.default_rng(secrets.randbits(64))
        snapshot = office.snapshot
        taken = [*office.taken(), *office.answered_lately()]
        machine = office.machine_labels()
        plan = plan_target(snapshot, machine, given.target, given.sample, rng, taken)
        office.desk.retract(AUDIT)
        questions = questions_of(plan)
        office.desk.offer(questions, [snapshot.id_of(one.item) for one in questions], ask=AUDIT)
        return _step(office)

    return await office.run(planned)


@router.post("/audit/target/cancel", operation_id="cancelTarget")
async def cancel_target(office: TheOffice, me: Reviewer) -> TargetStep:
    """Gives the audit up: nobody is asked its questions any more; what was answered stays."""

    def cancelled() -> TargetStep:
        plan = latest_plan(office.workspace)
        if plan is not None:
            cancel(office.workspace, plan, me.name)
            office.desk.retract(AUDIT)
        return _step(office)

    return await office.run(cancelled)


@router.post("/audit/target/accept", operation_id="acceptTarget")
async def accept_target(office: TheOffice, me: Owner, given: TargetAccept) -> TargetStep:
    """Takes over what passed; people are asked about the rest only."""

    def accepted() -> TargetStep:
        plan = latest_plan(office.workspace)
        if plan is not None:
            accept(office.workspace, plan, _standing(office, plan), me.name, given.note)
        return _step(office)

    return await office.run(accepted)


def _standing(office: Office, plan: AuditPlan) -> AuditStanding:
    held_back = office.logged_tests().held_back
    drawn = desk_answers(office.workspace, office.desk, AUDIT, held_back)
    return standing(plan, drawn, office.workspace.settings.task)


def _step(office: Office) -> TargetStep:
    plan = latest_plan(office.workspace)
    rest = ~office.snapshot.answered
    if plan is None:
        return TargetStep(
            state="none", target=None, threshold=None, candidates=0, sampled=0, answered=0,
            right=0, correct=UNKNOWN, rest=int(rest.sum()),
            sentence="Choose a target, such as 98 %.",
        )  # fmt: skip
    stood = _standing(office, plan)
    found = stood.estimate
    rest[plan.items[plan.items < len(rest)]] = False
    return TargetStep(
        state=stood.state,
        target=plan.target,
        threshold=plan.threshold,
        candidates=len(plan.items),
        sampled=len(plan.sample),
        answered=stood.answered,
        right=stood.right,
        correct=interval_told(found.value, found.low, found.high) if stood.answered else UNKNOWN,
        rest=int(rest.sum()),
        sentence=_sentence(plan, stood),
    )


def _sentence(plan: AuditPlan, stood: AuditStanding) -> str:
    share, count = f"{plan.target:.1%}", f"{len(plan.items):,} items"
    wrong = stood.answered - stood.right
    match stood.state:
        case "passed":
            return (
                f"{stood.right} of {stood.answered} are right: with 95 % confidence {share} of "
                f"the {count} are. Take them over."
            )
        case "accepted":
            return f"The {count} are taken over at {share}; people are asked about the rest."
        case "failed":
            return (
                f"{wrong} of {stood.answered} are wrong: too many for {share}. Add rules or "
                "answers, then plan anew, or aim lower."
            )
        case _:
            return (
                f"{stood.answered} of {len(plan.sample)} answered, {wrong} wrong, to show that "
                f"{share} of the {count} are right."
            )
