"""The project at a glance: how far, how good, how dear, what it still takes, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, UnknownNameError
from labelwright.core.record import Version
from labelwright.core.source import SourceKind
from labelwright.pipeline.ask.random_questions import missing_now
from labelwright.pipeline.label.honest_tests import HonestTests, share_right
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.train.contradicted_labels import Contradicted
from labelwright.pipeline.vote.cost import spending
from labelwright.quality import Cost, Estimate, cohen_kappa
from labelwright.queue import Curve, StoppingRule
from labelwright.sources import ballot_of, beliefs_of_items
from labelwright.stores import get_column
from labelwright.tasks import grid_of, kind_of, learnable

DECIDED = 0.9
"""From this confidence on an item counts as decided."""
ROUNDS = 20
"""Quality is measured for at most so many rounds, the latest."""
SETTLED_ITEMS = 1_000
UNKNOWN = Estimate(np.nan, np.nan, np.nan, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Point:
    """Quality after one round.

    Attributes:
        round: its number, from 1.
        version: what it froze.
        answers: votes of people until then.
        labels: the share of its labels that is right, by honest tests that it had not learnt;
            items without a label have no part in it.
        model: likewise of its end model.
        kappa: agreement of its predictions with those of the round before; NaN if unknown.
    """

    round: int
    version: Version
    answers: int
    labels: Estimate
    model: Estimate
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
        covered: how many any source votes on; who abstains does not vote.
        decided: how many have a label that is at least 90 % sure, from votes or from content.
        audited: how many of these a person has answered.
        answered: how many a person has answered, gold and "cannot tell" not counted.
        votes: how many votes stand, by kind of source, abstentions not counted.
    """

    items: int
    covered: int
    decided: int
    audited: int
    answered: int
    votes: dict[SourceKind, int]
    points: tuple[Point, ...]
    cost: Cost
    outlook: BoardOutlook
    hints: tuple[Hint, ...] = field(default=())


def board(
    snapshot: Snapshot,
    catalogue: Catalogue,
    tests: HonestTests,
    *,
    target: float = 0.98,
    against: Sequence[Contradicted] = (),
) -> Board:
    """The project at a glance.

    Args:
        snapshot: what stands.
        catalogue: of it.
        tests: what labels and models are held against.
        target: the share that shall be right.
        against: what known truth says against the labels.
    """
    points = tuple(_points(snapshot, tests))
    cost = spending(snapshot.workspace)
    decided = (catalogue.label >= 0) & (catalogue.confidence >= DECIDED)
    return Board(
        items=snapshot.items,
        covered=int((catalogue.votes > 0).sum()),
        decided=int(decided.sum()),
        audited=int((decided & catalogue.checked).sum()),
        answered=int(catalogue.checked.sum()),
        votes=_votes(snapshot),
        points=points,
        cost=cost,
        outlook=_outlook(snapshot, points, cost, target),
        hints=(*_mend(against), *_hints(snapshot, catalogue, points, target)),
    )


def _votes(snapshot: Snapshot) -> dict[SourceKind, int]:
    """How many votes stand, by kind of source; who abstains does not vote."""
    if snapshot.labels is None:
        return {}
    votes = snapshot.labels.votes
    cast = np.bincount(votes.source[votes.answer >= 0], minlength=len(votes.sources)).tolist()
    found: dict[SourceKind, int] = {}
    for source, count in zip(votes.sources, cast, strict=True):
        if count:
            found[source.kind] = found.get(source.kind, 0) + count
    return found


def _points(snapshot: Snapshot, tests: HonestTests) -> list[Point]:
    workspace = snapshot.workspace
    versions = workspace.versions.list()
    first = max(0, len(versions) - ROUNDS)
    settled = np.random.default_rng(0).permutation(snapshot.items)[:SETTLED_ITEMS]
    points: list[Point] = []
    before: NDArray[np.int64] | None = None
    for number, version in enumerate(versions[first:], first + 1):
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
                labels=_right(_frozen_labels(snapshot, version), tests, version),
                model=_right(_predicted(snapshot, prediction), tests, version),
                kappa=kappa,
            )
        )
        before = now
    return points


