"""Auditing: what machines decided alone, how right that is, and taking over what passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.core.pool import Assignment
from labelwright.core.record import Run
from labelwright.core.task import Task
from labelwright.pipeline.analysis.machine_labels import MachineLabels
from labelwright.pipeline.analysis.machine_labels import machine_labels as of_machines
from labelwright.pipeline.label.agreement import agree
from labelwright.pipeline.label.honest_tests import RandomAnswer
from labelwright.pipeline.label.label import KnownFit, Labels
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.workspace import clock, parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Estimate,
    accuracy_of_all,
    least_audit,
    most_above,
    promising,
    wrong_allowed,
)

PLAN, ACCEPTED, CANCELLED = "audit_plan", "audit_accepted", "audit_cancelled"
"""The steps under which plans and what became of them are on record."""
REASON = "audit: drawn at random from what would be taken over"


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """A way to auto-label to a target.

    Attributes:
        run: its record.
        target: the share that shall be right.
        threshold: the confidence from which on items are taken over.
        items: their numbers.
        answers: what each would be labelled.
        sample: the numbers of those that are audited.
        accepted: whether they were taken over.
    """

    run: Run
    target: float
    threshold: float
    items: NDArray[np.int64]
    answers: pa.Array
    sample: NDArray[np.int64]
    accepted: bool


@dataclass(frozen=True, slots=True)
class AuditStanding:
    """How far a plan is.

    Attributes:
        state: whether the sample is still being answered, or what it showed.
        answered: how many of the sample are answered.
        right: how many of these the machines had right.
        estimate: of the share of the plan's items that is right.
    """

    state: Literal["answering", "passed", "failed", "accepted"]
    answered: int
    right: int
    estimate: Estimate


def machine_labels(snapshot: Snapshot) -> MachineLabels:
    """What the labels of the snapshot would be if nobody had answered.

    Raises:
        NothingToDoError: there are no items.
    """
    labels = _labels(snapshot)
    known = KnownFit(labels.active, parts.label_model(snapshot.workspace), labels.fit)
    return of_machines(snapshot.workspace, known, labels.units, labels.votes)


def plan_target(
    snapshot: Snapshot,
    machine: MachineLabels,
    target: float,
    sample: int,
    rng: np.random.Generator,
    taken: Sequence[int] = (),
) -> AuditPlan:
    """The largest set of surest items that should pass an audit of so many, put on record.

    Confidence is believed here; the audit then finds out whether it deserves that. Items that
    are `taken` stay out of it: who has seen one is not asked about it again, so that a sample
    with it might never be answered.

    Raises:
        NothingToDoError: no set is sure enough.
        SettingsError: so small a sample could not show it even without a mistake.
    """
    if wrong_allowed(sample, target) < 0:
        raise SettingsError(
            f"{sample} answers cannot show {target:.5g}, even if all are right; "
            f"audit at least {least_audit(target):,}"
        )
    free = machine.alone.copy()
    free[np.array([one for one in taken if one < len(free)], np.int64)] = False
    candidates = np.flatnonzero(free)
    confidence = machine.confidence[candidates]
    # What the audit must show is a bound: the set must be better than the target by its width.
    threshold = most_above(confidence, promising(sample, target))
    if threshold is None:
        raise NothingToDoError(
            f"no items are sure enough for {target:.1%} to be shown by {sample:,} answers; add "
            "rules or answers, audit more, or aim lower"
        )
    items = candidates[confidence >= threshold]
    audited = np.sort(rng.choice(items, min(sample, len(items)), replace=False))
    outputs = snapshot.workspace.objects.put_arrays({"items": items, "sample": audited})
    answers = snapshot.workspace.objects.put_table(
        pa.table({"answer": machine.answer.take(pa.array(items))})
    )
    run = Run(
        step=PLAN,
        inputs={
            "labels": _labels(snapshot).run.id,
            "at": clock.started(),
            "schema": snapshot.workspace.settings.schema,
        },
        settings={"target": target, "sample": sample},
        outputs={"items": outputs, "answers": answers},
        metrics={"threshold": threshold},
        started=clock.started(),
    )
    snapshot.workspace.runs.record(run)
    return _plan(snapshot.workspace, run)


def latest_plan(workspace: Workspace) -> AuditPlan | None:
    """The plan made last, None if there is none or it was cancelled."""
    run = workspace.runs.latest(PLAN)
    if run is None or workspace.runs.find(_end(CANCELLED, run).id) is not None:
        return None
    return _plan(workspace, run)


def questions_of(plan: AuditPlan) -> tuple[Assignment, ...]:
    """The audit sample as questions."""
    chance = len(plan.sample) / len(plan.items)
    return tuple(
        Assignment(int(item), "", chance, random=True, reason=REASON, lease_until=0.0)
        for item in plan.sample
    )


def standing(plan: AuditPlan, drawn: Sequence[RandomAnswer], task: Task) -> AuditStanding:
    """How far the plan is, from the answers that came to its sample."""
    place = {int(item): row for row, item in enumerate(plan.items)}
    sample = set(plan.sample.tolist())
    given = {one.item: one.answer for one in drawn if one.item in sample}
    said = plan.answers.take(pa.array([place[item] for item in given], pa.int64()))
    right = agree(said, pa.array([*given.values()], pa.string()), task).tolist() if given else []
    chance = len(plan.sample) / len(plan.items)
    estimate = accuracy_of_all(right, [chance] * len(right))
    return AuditStanding(_state(plan, len(right), sum(right)), len(right), sum(right), estimate)


def accept(
    workspace: Workspace, plan: AuditPlan, stood: AuditStanding, who: str, note: str
) -> AuditPlan:
    """Puts on record that the items of a plan that passed are labelled; nobody is asked of them.

    Raises:
        NothingToDoError: it has not passed.
    """
    if stood.state not in ("passed", "accepted"):
        raise NothingToDoError("the audit has not passed; answer its sample, or plan anew")
    run = Run(
        step=ACCEPTED,
        inputs={"plan": plan.run.id},
        settings={},
        outputs=plan.run.outputs,
        metrics={
            "answered": stood.answered,
            "right": stood.right,
            "low": stood.estimate.low,
            "high": stood.estimate.high,
        },
        environment={"who": who, "note": note},
        started=clock.started(),
    )
    workspace.runs.record(run)
    return _plan(workspace, plan.run)


def cancel(workspace: Workspace, plan: AuditPlan, who: str) -> None:
    """Puts on record that a plan is given up; what was answered stays, as answers like any other.

    Raises:
        NothingToDoError: its items were taken over already.
    """
    if plan.accepted:
        raise NothingToDoError("these items were taken over; nothing is left to cancel")
    run = _end(CANCELLED, plan.run)
    workspace.runs.record(replace(run, environment={"who": who}, started=clock.started()))


def accepted_items(workspace: Workspace) -> NDArray[np.int64]:
    """The numbers of all items that were taken over."""
    found = [
        workspace.objects.get_arrays(run.outputs["items"])["items"]
        for run in workspace.runs.list(ACCEPTED)
    ]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))


def _end(step: str, plan: Run) -> Run:
    """The record of what became of a plan."""
    return Run(step=step, inputs={"plan": plan.id}, settings={})


def _state(
    plan: AuditPlan, answered: int, right: int
) -> Literal["answering", "passed", "failed", "accepted"]:
    size = len(plan.sample)
    everything = size == len(plan.items)
    # Where the sample is everything, nothing is left to estimate.
    allowed = int(size * (1 - plan.target)) if everything else wrong_allowed(size, plan.target)
    if plan.accepted:
        return "accepted"
    if answered - right > allowed:
        return "failed"
    return "passed" if answered == size else "answering"


def _plan(workspace: Workspace, run: Run) -> AuditPlan:
    arrays = workspace.objects.get_arrays(run.outputs["items"])
    answers = workspace.objects.get_table(run.outputs["answers"])["answer"].combine_chunks()
    schema = run.inputs.get("schema", 0)
    now = [workspace.classes.meaning(answer, schema) for answer in answers.to_pylist()]
    accepted = _end(ACCEPTED, run)
    settings: Any = run.settings
    return AuditPlan(
        run=run,
        target=float(settings["target"]),
        threshold=float(run.metrics["threshold"]),
        items=arrays["items"],
        answers=pa.array(now, pa.string()),
        sample=arrays["sample"],
        accepted=workspace.runs.find(accepted.id) is not None,
    )


def _labels(snapshot: Snapshot) -> Labels:
    if snapshot.labels is None:
        raise NothingToDoError("the project has no items yet")
    return snapshot.labels
