"""Everyone and everything that votes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from labelwright.core.errors import NothingToDoError, UnknownNameError
from labelwright.pipeline.analysis.source_disagreements import disagreements
from labelwright.pipeline.analysis.source_report import SourcesReport, report_sources
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.live.item_table import page_of
from labelwright.pipeline.live.snapshot import Snapshot, spoken
from labelwright.pipeline.vote.cost import seconds_of_people
from labelwright.pipeline.workspace import parts
from labelwright.quality import wilson
from labelwright.server.api import Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.to_wire import content_told, interval_told
from labelwright.server.to_wire import number as told_number
from labelwright.server.wire.sources import (
    Confusion,
    Disagreement,
    Disagreements,
    SourceRow,
    SourcesTable,
)
from labelwright.server.wire.values import Interval

router = new_router("sources", 404, 409)
Number = Annotated[int, Path(ge=0, le=2**31)]


@router.get("/sources", operation_id="listSources")
async def list_sources(office: TheOffice, _: Reviewer) -> SourcesTable:
    """One row a source that counts now."""
    return await office.run(office.once, "sources", _table)


@router.get("/sources/{number}/confusion", operation_id="readConfusion")
async def read_confusion(office: TheOffice, _: Reviewer, number: Number) -> Confusion:
    """How a source votes on each class, as the label model sees it."""
    labels = _labels(office.snapshot)
    if number >= len(labels.active.sources):
        raise UnknownNameError(f"there is no source number {number}")
    return Confusion(
        number=number,
        name=labels.active.sources[number].name,
        classes=list(labels.units.class_names),
        probability=labels.fit.confusion[number].tolist(),
    )


@router.get("/sources/{number}/disagreements", operation_id="listDisagreements")
async def list_disagreements(
    office: TheOffice,
    _: Reviewer,
    number: Number,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Disagreements:
    """Where a source votes against the label, surest first."""

    def listed() -> Disagreements:
        snapshot = office.snapshot
        labels = _labels(snapshot)
        found, said = office.once(
            ("disagreements", number), lambda of: disagreements(_labels(of), number)
        )
        numbers, after = page_of(found, cursor, limit)
        start = int(cursor or 0)
        items = [
            Disagreement(
                content=content_told(content),
                vote=spoken(vote),
                label=snapshot.label_of(content.number)[0],
                confidence=float(labels.answers.confidence[content.number]),
            )
            for content, vote in zip(
                snapshot.contents(numbers), said[start : start + len(numbers)], strict=True
            )
        ]
        return Disagreements(total=len(found), items=items, cursor=after)

    return await office.run(listed)


def _labels(snapshot: Snapshot) -> Labels:
    if snapshot.labels is None:
        raise NothingToDoError("the project has no items yet")
    return snapshot.labels


def _table(snapshot: Snapshot) -> SourcesTable:
    labels = _labels(snapshot)
    # Without the checks of the model, which take seconds: `labelwright sources` has them.
    model = parts.label_model(snapshot.workspace)
    told = report_sources(snapshot.workspace, labels, model, check=False)
    spent = seconds_of_people(snapshot.workspace)
    rows = [
        _row(snapshot, labels, told, place, row, float(spent[labels.active.numbers[place]]))
        for place, row in enumerate(told.rows())
    ]
    return SourcesTable(sources=rows, warnings=told.warnings(), truth=told.truth)


def _row(
    snapshot: Snapshot,
    labels: Labels,
    told: SourcesReport,
    place: int,
    row: dict[str, Any],
    spent_s: float,
) -> SourceRow:
    source = labels.active.sources[place]
    votes = row["votes"] + row["abstentions"]
    seconds = told_number(spent_s)
    seconds = source.seconds * votes if seconds is None else seconds
    wage = snapshot.workspace.settings.cost.wage_usd_per_hour
    paid = seconds / 3600 * wage if source.kind == "person" else 0.0
    tested = Interval(value=None)
    if row["judged"]:
        right = row["empirical"] * row["judged"]
        ends = wilson(right, row["judged"])
        tested = interval_told(row["empirical"], float(ends.low), float(ends.high))
    names = labels.units.class_names
    return SourceRow(
        number=place,
        name=source.name,
        kind=source.kind.value,
        description=source.description,
        votes=row["votes"],
        abstentions=row["abstentions"],
        failures=row["failures"],
        coverage=row["coverage"],
        overlap=row["overlap"],
        conflict=row["conflict"],
        accuracy=told_number(row["accuracy"]),
        accuracy_low=told_number(row["low"]),
        accuracy_high=told_number(row["high"]),
        judged=row["judged"],
        tested=tested,
        chance=row["chance"],
        worse_than_chance=row["worse_than_chance"],
        copies=row["copies"],
        cost_usd=source.cost_usd * votes + paid,
        seconds=seconds,
        classes={name: share for name, share in zip(names, row["share"], strict=True) if share},
        reasons=[reason for reason, _ in told.failures.get(source.name, ())],
    )
