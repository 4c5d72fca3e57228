"""The project at a glance: how far, how good, how dear, what it still takes, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import UnknownNameError
from labelwright.core.record import Version
from labelwright.core.source import SourceKind
from labelwright.pipeline.ask.random_answers import RandomAnswer
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.vote.cost import spending
from labelwright.quality import Cost, cohen_kappa, wilson
from labelwright.queue import Curve, StoppingRule
from labelwright.stores import get_column

DECIDED = 0.9
"""From this confidence on an item counts as decided."""
ROUNDS = 20
"""Quality is measured for at most so many rounds, the latest."""
SETTLED_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval; NaN where nothing is known."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    tested: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """Quality after one round.

    Attributes:
        round: its number, from 1.
        version: what it froze.
        answers: votes of people until then.
        labels: how many labels are right on known test items.
        model: likewise of the end model.
        kappa: agreement of its predictions with those of the round before; NaN if unknown.
    """

    round: int
    version: Version
    answers: int
    labels: Share
    model: Share
    kappa: float = np.nan


@dataclass(frozen=True, slots=True)
class BoardOutlook:
    """What it takes to reach a quality; NaN where too little is known, infinite if out of reach.

    Values are (median, low, high) of the answers still to be given.
    """

    target: float
    answers: tuple[float, float, float]
    seconds_per_answer: float
    usd_per_answer: float


@dataclass(frozen=True, slots=True)
class Hint:
    """What to do next, and on which screen."""

    text: str
    screen: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """See the attributes' types.

    Attributes:
        items: how many there are.
        covered: how many any source votes on.
        decided: how many have a label that is at least 90 % sure.
        audited: how many of these a person or gold has answered.
        answered: how many a person or gold has answered.
    """

    items: int
    covered: int
    decided: int
    audited: int
    answered: int
    points: tuple[Point, ...]
    cost: Cost
    outlook: BoardOutlook
    hints: tuple[Hint, ...] = field(default=())


def board(
    snapshot: Snapshot, catalogue: Catalogue, drawn: Sequence[RandomAnswer], *, target: float = 0.98
) -> Board:
    """The project at a glance.

    Args:
        snapshot: what stands.
        catalogue: of it.
        drawn: answers on items drawn at random, which test where there is no held-out gold.
        target: the share that shall be right.
    """
    points = tuple(_points(snapshot, drawn))
    cost = spending(snapshot.workspace)
    covered = catalogue.label >= 0
    decided = covered & (catalogue.confidence >= DECIDED)
    return Board(
        items=snapshot.items,
        covered=int(covered.sum()),
        decided=int(decided.sum()),
        audited=int((decided & catalogue.answered).sum()),
        answered=int(catalogue.answered.sum()),
        points=points,
        cost=cost,
        outlook=_outlook(snapshot, points, cost, target),
        hints=tuple(_hints(snapshot, catalogue, points, target)),
    )


def _points(snapshot: Snapshot, drawn: Sequence[RandomAnswer]) -> list[Point]:
    workspace = snapshot.workspace
    versions = workspace.versions.list()
    first = max(0, len(versions) - ROUNDS)
    truth = _test_truth(snapshot)
    settled = np.random.default_rng(0).permutation(snapshot.items)[:SETTLED_ITEMS]
    points: list[Point] = []
    before: NDArray[np.int64] | None = None
    for number, version in enumerate(versions[first:], first + 1):
        tested = truth if truth is not None else _later(snapshot, drawn, version)
        prediction = _array(snapshot, version, "prediction")
        now = None if prediction is None else prediction.argmax(axis=1)
        kappa = np.nan
        if now is not None and before is not None and len(now) == len(before):
            kappa = cohen_kappa(
                now[settled[settled < len(now)]], before[settled[settled < len(now)]]
            )
        points.append(
            Point(
                round=number,
                version=version,
                answers=int(version.cost.get(f"votes_{SourceKind.PERSON.value}", 0)),
                labels=_right(_frozen_labels(snapshot, version), tested),
                model=_right(prediction, tested),
                kappa=kappa,
            )
        )
        before = now
    return points


def _test_truth(snapshot: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Items of the test split whose truth gold knows, with their classes; None without any."""
    labels = snapshot.labels
    if labels is None or labels.units.key is not None:
        return None
    truth = labels.units.truth
    items = np.flatnonzero((truth >= 0) & (snapshot.splits[: len(truth)] == "test"))
    return (items, truth[items]) if len(items) else None


