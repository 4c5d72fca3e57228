"""The card of the data as sections of a document."""

from __future__ import annotations

import math

from labelwright.formats.document import Block, Facts, Figure, Points, Prose, Section, Table
from labelwright.formats.plots import Dot, bars, intervals, lines
from labelwright.pipeline.live.progress_board import Point
from labelwright.pipeline.report.data_card import DataCard
from labelwright.pipeline.report.limits import gaps
from labelwright.pipeline.report.words import (
    duration,
    moment,
    percent,
    plural,
    quality_blocks,
    slices_blocks,
    source_dots,
    trust_blocks,
    usd,
)
from labelwright.quality import Estimate

MOST_FIELDS = 12
MOST_BARS = 40
MOST_SOURCES = 40
MOST_IMPORTS = 10
MOST_PEOPLE = 50


def data_sections(card: DataCard) -> list[Section]:
    """What, whence, cleansing, who labelled, sources, labels, quality, cost, gaps."""
    return [
        Section("The data", _what(card), level=1),
        Section("Where it comes from", _whence(card)),
        Section("Cleansing", _cleansing(card)),
        Section("Who labelled", _who(card)),
        Section("Sources", _sources(card)),
        Section("Labels", _labels(card)),
        Section("How good the labels are", _quality(card)),
        Section("Where labels are worst", slices_blocks(card.slices, "of the labels")),
        *_over_rounds(card),
        Section("Cost", _cost(card)),
        Section("Known gaps", [Points(gaps(card))]),
    ]


def _what(card: DataCard) -> list[Block]:
    facts: list[tuple[str, str | int | float | None]] = [
        ("items", card.items),
        ("task", f"{card.kind}: {', '.join(card.classes)}"),
    ]
    facts += [
        (f"split {name or 'none'}", f"{count:,} ({percent(count / max(card.items, 1))})")
        for name, count in card.splits.items()
    ]
    if card.media:
        facts.append(("content", "images"))
    about = card.about
    facts += [
        (name, value)
        for name, value in (
            ("licence", about.license),
            ("made by", about.creators),
            ("published at", about.url),
            ("meant for", about.uses),
            ("guidelines", card.guidelines),
        )
        if value
    ]
    blocks: list[Block] = [Prose(about.description)] if about.description else []
    blocks.append(Facts(facts))
    if card.fields:
        blocks.append(Table(("fields", "type", "missing"), _fields(card), "What an item holds"))
    return blocks


def _fields(card: DataCard) -> list[tuple[str, str, str]]:
    """A row for each field, or, of many, for each type with those that lack as much."""
    if len(card.fields) <= MOST_FIELDS:
        return [(one.name, one.type, percent(one.missing)) for one in card.fields]
    alike: dict[tuple[str, str], list[str]] = {}
    for one in card.fields:
        alike.setdefault((one.type, percent(one.missing)), []).append(one.name)
    return [(", ".join(names), *key) for key, names in alike.items()]


def _whence(card: DataCard) -> list[Block]:
    blocks: list[Block] = [Prose(card.about.origin)] if card.about.origin else []
    if not card.imports:
        return [*blocks, Prose("No import is on record.", "aside")]
    rows = [
        (moment(one.when), ", ".join(one.files), one.items) for one in card.imports[-MOST_IMPORTS:]
    ]
    return [*blocks, Table(("imported", "files", "items then"), rows, "Times in UTC")]


def _cleansing(card: DataCard) -> list[Block]:
    blocks: list[Block] = []
    if card.rejected:
        blocks.append(
            Prose(f"{plural(card.rejected, 'row')} of the files could not become items or votes:")
        )
        blocks.append(Points([f"{count:,} x {why}" for why, count in card.reject_reasons.items()]))
    else:
        blocks.append(Prose("Every row of the files became an item."))
    if card.set_aside:
        rows = [(name.replace("_", " "), count) for name, count in card.set_aside.items()]
        blocks.append(Table(("set aside for", "items"), rows, "Items that have no part in labels, "
                            "questions and training; they stay in the project"))  # fmt: skip
    if card.findings is None:
        return [*blocks, Prose("The checks of the data were not run for this report.", "aside")]
    if not card.findings:
        return [*blocks, Prose("The checks of the data found nothing.", "good")]
    findings = [
        (
            told.severity,
            told.check.replace("_", " "),
            told.message,
            "set aside" if told.standing else "stands",
            ", ".join(told.examples[:3]),
        )
        for told in card.findings
    ]
    headers = ("severity", "check", "what was found", "now", "such as")
    return [*blocks, Table(headers, findings, "What the checks found, worst first")]


def _who(card: DataCard) -> list[Block]:
    rows = [(str(kind), count) for kind, count in card.cost.votes.items()]
    blocks: list[Block] = [
        Table(("kind of source", "votes"), rows, "Everything that voted, abstentions included")
    ]
    if card.people:
        people = sorted(card.people, key=lambda one: -one.votes)
        blocks.append(
            Table(
                ("person", "answers", "time"),
                [(one.name, one.votes, duration(one.seconds)) for one in people[:MOST_PEOPLE]],
                f"People ({len(people):,} in all)" if len(people) > MOST_PEOPLE else "People",
            )
        )
    return [*blocks, Prose(_agreement(card))]


