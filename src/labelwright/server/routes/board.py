"""The project at a glance."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import Query

from labelwright.pipeline.label.honest_tests import random_tests
from labelwright.pipeline.live.progress_board import Board as Found
from labelwright.pipeline.live.progress_board import BoardOutlook, Point, board
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.collect_answers import standing_answers
from labelwright.quality import Estimate
from labelwright.server.api import Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.state import Office
from labelwright.server.to_wire import interval_told
from labelwright.server.wire.board import (
    Board,
    CostShown,
    ForecastShown,
    Funnel,
    QualityPoint,
    StandingShown,
    Step,
)
from labelwright.server.wire.values import Interval

router = new_router("board", 409)


@router.get("/board", operation_id="readBoard")
async def read_board(
    office: TheOffice, _: Reviewer, target: Annotated[float, Query(gt=0.5, lt=1)] = 0.98
) -> Board:
    """How far, how good, how dear, what it still takes, and what to do next."""

    def read() -> Board:
        tests, catalogue, stands = office.honest_tests(), office.catalogue(), _stands(office)
        against = () if stands is None else stands.contradicted
        found = office.once(
            ("board", target, tests.name, len(against)),
            lambda snapshot: board(snapshot, catalogue, tests, target=target, against=against),
        )
        return _told(office, found, stands)

    return await office.run(read)


def _stands(office: Office) -> Standing | None:
    """What stands, made once for each snapshot and every answer at the desk."""
    labels = office.snapshot.labels
    if labels is None:
        return None
    tests = random_tests(office.workspace, office.desk, office.logged_tests())
    name = ("standing", tests.name)
    return office.once(name, lambda found: standing(found.workspace, labels, tests))


def _told(office: Office, found: Found, stands: Standing | None) -> Board:
    cost = found.cost
    return Board(
        funnel=Funnel(
            items=found.items,
            covered=found.covered,
            decided=found.decided,
            audited=found.audited,
            answered=found.answered,
        ),
        standing=None if stands is None else _standing(stands),
        quality=[_point(point) for point in found.points],
        cost=CostShown(
            person_seconds=cost.person_seconds,
            usd=cost.usd,
            by_hand_seconds=cost.by_hand_seconds,
            by_hand_usd=cost.by_hand_usd,
            votes={kind.value: count for kind, count in found.votes.items()},
        ),
        forecast=_forecast(found.outlook),
        steps=[Step(text=one.text, screen=one.screen, detail=one.detail) for one in found.hints],  # type: ignore[arg-type] # checked by pydantic
        waiting=len(standing_answers([*office.workspace.desk.drain(), *office.desk.drain()])),
        open_questions=office.desk.open(),
    )


def _standing(found: Standing) -> StandingShown:
    right = found.right
    return StandingShown(
        items=found.items,
        labelled=found.labelled,
        content=found.content,
        basis=found.basis,
        right=Interval(value=None)
        if right is None
        else interval_told(right.share, right.low, right.high),
        of=0 if right is None else right.of,
        truth="" if right is None else right.truth,
        sentence=found.sentence,
        how_right=found.how_right,
        contradicted=[one.sentence for one in found.contradicted],
        remedies=list(dict.fromkeys(one.remedy for one in found.contradicted)),
    )


def _point(point: Point) -> QualityPoint:
    return QualityPoint(
        round=point.round,
        version=point.version.id,
        created=point.version.created,
        note=point.version.remark,
        answers=point.answers,
        labels=_share(point.labels),
        model=_share(point.model),
    )


def _share(found: Estimate) -> Interval:
    if not found.answers:
        return Interval(value=None)
    return interval_told(found.value, found.low, found.high)


def _forecast(outlook: BoardOutlook) -> ForecastShown:
    value, low, high = outlook.answers
    minutes = outlook.seconds_per_answer / 60
    unknown = math.isnan(value)
    return ForecastShown(
        target=outlook.target,
        reachable=None if unknown else math.isfinite(value),
        answers=interval_told(value, low, high),
        minutes=interval_told(value * minutes, low * minutes, high * minutes),
        usd=interval_told(*(end * outlook.usd_per_answer for end in outlook.answers)),
        sentence=_sentence(outlook),
    )


def _sentence(outlook: BoardOutlook) -> str:
    value, low, high = outlook.answers
    share = f"{outlook.target:.0%}"
    if math.isnan(value):
        return f"How many answers {share} needs is known after two rounds with answers."
    if math.isinf(value):
        return f"{share} seems out of reach by answers alone; better features or rules are needed."
    if value == 0:
        return f"{share} is reached."
    most = f"{high:,.0f}" if math.isfinite(high) else "far more"
    return (
        f"{share} needs about {value:,.0f} more answers ({low:,.0f} to {most}), "
        f"{value * outlook.seconds_per_answer / 60:,.0f} minutes, "
        f"${value * outlook.usd_per_answer:,.0f}."
    )