def _later(
    snapshot: Snapshot, drawn: Sequence[RandomAnswer], version: Version
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Random answers given after a version was frozen, which it cannot have learnt from."""
    labels = snapshot.labels
    if labels is None or labels.units.key is not None:
        return None
    frozen = datetime.fromisoformat(version.created)
    index = snapshot.workspace.settings.task.index
    found = {one.item: index(one.answer) for one in drawn if one.time > frozen}
    items = np.array(list(found), np.int64)
    classes = np.array(list(found.values()), np.int64)
    return items[classes >= 0], classes[classes >= 0]


def _array(snapshot: Snapshot, version: Version, name: str) -> NDArray[np.float64] | None:
    """The probabilities that a version froze, None if it has none for the classes of now."""
    if name not in version.objects:
        return None
    try:
        arrays = snapshot.workspace.objects.get_arrays(version.objects[name])
    except UnknownNameError:
        return None
    found: NDArray[np.float64] = arrays["probability"]
    classes = len(snapshot.workspace.settings.task.classes)
    return found if found.shape[1] == classes else None


def _frozen_labels(snapshot: Snapshot, version: Version) -> NDArray[np.float64] | None:
    """The labels that a version froze as certainties, or its posterior where that was kept."""
    if "column" not in version.labels:
        return _array(snapshot, version, "posterior")
    try:
        column = get_column(snapshot.workspace.objects, version.labels["column"])
    except UnknownNameError:
        return None
    classes = snapshot.workspace.settings.task.classes
    code = column.among(classes)
    if np.any(code == -2):
        return None
    # Of an item without a label all that is known is how frequent the classes are.
    shares = np.bincount(code[code >= 0], minlength=len(classes)) / max(1, (code >= 0).sum())
    return np.vstack([np.eye(len(classes)), shares])[code]


def _right(
    chances: NDArray[np.float64] | None, tested: tuple[NDArray[np.int64], NDArray[np.int64]] | None
) -> Share:
    if chances is None or tested is None:
        return Share()
    there = tested[0] < len(chances)
    items, truth = tested[0][there], tested[1][there]
    if not len(items):
        return Share()
    right = int((chances[items].argmax(axis=1) == truth).sum())
    ends = wilson(right, len(items))
    return Share(right / len(items), float(ends.low), float(ends.high), len(items), right)


def _outlook(
    snapshot: Snapshot, points: Sequence[Point], cost: Cost, target: float
) -> BoardOutlook:
    settings = snapshot.workspace.settings
    people = cost.votes.get(SourceKind.PERSON, 0)
    seconds = cost.person_seconds / people if people else settings.cost.seconds_per_answer
    usd = seconds / 3600 * settings.cost.wage_usd_per_hour
    known = [one for one in points if one.answers > 0 and one.model.tested > 0]
    needed = (np.nan, np.nan, np.nan)
    if len({one.answers for one in known}) > 1:
        curve = Curve.through(
            [one.answers for one in known],
            [one.model.tested - one.model.right for one in known],
            [one.model.tested for one in known],
        )
        found = curve.answers(target)
        given = known[-1].answers
        needed = tuple(max(value - given, 0.0) for value in (found.value, found.low, found.high))  # type: ignore[assignment] # three of them
    return BoardOutlook(target, needed, seconds, usd)


def _hints(
    snapshot: Snapshot, catalogue: Catalogue, points: Sequence[Point], target: float
) -> list[Hint]:
    """What to do next, the most useful first."""
    if snapshot.items == 0:
        return [Hint("Import data", "browse", "labelwright import PROJECT FILE")]
    labels = snapshot.labels
    covered = float((catalogue.label >= 0).mean())
    hints = []
    if labels is None or covered == 0:
        return [
            Hint(
                "Answer the first questions", "label", "Nothing votes yet; 20 answers are a start."
            ),
            Hint("Write a first rule", "rules", "Which word gives a class away?"),
        ]
    if not points:
        hints.append(Hint("Run a first round", "board", "It trains a model and freezes a version."))
    latest = points[-1] if points else None
    if latest is not None and latest.model.low >= target:
        text = f"You can stop: {latest.model.value:.1%} are right"
        hints.append(Hint(text, "board", f"{target:.0%} or more with 95 % confidence."))
    elif StoppingRule().settled([one.kappa for one in points if not np.isnan(one.kappa)]):
        hints.append(
            Hint(
                "Audit, then stop",
                "audit",
                "The last rounds changed next to nothing: state the quality.",
            )
        )
    bad = [
        source.name
        for place, source in enumerate(labels.active.sources)
        if source.kind in (SourceKind.FUNCTION, SourceKind.RULE)
        and labels.fit.accuracy[place] < 1 / labels.fit.classes
    ]
    if bad:
        hints.append(
            Hint(
                f"Look at the source {bad[0]!r}", "sources", "It is wrong more often than a guess."
            )
        )
    if covered < 0.7:
        hints.append(
            Hint("Write a rule", "rules", f"No source votes on {1 - covered:.0%} of the items.")
        )
    hints.append(
        Hint("Answer the questions worth most", "label", "They are picked anew as you answer.")
    )
    return hints
