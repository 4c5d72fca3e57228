"""Content joins the votes: the end model's reading of each item beside what sources say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import HASH
from labelwright.core.ports import EndModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Units
from labelwright.endmodels import (
    ContentBeliefs,
    Evidence,
    Joining,
    folds_of,
    mean_predictions,
    shifted,
    sought,
)
from labelwright.endmodels.cross_fit import Folds, Read
from labelwright.pipeline.label.class_balance import balance_of, believed
from labelwright.pipeline.label.described import worth_in_training
from labelwright.pipeline.label.judge_labels import held_against_truth, judged_as_sets
from labelwright.pipeline.label.label import Joint, KnownFit, Labels
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, SetQuality

MOST_ITEMS = 100_000
"""So many items teach in the rounds, drawn at random; the models then read all the others."""


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
        found = _content(workspace, labels, model, joining, seed, progress)
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
    """What a fit makes of these units, with what content last said joined in if it did."""
    votes = believed(known.model, known.fit, units)
    run = latest_content(workspace, units.items)
    if run is None or not units.heads:
        return votes
    return _with(workspace, units, known.fit, votes, read_content(workspace, run, units))


def as_joined(workspace: Workspace, labels: Labels, units: Units, votes: Posterior) -> Posterior:
    """Some of the labels' votes with content joined in as it is in the labels, if it is.

    Args:
        workspace: the project.
        labels: they.
        units: of the same items, with fewer votes.
        votes: the posterior of these.
    """
    if labels.joint is None:
        return votes
    content = read_content(workspace, labels.joint.run, units)
    return _with(workspace, units, labels.fit, votes, content)


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

    Where no source but people votes, classes are as frequent as they are there.

    Args:
        workspace: keeps it.
        run: in which content was read.
        units: with the votes that stand now.
        rows: which of all units these are; all of them by default.
    """
    kept = workspace.objects.get_arrays(run.outputs["content"])
    said = kept["probability"] if rows is None else kept["probability"][rows]
    if "shift" not in kept:
        return said
    shift = kept["shift"][np.arange(len(said)) % units.heads]
    return shifted(said, shift, ~sought(units.matrix))


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
        },
        settings={**described(model), "joining": described(joining)},
        seed=seed,
    )


def _joined(workspace: Workspace, labels: Labels, run: Run) -> Labels:
    content = read_content(workspace, run, labels.units)
    evidence = _evidence(labels)
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
            weight=joining.weight(evidence),
            settled=evidence.settled,
        ),
    )


def _evidence(labels: Labels) -> Evidence:
    """What the votes say, and how much that may teach."""
    worth = worth_in_training(labels.units, labels.posterior)
    return Evidence.of(labels.units.matrix, labels.fit, labels.posterior, worth)


def _joining(settings: dict[str, Any]) -> Joining:
    return Joining(**{name: value for name, value in settings.items() if name != "part"})


def _judged(
    workspace: Workspace, labels: Labels, run: Run
) -> tuple[LabelQuality | None, Calibration | None, SetQuality | None]:
    """How right the joint labels are where the truth is known, gold having no say there."""
    if labels.ungilded is None:
        return None, None, None
    units, votes = labels.ungilded
    content = read_content(workspace, run, units)
    joint = units, _with(workspace, units, labels.fit, votes, content)
    return *held_against_truth(*joint), judged_as_sets(workspace, joint, labels.fit)


def _with(
    workspace: Workspace,
    units: Units,
    fit: LabelModelFit,
    votes: Posterior,
    content: NDArray[np.float64],
) -> Posterior:
    """The posterior of some votes with content joined in."""
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


def _content(
    workspace: Workspace,
    labels: Labels,
    model: EndModel,
    joining: Joining,
    seed: int,
    progress: Progress,
) -> dict[str, NDArray[np.float64]] | None:
    """P(class | content) of every unit, by models that did not see it, and what shifts it.

    Each head is joined by itself: how frequent a class is, is another thing for each. None if
    nothing is said, as where votes name one class and nobody knows how frequent the others are:
    a model would learn that all is of that class.
    """
    heads, classes = labels.units.heads, labels.posterior.classes
    progress("reading content", 0, 0)
    rows = _teaching(workspace, labels, seed)
    if not len(rows):
        return None
    evidence = _evidence(labels)
    items = workspace.items.take(rows, [*model.fields, HASH])
    content = np.empty((workspace.items.count(), heads, classes))
    shift = np.ones((heads, classes))
    balance = labels.balance
    found: list[ContentBeliefs | None] = []
    read: Read = {}
    for head in range(heads):
        own = evidence.of_head(head, heads).only(rows)
        content[:, head] = own.prior
        one, known = None, balance is None or bool(balance.known[head])
        if known or (balance is not None and balance.voted[head].sum() > 1):
            silent = balance.silent[head] if balance is not None and known else None
            folds = _folds(model, items, own, joining, seed, read)
            one = joining.content(own, folds, silent, all_teach=known)
        if one is not None:
            content[rows, head] = one.of(one.folded.probability, one.folded.readable)
            shift[head] = one.shift
        found.append(one)
    if not any(found):
        return None
    rest = np.ones(len(content), np.bool_)
    rest[rows] = False
    _read_the_rest(workspace, model.fields, found, rest, content)
    return {"probability": content.reshape(-1, classes), "shift": shift}


def _folds(
    model: EndModel,
    items: pa.Table,
    evidence: Evidence,
    joining: Joining,
    seed: int,
    read: Read,
) -> Folds:
    # What teaches nothing has no label here: what does teach is dealt evenly over the folds.
    teaches = evidence.covered & (evidence.worth > 0)
    return folds_of(
        model,
        items,
        np.where(teaches, evidence.votes.argmax(axis=1), -1),
        folds=joining.folds,
        strength=joining.strength,
        seed=seed,
        read=read,
    )


def _teaching(workspace: Workspace, labels: Labels, seed: int) -> NDArray[np.int64]:
    """The items that take part in the rounds: none held out or set aside, and not too many."""
    held_out = np.isin(workspace.splits(), HELD_OUT)
    rows = np.flatnonzero(~(held_out | workspace.set_aside.mask(len(held_out))))
    if len(rows) <= MOST_ITEMS:
        return rows
    rng = np.random.default_rng([seed, len(rows)])
    voted = labels.units.to_items(labels.posterior.covered, "most")[rows]
    # Items with votes teach most: they come first, and the others fill up what is left.
    order = np.argsort(np.where(voted, 0.0, 1.0) + rng.random(len(rows)) / 2)
    return np.sort(rows[order[:MOST_ITEMS]])


def _read_the_rest(
    workspace: Workspace,
    fields: tuple[str, ...],
    found: Sequence[ContentBeliefs | None],
    rest: NDArray[np.bool_],
    content: NDArray[np.float64],
) -> None:
    """Fills in the rows of `content` that `rest` marks, reading items in batches.

    Args:
        workspace: holds the items.
        fields: what the models read.
        found: what each head has learnt; None where it has not.
        rest: shape (items,).
        content: shape (items, heads, classes).
    """
    if not rest.any():
        return
    predictors = [() if one is None else one.folded.predictors for one in found]
    for batch in workspace.items.scan(fields, start=int(rest.argmax())):
        numbers = batch.column("_number").to_numpy()
        wanted = rest[numbers]
        if not wanted.any():
            continue
        items = pa.Table.from_batches([batch]).filter(pa.array(wanted))
        said = mean_predictions(predictors, items, content.shape[2])
        for head, one in enumerate(found):
            if one is not None:
                content[numbers[wanted], head] = one.of(said[:, head])
