"""The votes in force become probabilistic labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.identity import digest
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.experts import VOUCHED, as_stated, units_of
from labelwright.pipeline.label.fit_record import read_fit, read_made, write_fit
from labelwright.pipeline.label.incremental import (
    Followed,
    Labelled,
    before_of,
    done_before,
    followed,
    how,
    keep,
    kept,
    state_key,
)
from labelwright.pipeline.label.judge_labels import _judged, _ungilded
from labelwright.pipeline.label.votes_that_count import (
    _votes_digest,
    check_votes,
    votes_for_labels,
)
from labelwright.pipeline.vote.active_sources import Active, active, with_overrides
from labelwright.pipeline.workspace.parts import described, label_model_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """How content was joined to the votes.

    Attributes:
        run: the run in which content was read.
        content: P(class | content) of every unit, from models that did not see it, shape (units,
            classes).
        votes: the posterior of the votes alone.
        weight: how much each unit counts in training, shape (units,).
        settled: where gold answered, so that content has no say, shape (units,).
    """

    run: Run
    content: NDArray[np.float64]
    votes: Posterior
    weight: NDArray[np.float64]
    settled: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What the label model made of the votes, and of content where that was joined in.

    Attributes:
        run: the run in which votes were weighed.
        active: the sources that counted.
        votes: the votes in force, without gold on held-out items.
        units: the votes on units.
        fit: how good each source is.
        posterior: of the units, from votes, and from content too if it was joined in.
        answers: of the items.
        quality: on labelled items whose truth is known, gold itself having no say there; None
            if no truth is known.
        calibration: how far confidences can be trusted, judged on the same items.
        cached: whether it was read from the record rather than computed.
        ungilded: the votes without gold's and their posterior, to measure with; None if no truth
            is known.
        joint: how content was joined in; None if the posterior is of votes alone.
    """

    run: Run
    active: Active
    votes: Votes
    units: Units
    fit: LabelModelFit
    posterior: Posterior
    answers: Answers
    quality: LabelQuality | None
    calibration: Calibration | None = None
    cached: bool = False
    ungilded: tuple[Units, Posterior] | None = None
    joint: Joint | None = None

    @property
    def id(self) -> str:
        """Of the run that the posterior came from last."""
        return self.run.id if self.joint is None else self.joint.run.id

    @property
    def votes_posterior(self) -> Posterior:
        """The posterior of the votes alone, whether or not content was joined in."""
        return self.posterior if self.joint is None else self.joint.votes


def label(
    workspace: Workspace,
    model: LabelModel,
    *,
    even_without_votes: bool = False,
    write: bool = True,
    full: bool = False,
) -> Labels:
    """The labels that the votes in force give; computed once for the same votes and settings.

    Where there are very many items and few of them changed, what was learnt from the votes
    follows the change (`following`) rather than being learnt again.

    Args:
        workspace: the project.
        model: what weighs the votes.
        even_without_votes: rather than an error, labels of which nobody knows anything.
        write: False leaves no trace of it in the project; then no lock is needed.
        full: whether to learn from all votes in any case.

    Raises:
        NothingToDoError: there are no items, or nobody has voted.
        VotesError: no label model can make sense of the votes.
    """
    sources = active(workspace)
    key = state_key(workspace, sources)
    known = kept(workspace, sources, key)
    votes = votes_for_labels(workspace, sources) if known is None else known.votes
    if not even_without_votes:
        check_votes(workspace, votes)
    task = workspace.settings.task
    units = units_of(votes, task)
    named = _votes_digest(votes) if known is None else known.digest
    run = Run(
        step="label",
        inputs={
            "votes": named,
            "task": digest(task),
            "sources": sources.numbers.tolist(),
            "vouched": VOUCHED,
            **workspace.set_aside_record(),
        },
        settings=described(model),
    )
    done = done_before(workspace, run, known, full=full)
    if done is not None:
        fit, posterior = read_made(workspace, done, model, units)
        run = workspace.mark_used(done) if write else done
    else:
        with workspace.timed(run) as finished:
            moved = None if full else _followed(workspace, sources, model, votes, run)
            fit = as_stated(model.fit(units.matrix) if moved is None else moved.fit, votes)
            posterior = model.posterior(fit, units.matrix)
            outputs = write_fit(workspace, fit, posterior) if write else {}
            run = finished(outputs=outputs, **how(run, moved, posterior))
        if write:
            workspace.runs.record(run)
    if write and (known is None or known.run != run.id):
        keep(workspace, Labelled(key, named, run.id, votes))
    ungilded = _ungilded(workspace, model, fit, votes)
    quality, trust = _judged(workspace, ungilded)
    return Labels(
        run=run,
        active=sources,
        votes=votes,
        units=units,
        fit=fit,
        posterior=posterior,
        answers=kind_of(task.kind).recompose(units, posterior, task),
        quality=quality,
        calibration=trust,
        cached=done is not None,
        ungilded=ungilded,
    )


def _followed(
    workspace: Workspace, sources: Active, model: LabelModel, votes: Votes, run: Run
) -> Followed | None:
    """The latest fit with what changed since; None if there is nothing to gain by it."""
    before = before_of(workspace, sources, votes, run)
    if before is None:
        return None
    units = partial(units_of, task=workspace.settings.task)
    return followed(model, votes, units, before, read_fit(workspace, before.run))


@dataclass(frozen=True, slots=True, eq=False)
class KnownFit:
    """A fit on record.

    Attributes:
        active: the sources that it knows.
        model: the label model that made it.
        fit: what it learnt.
    """

    active: Active
    model: LabelModel
    fit: LabelModelFit


def latest_fit(workspace: Workspace) -> KnownFit:
    """The fit that the label model made last.

    Raises:
        NothingToDoError: it made none yet, or none for the task as it is now.
    """
    run = workspace.runs.latest("label")
    if run is None or run.inputs["task"] != digest(workspace.settings.task):
        raise NothingToDoError("nothing was labelled yet; do it with: labelwright label")
    numbers = np.array(run.inputs["sources"], np.int32)
    everyone = workspace.log.sources()
    sources = tuple(with_overrides(everyone[n], workspace.settings) for n in numbers)
    return KnownFit(
        Active(numbers, sources), label_model_of(run.settings), read_fit(workspace, run)
    )
