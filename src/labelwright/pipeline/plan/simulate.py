"""What would labelling cost? A project's gold plays the people; nothing in the project changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, SettingsError, shown
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import QueryStrategy
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes
from labelwright.endmodels import MACHINES_WEIGH, CorrectedHead, coordinates
from labelwright.endmodels import by_name as end_model_by_name
from labelwright.endmodels.linear import LinearHead
from labelwright.pipeline.label.reduce_votes import reduced
from labelwright.pipeline.label.votes_that_count import votes_for_labels, without
from labelwright.pipeline.vote.active_sources import END_MODEL_SOURCE, active
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import (
    Believed,
    Machine,
    Redundancy,
    ReplayStep,
    World,
    by_name,
    replay,
)

HEAD = LinearHead(strength=10.0, calibration="none")
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What is simulated.

    Attributes:
        policies: names of query strategies; empty for ``uniform`` (random questions), ``margin``
            and the one of the project.
        targets: shares of items with the right label, above 0, at most 1.
        people: how many simulated people there are; None for as many as the rest needs.
        noise: how often each one is wrong about a unit, any other class then being as likely; fewer
            numbers than people are repeated. A unit is the item, or what an answer says several
            of, such as whether a class belongs, or what is at a place.
        redundancy: how many of them answer an item; None for ``[crowd]`` of the project.
        answers: a replay ends after so many answers; None for one round of all items.
        batch: how many questions are picked at a time.
        seeds: how many times each policy is replayed.
        seconds: an answer takes; None for what answers here took, or else ``[cost]`` says.
        usd_per_hour: the wage; None for that of ``[cost]``.
        items: the replay uses at most so many items whose truth is known.

    Raises:
        SettingsError: a number out of range, no target, fewer people than answers an item.
    """

    policies: tuple[str, ...] = ()
    targets: tuple[float, ...] = (0.9, 0.95)
    people: int | None = None
    noise: tuple[float, ...] = (0.05,)
    redundancy: Redundancy | None = None
    answers: int | None = None
    batch: int = 20
    seeds: int = 5
    seconds: float | None = None
    usd_per_hour: float | None = None
    items: int = 2_000

    def __post_init__(self) -> None:
        if not self.targets or not all(0 < target <= 1 for target in self.targets):
            raise SettingsError(f"targets are shares above 0, at most 1, got {shown(self.targets)}")
        if not self.noise or not all(0 <= noise <= 1 for noise in self.noise):
            raise SettingsError(f"noise is a share from 0 to 1, got {shown(self.noise)}")
        for name in ("people", "answers", "batch", "seeds", "items"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"{name} must be at least 1, got {value}")
        for name in ("seconds", "usd_per_hour"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise SettingsError(f"{name} must be a number >= 0, got {value}")

    def confusion(self, classes: int, most: int) -> NDArray[np.float64]:
        """P(answer is column | class is row) of each person, shape (people, classes, classes).

        Args:
            classes: how many there are.
            most: how many people may be asked about one item.

        Raises:
            SettingsError: there are fewer people than that.
        """
        people = max(most, len(self.noise)) if self.people is None else self.people
        if people < most:
            raise SettingsError(
                f"up to {most} different people answer an item, but there are {people}; "
                "simulate more people or fewer answers an item"
            )
        wrong = np.array(list(islice(cycle(self.noise), people)))[:, None, None]
        return np.where(np.eye(classes, dtype=bool), 1 - wrong, wrong / max(classes - 1, 1))


@dataclass(frozen=True, slots=True)
class Effort:
    """What one policy took to one target, over the seeds. Infinite where it was not reached.

    Attributes:
        policy: name of the query strategy.
        target: the share of items with the right label.
        reached: in how many replays it was reached.
        answers: median, and `fewest` and `most` of all replays.
        fewest: the least of them.
        most: the most of them.
        minutes: of people's time, for the median.
        usd: wages of that time.
    """

    policy: str
    target: float
    reached: int
    answers: float
    fewest: float
    most: float
    minutes: float
    usd: float


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """What each policy would take.

    Attributes:
        items: how many items were replayed.
        classes: how many classes the task has.
        start: the share of items with the right label before anybody answers.
        seconds: an answer takes.
        usd_per_hour: the wage.
        efforts: for each policy and target.
        replays: the course of every replay, by policy; a score is the share of right labels.
    """

    items: int
    classes: int
    start: float
    seconds: float
    usd_per_hour: float
    efforts: tuple[Effort, ...]
    replays: dict[str, tuple[tuple[ReplayStep, ...], ...]]


def simulate(
    workspace: Workspace, plan: SimulationPlan, *, progress: Progress = silent
) -> Simulation:
    """Replays policies on the items of which all is known; the project stays as it is.

    Functions, rules and imported models vote as they did; people's votes on record and the end
    model's have no part. A logistic regression on the items' coordinates stands in for the end
    model, since it is trained anew after every batch, on what machines say and corrected by the
    answers; where an item has several units, one for
    each, and none where items have different ones. The label of an answered item is the label
    model's, of another the end model's prediction; where neither knows anything it is not right,
    nor where anything in it is not, or is missing.

    Raises:
        NothingToDoError: the project knows the truth of fewer than two classes.
        SettingsError: there are too few people.
        UnknownNameError: there is no such policy.
    """
    policies = _policies(workspace, plan)
    world, machine = _world(workspace, plan)
    redundancy = plan.redundancy or workspace.settings.crowd.redundancy
    confusion = plan.confusion(world.votes.classes, redundancy.most)
    replays: dict[str, tuple[tuple[ReplayStep, ...], ...]] = {}
    for place, (name, strategy) in enumerate(policies.items()):
        courses = []
        for seed in range(plan.seeds):
            progress("simulate", place * plan.seeds + seed, len(policies) * plan.seeds)
            courses.append(
                replay(
                    world,
                    machine,
                    strategy,
                    confusion,
                    np.random.default_rng(seed),
                    budget=plan.answers or world.items * redundancy.most,
                    batch=plan.batch,
                    plan=redundancy,
                    goal=max(plan.targets),
                )
            )
        replays[name] = tuple(courses)
    settings = workspace.settings.cost
    seconds = _seconds(workspace) if plan.seconds is None else plan.seconds
    wage = settings.wage_usd_per_hour if plan.usd_per_hour is None else plan.usd_per_hour
    return Simulation(
        items=world.items,
        classes=len(workspace.settings.task.classes),
        start=next(iter(replays.values()))[0][0].score,
        seconds=seconds,
        usd_per_hour=wage,
        efforts=tuple(
            _effort(name, target, courses, seconds, wage)
            for target in sorted(plan.targets)
            for name, courses in replays.items()
        ),
        replays=replays,
    )


def _policies(workspace: Workspace, plan: SimulationPlan) -> dict[str, QueryStrategy]:
    own = workspace.settings.queue.name
    names = plan.policies or tuple(dict.fromkeys(("uniform", "margin", own)))
    return {name: parts.strategy(workspace) if name == own else by_name(name) for name in names}


def _world(workspace: Workspace, plan: SimulationPlan) -> tuple[World, Machine]:
    votes = votes_for_labels(workspace, active(workspace))
    machine = _machines(votes)
    units = reduced(workspace, without(votes, ~machine[votes.source]))
    whole = units.to_items(units.truth >= 0, "least")
    known = np.flatnonzero(whole)
    if len(np.unique(units.truth[whole[units.item]])) < 2:
        raise NothingToDoError(
            "simulate needs items of at least two classes whose truth is known; import some with: "
            f"labelwright import {workspace.folder} FILE --gold COLUMN"
        )
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.choice(known, min(plan.items, len(known)), replace=False))
    rows = np.flatnonzero(np.isin(units.item, chosen))
    world = World(
        truth=units.truth[rows],
        votes=_on(rows, units.matrix, machine),
        askable=np.ones(len(chosen), bool),
        embedding=_embedding(workspace, chosen),
        unit_item=None if units.single else np.searchsorted(chosen, units.item[rows]),
        hidden=None if units.guests_only is None else units.guests_only[rows],
    )
    return world, _machine(workspace, world, units.heads)