def _agreement(card: DataCard) -> str:
    people = (
        "No two people answered the same items, so their agreement is unknown"
        if math.isnan(card.agreement_people)
        else f"Agreement of people (Krippendorff's alpha): {card.agreement_people:.3f}"
    )
    if math.isnan(card.agreement_sources):
        return f"{people}."
    sources = f"of all sources but gold: {card.agreement_sources:.3f}"
    return f"{people}; {sources} (1 is perfect, 0 is chance)."


def _sources(card: DataCard) -> list[Block]:
    found = card.sources.rows()
    if not found:
        return [Prose("No source votes yet.", "aside")]
    rows = [
        (
            row["name"],
            row["kind"],
            row["votes"],
            percent(row["coverage"]),
            percent(row["conflict"]),
            "–" if row["accuracy"] is None else percent(row["accuracy"]),
            "–" if row["low"] is None else f"{100 * row['low']:.0f}–{100 * row['high']:.0f} %",
            f"{row['empirical'] * row['judged']:.0f} of {row['judged']:,}"
            if row["judged"]
            else "–",
        )
        for row in found[:MOST_SOURCES]
    ]
    headers = ("source", "kind", "votes", "coverage", "conflict", "accuracy", "95 %", "verified")
    caption = (
        "Accuracy is what the label model and verified votes say together; verified: right of "
        "those whose truth is known"
    )
    if len(found) > MOST_SOURCES:
        caption += f". {len(found) - MOST_SOURCES:,} more are left out"
    blocks: list[Block] = [Table(headers, rows, caption)]
    dots = source_dots(found, MOST_SOURCES)
    if dots:
        blocks.append(
            Figure(intervals(dots), "The accuracy of each source with its 95 % interval.")
        )
    return blocks


def _labels(card: DataCard) -> list[Block]:
    total, stands = max(sum(card.balance.values()), 1), card.standing
    blocks: list[Block] = [
        Prose(f"{stands.sentence}. The label model {card.label_model} weighs the votes.")
    ]
    names = sorted(card.balance, key=lambda name: -card.balance[name])[:MOST_BARS]
    counts = [card.balance[name] for name in names]
    notes = [f"{count:,} ({percent(count / total)})" for count in counts]
    blocks.append(Figure(bars(names, counts, notes), "How many labels each class has."))
    basis = [
        (name, count, percent(count / max(stands.items, 1))) for name, count in stands.basis.items()
    ]
    return [*blocks, Table(("rests on", "items", "share"), basis, "What the labels rest on")]


def _quality(card: DataCard) -> list[Block]:
    stands = card.standing
    if stands.right is None:
        return [Prose("No truth is known, so nobody can say how many labels are right.", "warning")]
    blocks: list[Block] = [
        Prose(f"Known truth contradicts the labels: {one.sentence}. {one.remedy}", "warning")
        for one in stands.contradicted
    ]
    blocks.append(Prose(f"{stands.how_right}."))
    if card.quality is None:
        return blocks
    blocks += [
        Prose("Held against gold, which has no say in the labels judged here.", "aside"),
        *quality_blocks(card.quality, "Labels"),
    ]
    return [*blocks, *trust_blocks(card.calibration)] if card.calibration else blocks


def _over_rounds(card: DataCard) -> list[Section]:
    if not card.rounds:
        return []
    rows = [
        (
            point.round,
            moment(point.version.created),
            point.answers,
            _share(point.labels),
            _share(point.model),
            point.version.remark,
        )
        for point in card.rounds
    ]
    headers = ("round", "when", "answers of people", "labels right", "model right", "note")
    caption = "On the test items whose truth is known today"
    blocks: list[Block] = [Table(headers, rows, caption)]
    series = [
        (name, _dots(card.rounds, which))
        for name, which in (("labels", "labels"), ("model", "model"))
    ]
    if len(card.rounds) > 1 and any(not math.isnan(d.value) for _, dots in series for d in dots):
        blocks.insert(
            0, Figure(lines(series), "The share that is right after each round, with intervals.")
        )
    return [Section("Quality over rounds", blocks)]


def _dots(points: tuple[Point, ...], which: str) -> list[Dot]:
    shares: list[Estimate] = [getattr(point, which) for point in points]
    return [
        Dot(f"round {point.round}", share.value, share.low, share.high)
        for point, share in zip(points, shares, strict=True)
    ]


def _share(share: Estimate) -> str:
    if math.isnan(share.value):
        return "–"
    return f"{percent(share.value)} ({100 * share.low:.1f}–{100 * share.high:.1f} %)"


def _cost(card: DataCard) -> list[Block]:
    cost = card.cost
    facts: list[tuple[str, str | int | float | None]] = [
        ("time of people", duration(cost.person_seconds)),
        ("money", usd(cost.usd)),
        ("every item by hand", f"{duration(cost.by_hand_seconds)}, {usd(cost.by_hand_usd)}"),
    ]
    if not math.isnan(cost.time_saved) and cost.time_saved > 0:
        saved = f"{percent(cost.time_saved)} of the time, {percent(cost.money_saved)} of the money"
        facts.append(("saved", saved))
    return [Facts(facts)]
