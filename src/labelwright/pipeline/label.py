"""The votes in force become probabilistic labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.identity import digest
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.pipeline.fits import read_fit, read_made, write_fit
from labelwright.pipeline.following import (
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
from labelwright.pipeline.parts import described, label_model_of
from labelwright.pipeline.trusted import trusted
from labelwright.pipeline.voters import Active, active, with_overrides
from labelwright.pipeline.vouched import VOUCHED, as_stated, units_of
from labelwright.pipeline.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, calibration, label_quality
from labelwright.tasks import kind_of

HELD_OUT = ("test", "valid")


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


def votes_for_labels(workspace: Workspace, sources: Active) -> Votes:
    """The votes that count: those of people whom test questions hold back are left out.

    Raises:
        NothingToDoError: there are no items.
    """
    votes = votes_on_record(workspace, sources)
    if not workspace.settings.crowd.tests.used:
        return votes
    held_back = trusted(workspace, votes).held_back[votes.source]
    return without(votes, held_back) if held_back.any() else votes


def votes_on_record(workspace: Workspace, sources: Active) -> Votes:
    """The votes in force, without those on items set aside and gold on held-out ones.

    Raises:
        NothingToDoError: there are no items.
    """
    if workspace.items.count() == 0:
        raise NothingToDoError(
            f"the project {workspace.settings.name!r} has no items yet; add some with: "
            f"labelwright import {workspace.folder} FILE"
        )
    votes = workspace.in_force(sources.numbers, sources.sources)
    drop = _from_gold(votes)[votes.source] & np.isin(workspace.splits(), HELD_OUT)[votes.item]
    drop |= workspace.set_aside.mask(votes.items)[votes.item]
    return without(votes, drop) if drop.any() else votes


def check_votes(workspace: Workspace, votes: Votes) -> None:
    """Returns if anybody voted.

    Raises:
        NothingToDoError: nobody did.
    """
    if not np.any(votes.answer >= 0):
        raise NothingToDoError(
            "nobody has voted yet; write functions in sources.py or rules in labelwright.toml "
            "and run: labelwright vote. Or import votes: labelwright import "
            f"{workspace.folder} --votes FILE"
        )


def without(votes: Votes, drop: NDArray[np.bool_]) -> Votes:
    """The votes without those that `drop` marks, shape (votes,)."""
    keep = ~drop
    return replace(
        votes,
        item=votes.item[keep],
        source=votes.source[keep],
        answer=votes.answer[keep],
        confidence=None if votes.confidence is None else votes.confidence[keep],
    )


def truth_units(workspace: Workspace, task: Task) -> NDArray[np.int64]:
    """What gold says of every unit, -1 where it says nothing or the item is set aside.

    Held-out items are included. Only for measuring: it is never an input of the label model or
    of training.
    """
    everyone = workspace.log.sources()
    numbers = [n for n, source in enumerate(everyone) if source.kind is SourceKind.GOLD]
    gold = Active(np.array(numbers, np.int32), tuple(everyone[n] for n in numbers))
    votes = workspace.in_force(gold.numbers, gold.sources)
    votes = without(votes, workspace.set_aside.mask(votes.items)[votes.item])
    matrix = kind_of(task.kind).decompose(votes, task).matrix
    truth = np.full(matrix.units, -1, np.int64)
    whole = matrix.voted & (matrix.label < matrix.classes)
    truth[matrix.unit[whole]] = matrix.label[whole]
    return truth


def judged(
    workspace: Workspace, model: LabelModel, fit: LabelModelFit, votes: Votes
) -> tuple[LabelQuality | None, Calibration | None]:
    """How right labels are, and what confidences mean, where the truth is known.

    Gold's own votes have no say. None where no truth is known.
    """
    return _judged(workspace, _ungilded(workspace, model, fit, votes))


def _ungilded(
    workspace: Workspace, model: LabelModel, fit: LabelModelFit, votes: Votes
) -> tuple[Units, Posterior] | None:
    """The votes but gold's, and what the fit makes of them, if there is a truth to hold against."""
    task = workspace.settings.task
    if not np.any(truth_units(workspace, task) >= 0):
        return None
    units = units_of(without(votes, _from_gold(votes)[votes.source]), task)
    return units, model.posterior(fit, units.matrix)


def _judged(
    workspace: Workspace, ungilded: tuple[Units, Posterior] | None
) -> tuple[LabelQuality | None, Calibration | None]:
    if ungilded is None:
        return None, None
    return held_against_truth(workspace, ungilded[1])


def held_against_truth(
    workspace: Workspace, posterior: Posterior
) -> tuple[LabelQuality | None, Calibration | None]:
    """How right labels are, and what confidences mean, on labelled units of known truth."""
    truth = truth_units(workspace, workspace.settings.task)
    known = (truth >= 0) & posterior.covered
    if not known.any():
        return None, None
    held = posterior.probability[known], truth[known]
    return label_quality(*held), calibration(*held, np.random.default_rng(0))


def _from_gold(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are gold, shape (sources,)."""
    return np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)


def _votes_digest(votes: Votes) -> str:
    return digest(
        (votes.item, votes.source, votes.answer, votes.answers, votes.sources, votes.items,
         votes.complete, votes.confidence)
    )  # fmt: skip