def _machine(workspace: Workspace, world: World, heads: int) -> Machine:
    model, targets = parts.label_model(workspace), parts.targets(workspace)

    def label(votes: VoteMatrix) -> tuple[LabelModelFit, Posterior]:
        fit = model.fit(votes)
        return fit, model.posterior(fit, votes)

    def learn(posterior: Posterior, answered: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        said = np.full(posterior.probability.shape, np.nan)
        for head in range(heads):
            of = slice(head, None, heads)
            training = targets.of(Posterior(posterior.probability[of], posterior.covered[of]))
            if world.embedding is not None and len(training.rows):
                by_people = answered[training.rows]
                machines = training.only(~by_people).at_most(MACHINES_WEIGH)
                answers = training.only(by_people)
                fit = CorrectedHead(HEAD).fit(world.embedding, machines, answers)
                said[of] = fit.predict(world.embedding)
        return said if np.isfinite(said).any() else None

    def share_right(believed: Believed) -> float:
        posterior = believed.posterior
        label = np.where(posterior.covered, posterior.label, -1)
        if believed.prediction is not None:
            answered = believed.answered
            answered = answered if world.unit_item is None else answered[world.unit_item]
            read = np.isfinite(believed.prediction).all(axis=1) & ~answered
            label = np.where(read, believed.prediction.argmax(axis=1), label)
        return float(world.whole(label == world.truth).mean())

    return Machine(label, learn, share_right)


def _machines(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are neither people nor learnt from them, shape (sources,)."""
    return np.array(
        [
            source.kind not in (SourceKind.PERSON, SourceKind.GOLD)
            and source.name != END_MODEL_SOURCE
            for source in votes.sources
        ],
        bool,
    )


def _on(rows: NDArray[np.int64], votes: VoteMatrix, machine: NDArray[np.bool_]) -> VoteMatrix:
    """The votes on these rising units, of these sources."""
    place = np.full(votes.units, -1)
    place[rows] = np.arange(len(rows))
    number = np.cumsum(machine) - 1
    kept = machine[votes.source] & (place[votes.unit] >= 0)
    return VoteMatrix.build(
        place[votes.unit[kept]],
        number[votes.source[kept]],
        votes.label[kept],
        units=len(rows),
        classes=votes.classes,
        kinds=[kind for kind, stays in zip(votes.kinds, machine, strict=True) if stays],
        complete=votes.complete[machine],
        accuracies=votes.accuracies[machine],
        subsets=votes.subsets,
    )


def _embedding(workspace: Workspace, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """Coordinates of the items whose mean square length is one, shape (items, dimensions)."""
    model: Any = parts.end_model(workspace)
    if not hasattr(model, "features"):
        # Boosted trees have no coordinates; the linear model of the same columns has.
        model = end_model_by_name("linear", columns=model.columns)
    placed = coordinates(workspace.items.take(chosen, model.fields), model)
    length = np.sqrt((placed.astype(np.float64) ** 2).sum(axis=1).mean())
    return (placed / length if length > 0 else placed).astype(np.float32)


def _seconds(workspace: Workspace) -> float:
    """What one answer takes here."""
    return spending(workspace).by_hand_seconds / workspace.items.count()


def _effort(
    name: str,
    target: float,
    courses: Sequence[Sequence[ReplayStep]],
    seconds: float,
    wage: float,
) -> Effort:
    answers = [
        next((float(step.answers) for step in course if step.score >= target), float("inf"))
        for course in courses
    ]
    middle = float(np.median(answers))
    return Effort(
        policy=name,
        target=target,
        reached=int(np.isfinite(answers).sum()),
        answers=middle,
        fewest=min(answers),
        most=max(answers),
        minutes=middle * seconds / 60,
        usd=middle * seconds * wage / SECONDS_PER_HOUR,
    )
