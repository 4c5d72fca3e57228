"""Cards -> a document: what to know first, the story, then both cards."""

from __future__ import annotations

import math

from labelwright.formats.document import Block, Document, Facts, Prose, Section, Table
from labelwright.pipeline.report.data_card import DataCard
from labelwright.pipeline.report.data_paper import data_sections
from labelwright.pipeline.report.model_card import ModelCard
from labelwright.pipeline.report.model_paper import model_sections
from labelwright.pipeline.report.story import Story
from labelwright.pipeline.report.words import duration, moment, percent, plural, said, usd


def paper(data: DataCard, model: ModelCard | None, story: Story | None, imprint: str) -> Document:
    """The report as a document."""
    return Document(
        title=data.name,
        subtitle=imprint,
        summary=_summary(data, model),
        sections=[
            Section("What changed", _story(story), level=1),
            *data_sections(data),
            *model_sections(model),
        ],
    )


def _summary(data: DataCard, model: ModelCard | None) -> list[Block]:
    facts: list[tuple[str, str | int | float | None]] = [
        ("items", data.items),
        ("labels", data.standing.sentence),
        ("labels right", data.standing.how_right),
    ]
    if model is not None:
        right = (
            "unknown: no test items with known truth"
            if model.quality is None
            else said(model.quality.accuracy)
        )
        facts.append(("model right", right))
    cost = data.cost
    spent = f"{duration(cost.person_seconds)} of people, {usd(cost.usd)}"
    by_hand = f"{duration(cost.by_hand_seconds)}, {usd(cost.by_hand_usd)}"
    facts.append(("cost", f"{spent}; by hand {by_hand}"))
    return [Facts(facts)]


def _story(found: Story | None) -> list[Block]:
    if found is None:
        return [Prose("This is the first version: there is nothing to hold it against.", "aside")]
    note = f" ({found.note})" if found.note else ""
    facts: list[tuple[str, str | int | float | None]] = [
        ("since", f"version {found.since[:12]} of {moment(found.when)}{note}"),
        ("items", f"{found.items:+,}"),
        ("votes in force", f"{found.votes:+,}"),
    ]
    facts += [
        (name, ", ".join(sources))
        for name, sources in (
            ("new sources", found.new),
            ("gone", found.gone),
            ("edited", found.edited),
        )
        if sources
    ]
    if not math.isnan(found.accuracy_before):
        facts.append(
            ("model right", f"{percent(found.accuracy_before)}, now {percent(found.accuracy_now)}")
        )
    facts.append(("cost since", f"{duration(found.person_seconds)} of people, {usd(found.usd)}"))
    blocks: list[Block] = [Facts(facts)]
    if found.labels is None:
        return [*blocks, Prose("Labels cannot be compared: the classes are others.", "aside")]
    if not found.labels:
        return [*blocks, Prose("No label changed.")]
    rows = [
        ("no label" if one.before is None else one.before,
         "no label" if one.now is None else one.now, one.units)
        for one in found.moves
    ]  # fmt: skip
    caption = f"{plural(found.labels, 'label')} changed; the commonest changes"
    return [*blocks, Table(("before", "now", "labels"), rows, caption)]