def _array(snapshot: Snapshot, version: Version, name: str) -> NDArray[np.float64] | None:
    """The probabilities that a version froze, None if it has none for the classes of now."""
    task = snapshot.workspace.settings.task
    if name not in version.objects or not learnable(task):
        return None
    try:
        arrays = snapshot.workspace.objects.get_arrays(version.objects[name])
    except UnknownNameError:
        return None
    found: NDArray[np.float64] = arrays["probability"]
    units = grid_of(task, 0)
    same = units.single or list(version.task["classes"]) == list(task.classes)
    return found if same and found.shape[1] == len(units.class_names) else None


def _predicted(snapshot: Snapshot, chances: NDArray[np.float64] | None) -> Sequence[object] | None:
    """The answers that probabilities stand for; None if there are none."""
    if chances is None:
        return None
    task = snapshot.workspace.settings.task
    said: list[object] = ballot_of(beliefs_of_items(chances, task), task).answer.to_pylist()
    return said


def _frozen_labels(snapshot: Snapshot, version: Version) -> Sequence[object] | None:
    """The labels that a version froze; None if they are not kept."""
    if "column" not in version.labels:
        return _predicted(snapshot, _array(snapshot, version, "posterior"))
    try:
        column = get_column(snapshot.workspace.objects, version.labels["column"])
    except UnknownNameError:
        return None
    task = snapshot.workspace.settings.task
    kind = kind_of(task)
    try:
        renamed = any(kind.canonical(name, task) != name for name in column.names)
    except AnswerError:
        return None
    if renamed:
        return None
    labels: list[object] = column.arrow().to_pylist()
    return labels


def _right(said: Sequence[object] | None, tests: HonestTests, version: Version) -> Estimate:
    """How much of what a version said is right, by the tests that it cannot have learnt.

    Of what it said nothing it was not wrong: what stands is told likewise.
    """
    if said is None:
        return UNKNOWN
    known = tests.after(version.created, len(said))
    known = known.where(np.array([said[item] is not None for item in known.item.tolist()], bool))
    if not len(known):
        return UNKNOWN
    return share_right([said[item] for item in known.item.tolist()], known)


def _outlook(
    snapshot: Snapshot, points: Sequence[Point], cost: Cost, target: float
) -> BoardOutlook:
    settings = snapshot.workspace.settings
    people = cost.votes.get(SourceKind.PERSON, 0)
    seconds = cost.person_seconds / people if people else settings.cost.seconds_per_answer
    usd = seconds / 3600 * settings.cost.wage_usd_per_hour
    known = [one for one in points if one.answers > 0 and one.model.answers > 0]
    needed = (np.nan, np.nan, np.nan)
    if len({one.answers for one in known}) > 1:
        curve = Curve.through(
            [one.answers for one in known],
            [one.model.mistakes for one in known],
            [one.model.tested for one in known],
        )
        found = curve.answers(target)
        given = known[-1].answers
        needed = tuple(max(value - given, 0.0) for value in (found.value, found.low, found.high))  # type: ignore[assignment] # three of them
    return BoardOutlook(target, needed, seconds, usd)


def _mend(against: Sequence[Contradicted]) -> list[Hint]:
    """What to do about the gravest of what truth says against the labels."""
    text = "Mend the labels: known truth contradicts them"
    return [Hint(text, "rules", one.remedy) for one in against[:1]]


def _hints(
    snapshot: Snapshot, catalogue: Catalogue, points: Sequence[Point], target: float
) -> list[Hint]:
    """What to do next, the most useful first."""
    if snapshot.items == 0:
        return [Hint("Import data", "browse", "labelwright import PROJECT FILE")]
    labels = snapshot.labels
    covered = float((catalogue.votes > 0).mean())
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
    first = missing_now(snapshot.workspace, labels)
    if first.missing:
        text = f"Answer {first.missing} more random questions"
        hints.append(Hint(text, "label", f"{first.sentence}."))
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
