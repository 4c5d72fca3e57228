"""Content joins the votes: the end model's reading of each item beside what sources say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.ports import EndModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Units
from labelwright.endmodels import Evidence, Joining, mixed, sought
from labelwright.pipeline.label.class_balance import balance_of, believed
from labelwright.pipeline.label.judge_labels import held_against_truth, judged_as_sets
from labelwright.pipeline.label.label import Joint, KnownFit, Labels
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.train.content_reading import FORMAT, evidence_of, read_content_of
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, SetQuality


def join(
    workspace: Workspace,
    labels: Labels,
    model: EndModel,
    joining: Joining,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Labels:
    """The labels with content joined in; as they are where content has nothing to add.

    Computed once for the same labels, end model, settings and seed. Items of the held-out splits
    teach nothing, and are read too. Where units are found in votes no end model reads them, and
    labels stay those of votes alone.
    """
    if not labels.units.heads:
        return labels
    run = _run(workspace, labels, model, joining, seed)
    known = workspace.done(run.id)
    if known is not None:
        return _joined(workspace, labels, workspace.mark_used(known))
    with workspace.timed(run) as finished:
        found = read_content_of(workspace, labels, model, joining, seed, progress)
        if found is None:
            return labels
        stored = workspace.objects.put_arrays(found)
        run = finished(outputs={"content": stored})
    workspace.runs.record(run)
    return _joined(workspace, labels, run)


def with_content(workspace: Workspace, labels: Labels) -> Labels:
    """The labels with what content last said joined in; as they are if it never said anything.

    Bayes' rule and no training, so that whoever reads labels need not wait. What content said
    may be older than the votes; `join` renews it.
    """
    run = latest_content(workspace, labels.votes.items)
    if run is None or not labels.units.heads:
        return labels
    return _joined(workspace, labels, run)


def posterior_of(workspace: Workspace, known: KnownFit, units: Units) -> Posterior:
    """What a fit makes of votes without people's, with what content last said joined in if it did.

    Of items of known truth content says what it would if that had not taught it.
    """
    votes = believed(known.model, known.fit, units)
    run = latest_content(workspace, units.items)
    if run is None or not units.heads:
        return votes
    return _judged_with(workspace, run, units, known.fit, votes)


def as_joined(workspace: Workspace, labels: Labels, units: Units, votes: Posterior) -> Posterior:
    """The labels as they would be without the votes of those who know the truth.

    With content if it is joined in; of items of known truth as if that had not taught it.

    Args:
        workspace: the project.
        labels: they.
        units: of the same items, without these votes.
        votes: the posterior of the others.
    """
    if labels.joint is None:
        return votes
    return _judged_with(workspace, labels.joint.run, units, labels.fit, votes)


def latest_content(workspace: Workspace, items: int) -> Run | None:
    """The run in which content was read last; None if it was not, or is not to be joined in.

    None too if there were other items or classes then: its rows of numbers would lie.
    """
    if workspace.settings.joining is None:
        return None
    run = workspace.runs.latest("join")
    if run is None or run.inputs["items"] != items:
        return None
    return run if run.inputs["classes"] == list(workspace.settings.task.classes) else None


def read_content(
    workspace: Workspace, run: Run, units: Units, rows: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """P(class | content) of the units, as a run found it. Shape (units, classes).

    Where no source but people votes, classes are as frequent as they are there. What is known of
    an item may have taught the models that read others, and these the ones that read it: hold
    what is read against that truth only by `as_joined`.

    Args:
        workspace: keeps it.
        run: in which content was read.
        units: with the votes that stand now.
        rows: which of all units these are; all of them by default.
    """
    return _said(workspace.objects.get_arrays(run.outputs["content"]), units, rows)


def spoken_for(units: Units, fit: LabelModelFit) -> NDArray[np.bool_]:
    """Which units may have a label at all once content speaks, shape (units,).

    Those with votes; others only where it is known how frequent each class is.
    """
    balance = balance_of(fit)
    if balance is None:
        return np.ones(len(units.item), bool)
    known: NDArray[np.bool_] = balance.known[np.arange(len(units.item)) % units.heads]
    return units.matrix.covered | known


def _run(workspace: Workspace, labels: Labels, model: EndModel, joining: Joining, seed: int) -> Run:
    return Run(
        step="join",
        inputs={
            "labels": labels.run.id,
            "items": workspace.items.count(),
            "fields": list(model.fields),
            "classes": list(workspace.settings.task.classes),
            "format": FORMAT,
        },
        settings={**described(model), "joining": described(joining)},
        seed=seed,
    )


def _joined(workspace: Workspace, labels: Labels, run: Run) -> Labels:
    content = read_content(workspace, run, labels.units)
    evidence = evidence_of(labels)
    spoken = _spoken(workspace, labels.units, labels.fit)
    posterior = Posterior(evidence.with_content(content), spoken, labels.fit.id)
    joining = _joining(run.settings["joining"])
    task = workspace.settings.task
    quality, calibration, sets = _judged(workspace, labels, run)
    return replace(
        labels,
        posterior=posterior,
        answers=answers_of(labels.units, posterior, labels.fit, task),
        quality=quality,
        calibration=calibration,
        sets=sets,
        joint=Joint(
            run=run,
            content=content,
            votes=labels.posterior,
            weight=_final_weight(joining, labels.units.heads, evidence, posterior.probability),
            settled=evidence.settled,
        ),
    )


def _final_weight(
    joining: Joining, heads: int, evidence: Evidence, joint: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much each unit counts in training, each head by itself, shape (units,)."""
    weight = np.empty(len(joint))
    for head in range(heads):
        rows = np.arange(head, len(joint), heads)
        weight[rows] = joining.final_weight(evidence.only(rows), joint[rows])
    return weight


