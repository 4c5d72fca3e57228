"""The gate: a model is published unless the honest test slice speaks against it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, SettingsError, UnknownNameError
from labelwright.core.record import Run
from labelwright.pipeline.label.label import label
from labelwright.pipeline.train.contradicted_labels import (
    check_learnt,
    check_uncontradicted,
    contradicted,
)
from labelwright.pipeline.train.evaluation import held_out, whole_items
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.train import Trained, latest_trained, trained_by
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import MeasureDifference, compare_models
from labelwright.tasks import grid_of, learnable, no_model


@dataclass(frozen=True, slots=True)
class GateReport:
    """What became of a model at the gate.

    Attributes:
        run: the id of the run that trained it.
        against: the id of the run of the model that was published; empty if none was.
        passed: whether it may be published.
        published: whether it is the published one now.
        reason: why, in words.
        difference: how the two compare on the test slice; None if they were not compared.
    """

    run: str
    against: str
    passed: bool
    published: bool
    reason: str
    difference: MeasureDifference | None


def gate(
    workspace: Workspace,
    *,
    run: str | None = None,
    anyway: str = "",
    publish: bool = True,
    seed: int = 0,
) -> GateReport:
    """Compares a model with the published one, and publishes it if it passes.

    Where an answer is a set of classes, it is right if the whole set is.

    A refused model stays on record; the published one stays published.

    Args:
        workspace: the project, held for writing.
        run: the start of the id of the run that trained it; by default the latest.
        anyway: a reason to publish it whatever the test slice says, as for going back.
        publish: False only compares.
        seed: of the bootstrap.

    Raises:
        ContradictedError: it learnt from labels that known truth contradicts, and there is no
            reason to publish it anyway.
        NothingToDoError: no model is trained.
        SettingsError: no end model learns tasks of this kind.
        UnknownNameError: there is no such run.
    """
    heads = grid_of(workspace.settings.task, 0).heads
    candidate = _candidate(workspace, run)
    current = published(workspace)
    report = _judged(workspace, candidate, current, heads, anyway, seed)
    if publish and report.passed and not report.published and not anyway:
        _check_taught_right(workspace, candidate.run)
    if publish and not report.published:
        workspace.published.record(
            report.run,
            published=report.passed,
            reason=report.reason,
            against=report.against,
            difference=None if report.difference is None else asdict(report.difference),
            rules=asdict(workspace.settings.keeping.gate),
            who=author(),
            when=now(),
        )
        return replace(report, published=report.passed)
    return report


def published(workspace: Workspace) -> Trained | None:
    """The published model; None if none is, or for other classes than the task has now."""
    id_ = workspace.published.current()
    run = None if id_ is None else workspace.runs.find(id_)
    return None if run is None else trained_by(workspace, run)


def published_or_latest(workspace: Workspace) -> Trained | None:
    """The model that predicts: the published one, before there is any the latest."""
    return published(workspace) or latest_trained(workspace)


def predicting(workspace: Workspace) -> Trained:
    """The model that predicts.

    Raises:
        NothingToDoError: none is trained.
        SettingsError: no end model learns tasks of this kind.
    """
    task = workspace.settings.task
    trained = published_or_latest(workspace)
    if trained is None and not learnable(task):
        raise SettingsError(no_model(task))
    if trained is None:
        raise NothingToDoError("no end model is trained yet; train one with: labelwright train")
    return trained


def _check_taught_right(workspace: Workspace, run: Run) -> None:
    """Returns if known truth says nothing against the labels that the run learnt from.

    Neither then, nor now where these are the labels that stand.
    """
    check_learnt(run)
    try:
        labels = label(workspace, parts.label_model(workspace), write=False)
    except NothingToDoError:
        return  # nobody votes any more
    for one in (labels, with_content(workspace, labels)):
        if run.inputs["labels"] == one.id:
            check_uncontradicted(contradicted(workspace, one), anyway=False)


def _candidate(workspace: Workspace, name: str | None) -> Trained:
    if name is None:
        trained = latest_trained(workspace)
        if trained is None:
            raise NothingToDoError("no end model is trained yet; train one: labelwright train")
        return trained
    found = [run for run in workspace.runs.list("train") if run.id.startswith(name)]
    trained = trained_by(workspace, found[0]) if len(found) == 1 else None
    if trained is None:
        many = f"{len(found)} trainings start" if found else "no training starts"
        raise UnknownNameError(f"{many} with {name!r}, or it was for other classes")
    return trained


def _judged(
    workspace: Workspace,
    candidate: Trained,
    current: Trained | None,
    heads: int,
    anyway: str,
    seed: int,
) -> GateReport:
    rules = workspace.settings.keeping.gate
    own = candidate.run.id
    if current is None:
        reason = anyway or "nothing is published that it could be compared with"
        return GateReport(own, "", passed=True, published=False, reason=reason, difference=None)
    other = current.run.id
    if other == own:
        reason = "it is the published one"
        return GateReport(own, other, passed=True, published=True, reason=reason, difference=None)
    test = held_out(workspace)
    items = np.unique(test[0] // heads)
    if len(items) < rules.least_items:
        reason = anyway or (
            f"the test slice holds {len(items)} items of known truth and at least "
            f"{rules.least_items} are needed: import some with --split and --gold"
        )
        return GateReport(own, other, bool(anyway), published=False, reason=reason, difference=None)
    old, new = (_right(workspace, trained, *test, items) for trained in (current, candidate))
    found = compare_models(
        old, new, np.random.default_rng(seed), tolerance=rules.tolerance, level=rules.level
    )
    passed = bool(anyway) or found.passes(strict=rules.strict)
    return GateReport(own, other, passed, published=False, reason=anyway or _told(found),
                      difference=found)  # fmt: skip


def _told(found: MeasureDifference) -> str:
    return (
        f"{found.verdict.value}: {found.new:.1%} right against {found.old:.1%} on {found.items:,} "
        f"test items, a difference of {found.low:+.1%} to {found.high:+.1%}"
    )


def _right(
    workspace: Workspace,
    trained: Trained,
    units: NDArray[np.int64],
    truth: NDArray[np.int64],
    items: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether the model's whole answer is right on each of these items; it predicts them afresh.

    Args:
        workspace: holds the items.
        trained: the model.
        units: whose truth is known, rising.
        truth: the class of each.
        items: those that have such a unit, rising.
    """
    table = workspace.items.take(items, trained.fields)
    said = trained.predictor.predict(table).argmax(axis=1)
    heads = len(said) // len(items)
    item, head = np.divmod(units, heads)
    return whole_items(said[np.searchsorted(items, item) * heads + head] == truth, item)
