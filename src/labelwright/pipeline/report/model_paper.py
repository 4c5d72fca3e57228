"""The card of the model as sections of a document."""

from __future__ import annotations

import json
from collections.abc import Mapping

from labelwright.core.items import MEDIA
from labelwright.formats.document import (
    Block,
    Facts,
    Gallery,
    Picture,
    Points,
    Prose,
    Section,
    Table,
)
from labelwright.pipeline.report.limits import limits
from labelwright.pipeline.report.model_card import ModelCard
from labelwright.pipeline.report.words import (
    duration,
    moment,
    percent,
    plural,
    quality_blocks,
    slices_blocks,
    trust_blocks,
)

SHOWN_ID = 12


def model_sections(card: ModelCard | None) -> list[Section]:
    """What it is, how good, how far to trust it, where it is worst, its errors, its limits."""
    if card is None:
        nothing = Prose("No end model is trained yet; train one with: labelwright train", "aside")
        return [Section("The model", [nothing], level=1)]
    sections = [Section("The model", _what(card), level=1)]
    if card.quality is None:
        unknown = Prose("There are no test items with known truth to measure it on.", "warning")
        sections.append(Section("How good the model is", [unknown]))
    else:
        sections.append(Section("How good the model is", quality_blocks(card.quality, "The model")))
        sections.append(
            Section("Where the model is worst", slices_blocks(card.slices, "of the model"))
        )
    if card.calibration is not None:
        sections.append(
            Section("Whether its confidences can be trusted", trust_blocks(card.calibration))
        )
    if card.errors:
        sections.append(Section("Errors to look at", _errors(card)))
    return [*sections, Section("Limits", [Points(limits(card))])]


def _what(card: ModelCard) -> list[Block]:
    settings = {k: v for k, v in card.settings.items() if k not in ("targets", "text_fields")}
    facts: list[tuple[str, str | int | float | None]] = [
        ("end model", card.part),
        ("reads", ", ".join("the image" if one == MEDIA else one for one in card.fields)),
        ("learnt from", plural(card.rows, "item")),
        ("trained", f"{moment(card.started)} UTC, in {duration(card.seconds)}"),
        ("run", card.run[:SHOWN_ID]),
        ("in versions", ", ".join(one[:SHOWN_ID] for one in card.versions) or "none"),
        ("seed", card.seed),
        ("settings", _plain(settings)),
        ("training targets", _plain(card.settings.get("targets", {}))),
        ("environment", _plain(card.environment)),
    ]
    return [Facts(facts)]


def _plain(values: Mapping[str, object]) -> str:
    """Settings on one line."""
    return ", ".join(
        f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
        if name != "part"
    )


def _errors(card: ModelCard) -> list[Block]:
    rows = [
        (one.item, one.truth, one.given, percent(one.confidence), one.excerpt)
        for one in card.errors
    ]
    headers = ("item", "truth", "model says", "sure", "content")
    blocks: list[Block] = [
        Prose("Test items that it is surest about and wrong. Some may be errors of the truth."),
    ]
    pictures = [
        Picture(
            one.png, f"{one.item}: {one.truth}, taken for {one.given} ({percent(one.confidence)})"
        )
        for one in card.errors
        if one.png
    ]
    if pictures:
        return [*blocks, Gallery(pictures)]
    return [*blocks, Table(headers, rows)]