def _joining(settings: dict[str, Any]) -> Joining:
    return Joining(**{name: value for name, value in settings.items() if name != "part"})


def _judged(
    workspace: Workspace, labels: Labels, run: Run
) -> tuple[LabelQuality | None, Calibration | None, SetQuality | None]:
    """How right the joint labels are where the truth is known, gold having no say there."""
    if labels.ungilded is None:
        return None, None, None
    units, votes = labels.ungilded
    joint = units, _judged_with(workspace, run, units, labels.fit, votes)
    return *held_against_truth(*joint), judged_as_sets(workspace, joint, labels.fit)


def _said(
    kept: Mapping[str, NDArray[Any]], units: Units, rows: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """What `read_content` gives, of what a run kept."""
    wanted = slice(None) if rows is None else rows
    said = kept["probability"][wanted]
    if "shift" not in kept:
        return said
    head = np.arange(len(said)) % units.heads
    nobody = ~sought(units.matrix)
    if "answered" not in kept:
        return mixed(said, None, 0.0, kept["shift"][head], nobody)
    share = kept["share"][head][:, None]
    return mixed(said, kept["answered"][wanted], share, kept["shift"][head], nobody)


def _judged_with(
    workspace: Workspace, run: Run, units: Units, fit: LabelModelFit, votes: Posterior
) -> Posterior:
    """The posterior of votes without those who know, joined to content that never knew either."""
    kept = workspace.objects.get_arrays(run.outputs["content"])
    content = _said(kept, units, None)
    if "judged" in kept and len(kept["judged"]):
        content = content.copy()
        content[kept["judged"]] = kept["judged_probability"]
    joint = Evidence.of(units.matrix, fit, votes).with_content(content)
    return Posterior(joint, _spoken(workspace, units, fit), fit.id)


def _spoken(workspace: Workspace, units: Units, fit: LabelModelFit) -> NDArray[np.bool_]:
    """Of which units content says something, shape (units,).

    Of all but those of items set aside, and of heads on which nobody ever voted: of these no
    model could learn. Nor of those without votes where nobody knows how frequent classes are.
    """
    spoken: NDArray[np.bool_] = ~workspace.set_aside.mask(units.items)[units.item]
    spoken &= spoken_for(units, fit)
    if units.heads > 1:
        known = units.matrix.covered.reshape(-1, units.heads).any(axis=0)
        spoken &= np.tile(known, units.items)
    return spoken
