"""Content joins the votes: the end model's reading of each item beside what sources say of it."""

from __future__ import annotations

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
from labelwright.endmodels import ContentBeliefs, Evidence, Joining, folds_of, mean_prediction
from labelwright.pipeline.label.judge_labels import held_against_truth
from labelwright.pipeline.label.label import Joint, KnownFit, Labels
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality

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
    teach nothing, and are read too.
    """
    if labels.units.key is not None:  # no end model reads parts of items yet
        return labels
    run = _run(workspace, labels, model, joining, seed)
    known = workspace.done(run.id)
    if known is not None:
        return _joined(workspace, labels, workspace.mark_used(known))
    with workspace.timed(run) as finished:
        content = _content(workspace, labels, model, joining, seed, progress)
        if content is None:
            return labels
        stored = workspace.objects.put_arrays({"probability": content})
        run = finished(outputs={"content": stored})
    workspace.runs.record(run)
    return _joined(workspace, labels, run)


def with_content(workspace: Workspace, labels: Labels) -> Labels:
    """The labels with what content last said joined in; as they are if it never said anything.

    Bayes' rule and no training, so that whoever reads labels need not wait. What content said
    may be older than the votes; `join` renews it.
    """
    run = latest_content(workspace, labels.votes.items)
    if run is None or labels.units.key is not None:
        return labels
    return _joined(workspace, labels, run)


def posterior_of(workspace: Workspace, known: KnownFit, units: Units) -> Posterior:
    """What a fit makes of these units, with what content last said joined in if it did."""
    votes = known.model.posterior(known.fit, units.matrix)
    run = latest_content(workspace, units.items)
    if run is None or not units.single:
        return votes
    return _with(workspace, units, known.fit, votes, read_content(workspace, run))


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


def read_content(workspace: Workspace, run: Run) -> NDArray[np.float64]:
    """P(class | content) of every item, as a run found it. Shape (items, classes)."""
    return workspace.objects.get_arrays(run.outputs["content"])["probability"]


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
    content = read_content(workspace, run)
    evidence = Evidence.of(labels.units.matrix, labels.fit, labels.posterior)
    spoken = ~workspace.set_aside.mask(labels.posterior.units)
    posterior = Posterior(evidence.with_content(content), spoken, labels.fit.id)
    joining = _joining(run.settings["joining"])
    task = workspace.settings.task
    quality, calibration = _judged(workspace, labels, content)
    return replace(
        labels,
        posterior=posterior,
        answers=answers_of(labels.units, posterior, labels.fit, task),
        quality=quality,
        calibration=calibration,
        joint=Joint(
            run=run,
            content=content,
            votes=labels.posterior,
            weight=joining.weight(evidence),
            settled=evidence.settled,
        ),
    )


def _joining(settings: dict[str, Any]) -> Joining:
    return Joining(**{name: value for name, value in settings.items() if name != "part"})


def _judged(
    workspace: Workspace, labels: Labels, content: NDArray[np.float64]
) -> tuple[LabelQuality | None, Calibration | None]:
    """How right the joint labels are where the truth is known, gold having no say there."""
    if labels.ungilded is None:
        return None, None
    units, votes = labels.ungilded
    return held_against_truth(units, _with(workspace, units, labels.fit, votes, content))


def _with(
    workspace: Workspace,
    units: Units,
    fit: LabelModelFit,
    votes: Posterior,
    content: NDArray[np.float64],
) -> Posterior:
    """The posterior of some votes with content joined in."""
    joint = Evidence.of(units.matrix, fit, votes).with_content(content)
    return Posterior(joint, ~workspace.set_aside.mask(votes.units), fit.id)


def _content(
    workspace: Workspace,
    labels: Labels,
    model: EndModel,
    joining: Joining,
    seed: int,
    progress: Progress,
) -> NDArray[np.float64] | None:
    """P(class | content) of every item, by models that did not see it; None if nothing is said."""
    progress("reading content", 0, 0)
    rows = _teaching(workspace, labels, seed)
    if not len(rows):
        return None
    evidence = Evidence.of(labels.units.matrix, labels.fit, labels.posterior).only(rows)
    items = workspace.items.take(rows, [*model.fields, HASH])
    folds = folds_of(
        model,
        items,
        np.where(evidence.covered, evidence.votes.argmax(axis=1), -1),
        folds=joining.folds,
        strength=joining.strength,
        seed=seed,
    )
    found = joining.content(evidence, folds)
    if found is None:
        return None
    content = np.empty((workspace.items.count(), labels.posterior.classes))
    content[rows] = found.of(found.folded.probability, found.folded.readable)
    rest = np.ones(len(content), np.bool_)
    rest[rows] = False
    _read_the_rest(workspace, model.fields, found, rest, content)
    return content


def _teaching(workspace: Workspace, labels: Labels, seed: int) -> NDArray[np.int64]:
    """The items that take part in the rounds: none held out or set aside, and not too many."""
    held_out = np.isin(workspace.splits(), HELD_OUT)
    rows = np.flatnonzero(~(held_out | workspace.set_aside.mask(len(held_out))))
    if len(rows) <= MOST_ITEMS:
        return rows
    rng = np.random.default_rng([seed, len(rows)])
    voted = labels.posterior.covered[rows]
    # Items with votes teach most: they come first, and the others fill up what is left.
    order = np.argsort(np.where(voted, 0.0, 1.0) + rng.random(len(rows)) / 2)
    return np.sort(rows[order[:MOST_ITEMS]])


def _read_the_rest(
    workspace: Workspace,
    fields: tuple[str, ...],
    found: ContentBeliefs,
    rest: NDArray[np.bool_],
    content: NDArray[np.float64],
) -> None:
    """Fills in the rows of `content` that `rest` marks, reading items in batches."""
    if not rest.any():
        return
    for batch in workspace.items.scan(fields, start=int(rest.argmax())):
        numbers = batch.column("_number").to_numpy()
        wanted = rest[numbers]
        if not wanted.any():
            continue
        items = pa.Table.from_batches([batch]).filter(pa.array(wanted))
        said = mean_prediction(found.folded.predictors, items, content.shape[1])
        content[numbers[wanted]] = found.of(said)
