"""What would a policy have cost? Replays of the project's own items whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.endmodels import Targets, coordinates
from labelwright.pipeline import parts
from labelwright.pipeline.label import HELD_OUT, Labels, truth_units, without
from labelwright.pipeline.progress import Progress, silent
from labelwright.pipeline.workspace import Workspace
from labelwright.queue import Machine, ReplayStep, World, by_name, replay
from labelwright.tasks import kind_of

LEAST_ITEMS = 20
"""From fewer items with known truth, to ask about or to test on, nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is replayed.

    Attributes:
        policies: names of query strategies.
        target: wanted score of the end model, as a share of what all true labels would give.
        answers: budget of one replay.
        batch: so many answers between two fits.
        people: how many annotators there are.
        accuracy: of each of them, 0 to 1; errors fall on all other classes equally often.
        seeds: how many replays of each policy.
        rules: whether functions and rules vote.

    Raises:
        SettingsError: a number out of range.
    """

    policies: tuple[str, ...] = ("value", "margin", "uniform")
    target: float = 0.95
    answers: int = 200
    batch: int = 10
    people: int = 1
    accuracy: float = 1.0
    seeds: int = 3
    rules: bool = True

    def __post_init__(self) -> None:
        for name in ("target", "accuracy"):
            if not 0 < getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie above 0 and not above 1")
        for name in ("answers", "batch", "people", "seeds"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What one policy cost. Medians over the replays, with the least and the most.

    Attributes:
        policy: the strategy's name.
        answers: needed to reach the target; infinite where the budget was not enough.
        least: of the replays.
        most: of the replays.
        minutes: of people, for `answers`.
        usd: for `answers`.
        score: of the end model when the budget was spent.
        labels: share of right labels then.
        curve: answers and median score after every batch.
    """

    policy: str
    answers: float
    least: float
    most: float
    minutes: float
    usd: float
    score: float
    labels: float
    curve: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """The policies beside each other.

    Attributes:
        items: that could be asked about.
        tested: items on which scores were measured.
        full: score of an end model trained on all true labels.
        wanted: the score that reaches the target.
        results: of each policy.
    """

    items: int
    tested: int
    full: float
    wanted: float
    results: tuple[PolicyResult, ...]


def simulate(
    workspace: Workspace, labels: Labels, simulation: Simulation, *, progress: Progress = silent
) -> SimulationReport:
    """What each policy would have cost on the items of this project whose truth is known.

    Scores are accuracies on the held-out splits; without any gold there, on a random third of
    the items with gold.

    Raises:
        NothingToDoError: too few items with known truth.
        SettingsError: the end model has no features to learn from, or an item several labels.
    """
    world, machine, tested = _world(workspace, labels, simulation)
    seen = np.eye(world.votes.classes)[world.truth]
    best = machine.learn(Posterior(seen, world.askable), world.askable)
    full = machine.score(best)
    confusion = _confusion(simulation, world.votes.classes)
    results = []
    total = len(simulation.policies) * simulation.seeds
    for number, policy in enumerate(simulation.policies):
        strategy = by_name(policy)
        replays = []
        for seed in range(simulation.seeds):
            progress("replaying", number * simulation.seeds + seed, total)
            rng = np.random.default_rng(seed)
            plan = workspace.settings.crowd.redundancy
            replays.append(
                replay(world, machine, strategy, confusion, rng, plan=plan,
                       budget=simulation.answers, batch=simulation.batch)
            )  # fmt: skip
        results.append(_result(workspace, policy, replays, full * simulation.target))
    return SimulationReport(
        items=int(world.askable.sum()),
        tested=int(tested.sum()),
        full=full,
        wanted=full * simulation.target,
        results=tuple(results),
    )


