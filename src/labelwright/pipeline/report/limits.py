"""What is missing or doubtful, said before somebody else finds it."""

from __future__ import annotations

from labelwright.pipeline.report.data_card import DataCard
from labelwright.pipeline.report.model_card import ModelCard

FEW = 100
"""On fewer items than this an interval is too wide to decide anything."""
NO_TRUTH = (
    "No truth is known, so nobody can say how many labels are right. Import some known answers "
    "(labelwright import --gold) or audit a sample in the web app."
)
LITTLE_AGREEMENT = 0.667
"""Krippendorff's own bound: below, not even tentative conclusions."""


def gaps(card: DataCard) -> list[str]:
    """What is missing or doubtful in the data and its labels, the gravest first."""
    found = [
        f"Known truth contradicts the labels: {one.sentence}. {one.remedy}"
        for one in card.standing.contradicted
    ]
    found += [card.about.limits] if card.about.limits else []
    found += _of_truth(card)
    nothing = card.standing.items - card.standing.labelled
    if nothing:
        found.append(
            f"Of {card.standing.items:,} items, {nothing:,} have no label: nothing is known of "
            "them but the class balance."
        )
    described = card.standing.basis.get("class descriptions", 0)
    if described:
        found.append(
            f"{described:,} labels rest on class descriptions alone: no person, function or other "
            "source voted there."
        )
    if card.tied:
        found.append(f"{card.tied:,} labels are ties: two classes are exactly as probable.")
    absent = [name for name, count in card.balance.items() if not count]
    if absent:
        found.append(f"No item has the label {', '.join(map(repr, absent))}.")
    if card.agreement_people < LITTLE_AGREEMENT:
        found.append(
            f"People agree little (Krippendorff's alpha {card.agreement_people:.2f}, below "
            f"{LITTLE_AGREEMENT}): the guidelines leave room, or the task is hard."
        )
    if card.calibration is not None and not card.calibration.trustworthy:
        found.append(f"Confidences do not mean what they say: {card.calibration.sentence()}.")
    found += [one[0].upper() + one[1:] + "." for one in _of_sources(card)]
    found += _of_findings(card)
    return found + _unsaid(card)


def limits(model: ModelCard) -> list[str]:
    """What the model should not be trusted with."""
    found = []
    if model.quality is None:
        found.append("Nobody knows how good it is: there are no test items with known truth.")
    elif model.quality.accuracy.of < FEW:
        found.append(
            f"It was tested on {model.quality.accuracy.of:,} items only; see how wide the "
            "intervals are."
        )
    if model.contradicted:
        found.append(
            "It was trained with --anyway on labels that known truth contradicted: see the known "
            "gaps of the data."
        )
    if not model.current:
        found.append("Labels have changed since it was trained; renew it with: labelwright train")
    if model.quality is not None:
        found += [
            f"The test split has {one.items:,} items of the class {one.name!r}: too few to tell "
            "how well it is recognised."
            for one in model.quality.classes
            if one.items < FEW / 5
        ]
    if model.calibration is not None and not model.calibration.trustworthy:
        found.append(f"Its confidences do not mean what they say: {model.calibration.sentence()}.")
    found += [
        f"It is worse where {one.facet} is {one.value!r}: {one.error:.1%} wrong of "
        f"{one.items:,}, {model.slices.error:.1%} of all."
        for one in model.slices.worst
        if one.worse
    ]
    return [
        *found,
        "It has seen no other data than these: on data that differ, measure it again.",
    ]


def _of_truth(card: DataCard) -> list[str]:
    right = card.standing.right
    if right is None:
        return [NO_TRUTH]
    if right.of < FEW:
        known = f"The truth of {right.of:,} items only is known"
        return [f"{known}; see how wide the intervals are."]
    return []


def _of_sources(card: DataCard) -> list[str]:
    report = card.sources
    # Without the checks, which tell copies from sources that are merely good, none are named.
    return report.report.warnings(copies=False) if report.checks is None else report.warnings()


def _of_findings(card: DataCard) -> list[str]:
    if card.findings is None:
        return ["The checks of the data were not run for this report."]
    return [
        f"{told.check.replace('_', ' ').capitalize()} ({told.severity}): {told.message}."
        for told in card.findings
        if told.severity != "note" and not told.standing
    ]


def _unsaid(card: DataCard) -> list[str]:
    """What only the owner can say and has not."""
    wanted = {
        "description": "what the items are",
        "origin": "where they come from",
        "license": "under which licence they may be used",
        "uses": "what they are meant for",
    }
    missing = [said for name, said in wanted.items() if not getattr(card.about, name)]
    if not missing:
        return []
    return [f"The owner has not said {'; '.join(missing)} (the table [about] of the settings)."]
