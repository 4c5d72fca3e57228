"""How numbers are said, and the blocks that both cards share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labelwright.formats.document import Block, Figure, Prose, Table
from labelwright.formats.plots import Dot, heat_map, intervals, reliability_curve
from labelwright.pipeline.report.judged import Judged, Rate
from labelwright.quality import Calibration, Slices

FEW_SLICES = 4
MOST_CLASSES = 30
"""With more classes a picture of them is a blur; the table has them all."""


def percent(share: float) -> str:
    """A share as people read it; a dash where it is unknown."""
    return "–" if math.isnan(share) else f"{share:.1%}".replace("%", " %")


def interval(rate: Rate) -> str:
    """The interval of a share."""
    return f"{100 * rate.low:.1f}–{100 * rate.high:.1f} %" if rate.of else "–"


def said(rate: Rate) -> str:
    """`93.8 % (95 % interval 89.0–96.6 %, 162 items)`."""
    if not rate.of:
        return "unknown"
    items = plural(rate.of, "item")
    return f"{percent(rate.value)} (95 % interval {interval(rate)}, {items})"


def plural(count: int, noun: str) -> str:
    """`1 item`, `2,000 items`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def moment(when: str) -> str:
    """An ISO time to the minute; a dash without one."""
    return when[:16].replace("T", " ") or "–"


def duration(seconds: float) -> str:
    """A time as people say it; a dash where it is unknown."""
    if math.isnan(seconds):
        return "–"
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:.1f} s"


def usd(money: float) -> str:
    """An amount of money."""
    return f"${money:,.2f}"


def quality_blocks(found: Judged, what: str) -> list[Block]:
    """Accuracy, each class with intervals, and what is taken for what."""
    rows = [
        (
            one.name,
            one.items,
            percent(one.precision.value),
            interval(one.precision),
            percent(one.recall.value),
            interval(one.recall),
            one.f1,
        )
        for one in found.classes
    ]
    headers = ("class", "items", "precision", "95 %", "recall", "95 %", "F1")
    right = f"Right: {said(found.accuracy)}; mean F1 of the classes {found.f1_macro:.3f}."
    if found.sets:
        right = f"Of the questions whether a class belongs: {said(found.accuracy)}. {found.sets}."
    blocks: list[Block] = [
        Prose(right),
        Table(headers, rows, f"{what} by class: of items given the class, how many are of it "
              "(precision); of items of the class, how many were given it (recall)"),
    ]  # fmt: skip
    if 1 < len(found.classes) <= MOST_CLASSES:
        names = [one.name for one in found.classes] + ["none"] * bool(found.sets)
        blocks.append(
            Figure(
                heat_map(names, names, found.confusion),
                f"What is taken for what: the true class in rows, what was given in columns; "
                f"{what.lower()} on {plural(found.accuracy.of, 'item')}.",
            )
        )
    return blocks


def trust_blocks(found: Calibration) -> list[Block]:
    """Whether confidences mean what they say."""
    sentence = found.sentence()
    table = found.table
    return [
        Prose(f"{sentence[0].upper()}{sentence[1:]}.", "plain" if found.trustworthy else "warning"),
        Figure(
            reliability_curve(
                table.confidence.tolist(),
                table.accuracy.tolist(),
                found.low.tolist(),
                found.high.tolist(),
                table.count.tolist(),
            ),
            "How often each degree of confidence was right. Dots above the dashed line are "
            "better than they claim, dots below are worse.",
        ),
    ]


def slices_blocks(found: Slices, what: str) -> list[Block]:
    """Where answers are worst."""
    if not found.items:
        return [Prose("No truth is known to hold answers against.", "aside")]
    if not found.wrong:
        return [Prose(f"Nothing is wrong on {plural(found.items, 'item')}.")]
    overall = Prose(
        f"{percent(found.wrong / found.items)} of {plural(found.items, 'item')} are wrong. "
        f"{plural(found.looked_at, 'slice')} were looked at: by field, length, source that "
        "voted and cluster of alike items."
    )
    worse = [one for one in found.worst if one.worse]
    verdict = (
        Prose(
            f"{plural(len(worse), 'slice')} {'is' if len(worse) == 1 else 'are'} worse than the "
            "rest, beyond what chance makes of so many looks.", "warning"
        )
        if worse
        else Prose("None is worse than the rest beyond what chance makes of so many looks.", "good")
    )  # fmt: skip
    # Where nothing stands out, the first few say enough.
    shown = found.worst if worse else found.worst[:FEW_SLICES]
    dots = [Dot(f"{one.facet}: {one.value}", one.error, one.low, one.high,
                f"{one.wrong:,} of {one.items:,}") for one in found.worst]  # fmt: skip
    rows = [
        (
            one.facet,
            one.value,
            one.items,
            one.wrong,
            percent(one.error),
            f"{100 * one.low:.1f}–{100 * one.high:.1f} %",
            "< 0.001" if one.p < 0.001 else f"{one.p:.3f}",
            "worse" if one.worse else "maybe chance",
        )
        for one in shown
    ]
    headers = ("by", "slice", "items", "wrong", "share", "interval", "p", "verdict")
    caption = (
        f"Slices that stand out most, {what}. Intervals hold for all slices together; p is of "
        "Fisher's test, adjusted for all looks"
    )
    blocks: list[Block] = [overall, verdict, Table(headers, rows, caption)]
    if worse:
        blocks.append(Figure(intervals(dots), "The share that is wrong in each of these slices."))
    return blocks


def source_dots(rows: Sequence[dict[str, object]], most: int) -> list[Dot]:
    """The accuracies of the sources that vote most."""
    voting = sorted(
        (row for row in rows if row["accuracy"] is not None and row["votes"]),
        key=lambda row: -float(str(row["votes"])),
    )[:most]
    return [
        Dot(
            str(row["name"]),
            float(str(row["accuracy"])),
            float(str(row["low"])),
            float(str(row["high"])),
            plural(int(str(row["votes"])), "vote"),
        )
        for row in sorted(voting, key=lambda row: -float(str(row["accuracy"])))
    ]