def _world(
    workspace: Workspace, labels: Labels, simulation: Simulation
) -> tuple[World, Machine, NDArray[np.bool_]]:
    if labels.units.key is not None:
        raise SettingsError("only tasks of one label an item can be replayed so far")
    truth = truth_units(workspace, workspace.settings.task)
    known = np.flatnonzero(truth >= 0)
    tested = np.isin(workspace.splits()[known], HELD_OUT)
    if not tested.any():
        tested = np.random.default_rng(0).random(len(known)) < 1 / 3
    if min(tested.sum(), (~tested).sum()) < LEAST_ITEMS:
        raise NothingToDoError(
            f"a replay needs at least {LEAST_ITEMS} items with gold to ask about and as many to "
            f"test on; there are {(~tested).sum()} and {tested.sum()}. Import items with known "
            "answers: labelwright import FILE --gold COLUMN"
        )
    model = parts.end_model(workspace)
    if not hasattr(model, "features") or not hasattr(model, "head"):
        raise SettingsError(
            "a replay needs an end model with features and a linear head, such as text, tabular "
            "or embedding; name one in [end_model]"
        )
    items = workspace.items.take(known, model.fields)
    matrix = model.features(items, seed=0)[1].matrix
    world = World(
        truth=truth[known],
        votes=_machine_votes(workspace, labels, known, rules=simulation.rules),
        askable=~tested,
        embedding=coordinates(items, model),  # type: ignore[arg-type] # has features, see above
    )
    targets = parts.targets(workspace)
    label_model = parts.label_model(workspace)

    def label(votes: VoteMatrix) -> tuple[LabelModelFit, Posterior]:
        fit = label_model.fit(votes)
        return fit, label_model.posterior(fit, votes)

    def learn(posterior: Posterior, _: NDArray[np.bool_]) -> NDArray[np.float64]:
        training = _training(targets, posterior, world.askable)
        fit = model.head.fit(matrix[training[0]], training[1], training[2])
        return np.asarray(fit.predict(matrix))

    def score(prediction: NDArray[np.float64]) -> float:
        return float((prediction.argmax(axis=1) == world.truth)[tested].mean())

    return world, Machine(label, learn, score), tested


def _training(
    targets: Targets, posterior: Posterior, askable: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """The training labels, none of them on items that are tested."""
    training = targets.of(posterior)
    keep = askable[training.rows]
    return training.rows[keep], training.target[keep], training.weight[keep]


def _machine_votes(
    workspace: Workspace, labels: Labels, known: NDArray[np.int64], *, rules: bool
) -> VoteMatrix:
    """What functions and rules say of the items with known truth."""
    human = [source.kind in (SourceKind.PERSON, SourceKind.GOLD) for source in labels.votes.sources]
    drop = np.array(human, bool)[labels.votes.source] | (not rules)
    task = workspace.settings.task
    matrix = kind_of(task.kind).decompose(without(labels.votes, drop), task).matrix
    place = np.full(matrix.units, -1, np.int64)
    place[known] = np.arange(len(known))
    here = place[matrix.unit] >= 0
    silent_ = np.array(human, bool) | (not rules)
    return VoteMatrix.build(
        place[matrix.unit[here]],
        matrix.source[here],
        matrix.label[here],
        units=len(known),
        classes=matrix.classes,
        kinds=matrix.kinds,
        complete=matrix.complete & ~silent_,
        accuracies=matrix.accuracies,
    )


def _confusion(simulation: Simulation, classes: int) -> NDArray[np.float64]:
    wrong = (1 - simulation.accuracy) / max(classes - 1, 1)
    one = np.full((classes, classes), wrong)
    np.fill_diagonal(one, simulation.accuracy)
    return np.repeat(one[None], simulation.people, axis=0)


def _result(
    workspace: Workspace, policy: str, replays: Sequence[tuple[ReplayStep, ...]], wanted: float
) -> PolicyResult:
    needed = [_needed(steps, wanted) for steps in replays]
    answers = float(np.median(needed))
    cost = workspace.settings.cost
    seconds = answers * cost.seconds_per_answer
    shortest = min(len(steps) for steps in replays)
    return PolicyResult(
        policy=policy,
        answers=answers,
        least=min(needed),
        most=max(needed),
        minutes=seconds / 60,
        usd=seconds / 3600 * cost.wage_usd_per_hour,
        score=float(np.median([steps[-1].score for steps in replays])),
        labels=float(np.median([steps[-1].labels for steps in replays])),
        curve=tuple(
            (replays[0][at].answers, float(np.median([steps[at].score for steps in replays])))
            for at in range(shortest)
        ),
    )


def _needed(steps: Sequence[ReplayStep], wanted: float) -> float:
    """Answers at the first step that reaches the score; infinite if none does."""
    return next((float(step.answers) for step in steps if step.score >= wanted), float("inf"))
