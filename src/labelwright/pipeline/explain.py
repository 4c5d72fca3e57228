"""Why an item has its label: every vote, what it weighs, what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labelwright.core.errors import UnknownNameError, shown
from labelwright.core.items import RESERVED, SPLIT
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import SourceKind
from labelwright.core.votes import VoteState
from labelwright.pipeline.label import Labels
from labelwright.pipeline.train import Trained
from labelwright.pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Effect:
    """One source's say in one label.

    Attributes:
        source: its name.
        kind: what it is.
        state: ``voted``, ``abstained``, ``failed``, ``withdrawn`` or ``not asked``.
        answer: what it voted, None if it did not.
        accuracy: how good the label model thinks it is; None if it never voted.
        effect: what its vote added to the log odds of the label against the other classes
            together; None for gold that was held out, and for sources without a say.
        reason: why it failed, if it did.
    """

    source: str
    kind: str
    state: str
    answer: str | None
    accuracy: float | None
    effect: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnitStory:
    """The label of one unit of an item, and where it came from.

    Attributes:
        unit: which unit of the item it is, 0 where the item is the unit.
        label: the most probable class; None if nobody voted.
        probability: of every class by name.
        before: the log odds of the label before any vote.
        effects: the say of every source, strongest first.
    """

    unit: int
    label: str | None
    probability: dict[str, float]
    before: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The story of an item's label.

    Attributes:
        item: its id.
        split: the part of the data it belongs to.
        fields: what it holds.
        answer: its label in canonical form; None if nothing is known.
        confidence: how sure the label model is.
        units: the story of each of its units.
        prediction: the end model's probabilities by class, if it was trained.
        gold: what gold says; None if it says nothing.
    """

    item: str
    split: str
    fields: dict[str, Any]
    answer: str | None
    confidence: float
    units: tuple[UnitStory, ...]
    prediction: dict[str, float] | None = None
    gold: str | None = None


def explain(
    workspace: Workspace, labels: Labels, trained: Trained | None, item: str
) -> Explanation:
    """The story of the label of the item with this id.

    Raises:
        UnknownNameError: there is no such item.
    """
    number = number_of(workspace, item)
    (row,) = workspace.items.take(np.array([number]), workspace.plain_fields()).to_pylist()
    names = labels.units.class_names
    rows = workspace.rows_on(number)
    units = np.flatnonzero(labels.units.item == number)
    prediction = None
    if trained is not None:
        prediction = dict(zip(names, trained.prediction[number].tolist(), strict=True))
    return Explanation(
        item=item,
        split=row[SPLIT],
        fields={name: value for name, value in row.items() if name not in RESERVED},
        answer=labels.answers.answer[number].as_py(),
        confidence=float(labels.answers.confidence[number]),
        units=tuple(_story(labels, int(unit), place, rows) for place, unit in enumerate(units)),
        prediction=prediction,
        gold=_gold(workspace, rows),
    )


def number_of(workspace: Workspace, item: str) -> int:
    """The number of the item with this id.

    Raises:
        UnknownNameError: there is none.
    """
    (number,) = workspace.items.find([item])
    if number < 0:
        raise UnknownNameError(
            f"there is no item {shown(item)} in the project {workspace.settings.name!r}; "
            "item ids stand in the export and in your own data"
        )
    return int(number)


def _gold(workspace: Workspace, rows: dict[int, dict[str, Any]]) -> str | None:
    """What gold says of the item, held out or not."""
    for number, source in enumerate(workspace.log.sources()):
        if source.kind is SourceKind.GOLD and number in rows:
            return rows[number]["answer"]
    return None


def _story(labels: Labels, unit: int, place: int, rows: dict[int, dict[str, Any]]) -> UnitStory:
    fit, posterior, matrix = labels.fit, labels.posterior, labels.units.matrix
    classes = labels.units.class_names
    probability = posterior.probability[unit]
    best = int(posterior.label[unit])
    span = slice(matrix.start[unit], matrix.start[unit + 1])
    voted = dict(zip(matrix.source[span].tolist(), matrix.label[span].tolist(), strict=True))
    effects = [
        _effect(labels, source, best, voted.get(source), rows.get(int(number)))
        for source, number in enumerate(labels.active.numbers)
    ]
    effects.sort(key=lambda effect: -abs(effect.effect or 0))
    return UnitStory(
        unit=place,
        label=classes[best] if posterior.covered[unit] else None,
        probability=dict(zip(classes, probability.tolist(), strict=True)),
        before=_against_the_rest(fit.class_score, best),
        effects=tuple(effects),
    )


def _effect(
    labels: Labels, source: int, best: int, vote: int | None, row: dict[str, Any] | None
) -> Effect:
    who, fit = labels.active.sources[source], labels.fit
    if row is None:
        state = "abstained" if labels.votes.complete[source] else "not asked"
    else:
        state = VoteState(row["state"]).name.lower()
    accuracy = float(fit.accuracy[source])
    return Effect(
        source=who.name,
        kind=who.kind.value,
        state=state,
        answer=row["answer"] if row else None,
        accuracy=None if np.isnan(accuracy) else accuracy,
        effect=_weight(fit, source, best, vote, silent=state == "abstained"),
        reason=(row["reason"] or "") if row else "",
    )


def _weight(
    fit: LabelModelFit, source: int, best: int, vote: int | None, *, silent: bool
) -> float | None:
    if vote is not None and vote >= 0:
        return _against_the_rest(fit.vote_score[source, vote], best)
    return _against_the_rest(fit.abstain_score[source], best) if silent else None


def _against_the_rest(score: np.ndarray, best: int) -> float:
    """The score of the label less the mean score of the other classes."""
    others = np.delete(score, best)
    return float(score[best] - others.mean())
