"""Values of the pipeline as wire types, where several screens tell them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import from_json, to_json

from labelwright.pipeline.analysis.machine_labels import StatedQuality
from labelwright.pipeline.live.explain_live import RuleHit
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.snapshot import ItemContent, Snapshot, spoken
from labelwright.server.wire.audit import Stated
from labelwright.server.wire.items import Highlight, Row
from labelwright.server.wire.queue import Content as ContentTold
from labelwright.server.wire.values import Interval


def content_told(content: ItemContent) -> ContentTold:
    """What an item holds, with values that JSON has."""
    return ContentTold(
        item=content.number,
        id=content.id,
        fields=plain(content.fields),
        media=f"/api/v1/items/{content.number}/media" if content.media else None,
    )


def content_asked(snapshot: Snapshot, content: ItemContent) -> ContentTold:
    """The same for who is asked about the item: without fields that could give answers away."""
    fields = {name: value for name, value in content.fields.items() if name in snapshot.asked}
    return content_told(replace(content, fields=fields))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them: dates as text, NaN as null."""
    text = to_json(dict(values), inf_nan_mode="null", bytes_mode="base64", fallback=str)
    told: dict[str, Any] = from_json(text)
    return told


def number(value: float | None) -> float | None:
    """The number, null where it is none or not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def highlights_told(found: Sequence[RuleHit], fields: Mapping[str, Any]) -> list[Highlight]:
    """Findings by source and field, their places counted in UTF-16 as browsers do."""
    told = []
    for finding in found:
        names = dict.fromkeys(span.field for span in finding.spans)
        told += [
            Highlight(
                source=finding.source,
                vote=spoken(finding.answer),
                field=name,
                spans=[
                    (utf16(fields[name], span.start), utf16(fields[name], span.end))
                    for span in finding.spans
                    if span.field == name
                ],
            )
            for name in names
        ]
    return told


def utf16(text: str, place: int) -> int:
    """How many UTF-16 units stand before this character."""
    return place if text.isascii() else len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def rows_told(snapshot: Snapshot, catalogue: Catalogue, numbers: Sequence[int]) -> list[Row]:
    """Items as rows of a list."""
    return [
        Row(
            content=content_told(content),
            label=snapshot.label_of(content.number)[0],
            confidence=float(catalogue.confidence[content.number]),
            disagreement=float(catalogue.disagreement[content.number]),
            votes=int(catalogue.votes[content.number]),
            answered=bool(catalogue.answered[content.number]),
        )
        for content in snapshot.contents(numbers)
    ]


def stated_told(found: StatedQuality) -> Stated:
    """How right the labels are that machines decide alone."""
    estimate = found.estimate
    correct = Interval(value=None)
    if estimate.answers:
        correct = interval_told(estimate.value, estimate.low, estimate.high)
    return Stated(
        auto_labelled=found.auto_labelled,
        audited=estimate.answers,
        right=found.right,
        correct=correct,
        sentence=found.sentence,
    )


def interval_told(value: float, low: float, high: float) -> Interval:
    """A number with its interval; what is not known or infinite is null."""
    return Interval(value=number(value), low=number(low), high=number(high))
