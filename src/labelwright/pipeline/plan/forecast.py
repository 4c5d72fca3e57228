"""What more answers would bring: have predictions settled, and what does a target still cost?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.record import Version
from labelwright.core.source import SourceKind
from labelwright.pipeline.label.honest_tests import honest_tests, share_right
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Estimate, cohen_kappa
from labelwright.queue import Curve, Forecast, StoppingRule
from labelwright.sources import ballot_of, beliefs_of_items

TARGET = 0.95
LATEST = 8
"""So many versions are looked at."""
FIXED_ITEMS = 1_000
ENOUGH_POINTS = 2


@dataclass(frozen=True, slots=True)
class AnswersOutlook:
    """What more answers of people would bring.

    Attributes:
        target: the accuracy of the end model that is wanted.
        answers: how many answers of people went into the latest version.
        measured: on how many items, of the test split or drawn at random and answered later, the
            accuracy of the latest measured version rests.
        now: the accuracy that the curve gives the latest version; None if nothing is measured.
        needed: how many more answers the target takes; None if there is no forecast.
        minutes: what these take.
        usd: what these cost.
        kappas: agreement of each version's predictions with those before, on a fixed random set.
        settled: whether they have settled.
        words: all that in words.
    """

    target: float
    answers: int
    measured: int
    now: Forecast | None
    needed: Forecast | None
    minutes: Forecast | None
    usd: Forecast | None
    kappas: tuple[float, ...]
    settled: bool
    words: str


def outlook(workspace: Workspace, target: float = TARGET) -> AnswersOutlook:
    """The outlook from the versions frozen so far; reads, and trains nothing."""
    versions = _comparable(workspace)[-LATEST:]
    predicted = [_predicted(workspace, version) for version in versions]
    kappas = _kappas(predicted)
    settled = StoppingRule().settled(kappas)
    points = _points(workspace, versions, predicted)
    answers = _answers(versions[-1]) if versions else 0
    now = needed = None
    if len({point[0] for point in points}) >= ENOUGH_POINTS:
        curve = Curve.through(
            [given for given, _ in points],
            [found.mistakes for _, found in points],
            [found.tested for _, found in points],
        )
        now = curve.accuracy(answers)
        total = curve.answers(target)
        needed = _each(total, lambda value: max(value - answers, 0.0))
    seconds, usd = _price(workspace)
    measured = points[-1][1].answers if points else 0
    return AnswersOutlook(
        target=target,
        answers=answers,
        measured=measured,
        now=now,
        needed=needed,
        minutes=None if needed is None else _each(needed, lambda value: value * seconds / 60),
        usd=None if needed is None else _each(needed, lambda value: value * usd),
        kappas=kappas,
        settled=settled,
        words=_words(target, now, needed, seconds, usd, kappas, settled=settled),
    )


def _comparable(workspace: Workspace) -> list[Version]:
    """The versions with predictions for the classes of today, the oldest first."""
    classes = list(workspace.settings.task.classes)
    return [
        version
        for version in workspace.versions.list()
        if "prediction" in version.objects and list(version.task["classes"]) == classes
    ]


def _predicted(workspace: Workspace, version: Version) -> NDArray[np.float64]:
    return workspace.objects.get_arrays(version.objects["prediction"])["probability"]


def _kappas(predicted: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """Agreement of each version with the one before it on the same random units."""
    units = min((len(one) for one in predicted), default=0)
    fixed = np.random.default_rng(0).permutation(units)[:FIXED_ITEMS]
    best = [one[fixed].argmax(axis=1) for one in predicted]
    return tuple(cohen_kappa(one, two) for one, two in pairwise(best))


def _points(
    workspace: Workspace, versions: Sequence[Version], predicted: Sequence[NDArray[np.float64]]
) -> list[tuple[int, Estimate]]:
    """Of each version that had answers and could be tested: how many, and how right it was.

    It is held against honest tests that it cannot have learnt.
    """
    if not versions:
        return []
    tests = honest_tests(workspace)
    task = workspace.settings.task
    points = []
    for version, probability in zip(versions, predicted, strict=True):
        said = ballot_of(beliefs_of_items(probability, task), task).answer
        known = tests.after(version.created, len(said))
        if _answers(version) and len(known):
            right = share_right(said.take(pa.array(known.item)).to_pylist(), known)
            points.append((_answers(version), right))
    return points


def _answers(version: Version) -> int:
    return int(version.cost.get("votes_person", 0))


def _price(workspace: Workspace) -> tuple[float, float]:
    """Seconds and money of one answer, as it was so far or else as the settings expect."""
    spent, cost = spending(workspace), workspace.settings.cost
    given = spent.votes.get(SourceKind.PERSON, 0)
    seconds = spent.person_seconds / given if given else cost.seconds_per_answer
    return seconds, seconds / 3600 * cost.wage_usd_per_hour


def _each(forecast: Forecast, change: Callable[[float], float]) -> Forecast:
    return Forecast(change(forecast.value), change(forecast.low), change(forecast.high))


def _words(
    target: float,
    now: Forecast | None,
    needed: Forecast | None,
    seconds: float,
    usd: float,
    kappas: Sequence[float],
    *,
    settled: bool,
) -> str:
    """The forecast and the advice, in one or two sentences."""
    if now is None or needed is None:
        forecast = (
            "no forecast yet: it takes two rounds with answers, and items of a test split with "
            "gold or answers to random checks of the rounds after"
        )
    elif needed.value == 0:
        forecast = f"{target:.0%} is reached, as far as can be told (now {now.value:.1%})"
    elif not np.isfinite(needed.value):
        forecast = (
            f"more answers alone will hardly reach {target:.0%} (now {now.value:.1%}): "
            "better rules or features will"
        )
    else:
        upper = f"{needed.high:,.0f}" if np.isfinite(needed.high) else "no end"
        forecast = (
            f"{target:.0%} needs about {needed.value:,.0f} more answers ({needed.low:,.0f} to "
            f"{upper}), {needed.value * seconds / 60:,.0f} minutes, ${needed.value * usd:,.0f}; "
            f"now {now.value:.1%}"
        )
    if not kappas:
        return forecast
    state = "have settled: you can stop" if settled else "still change"
    return f"{forecast}. Predictions {state} (kappa {kappas[-1]:.2f} to the round before)"
