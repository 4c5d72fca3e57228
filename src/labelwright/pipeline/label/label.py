"""The votes in force become probabilistic labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.identity import digest
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.class_balance import balance_of
from labelwright.pipeline.label.fit_record import read_fit
from labelwright.pipeline.label.fit_votes import counted_votes, fit_votes
from labelwright.pipeline.label.judge_labels import judge_labels, judged_as_sets, without_gold
from labelwright.pipeline.label.reduce_votes import answers_of, reduced
from labelwright.pipeline.label.votes_that_count import check_votes
from labelwright.pipeline.vote.active_sources import Active, with_overrides
from labelwright.pipeline.workspace.parts import label_model_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, ClassBalance, LabelQuality, SetQuality


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
        sets: where an answer is a set of classes, how good the sets are on the same items.
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
    sets: SetQuality | None = None
    cached: bool = False
    ungilded: tuple[Units, Posterior] | None = None
    joint: Joint | None = None

    @property
    def id(self) -> str:
        """Of the run that the posterior came from last."""
        return self.run.id if self.joint is None else self.joint.run.id

    @property
    def balance(self) -> ClassBalance | None:
        """How frequent each class is, by what is unbiased; None where units are found in votes."""
        return balance_of(self.fit)

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
    follows the change (`incremental`) rather than being learnt again.

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
    counted = counted_votes(workspace)
    if not even_without_votes:
        check_votes(workspace, counted.votes)
    units = reduced(workspace, counted.votes)
    fitted = fit_votes(workspace, model, counted, units, write=write, full=full)
    ungilded = without_gold(units, counted.votes, model, fitted.fit)
    quality, trust = judge_labels(ungilded)
    return Labels(
        run=fitted.run,
        active=counted.active,
        votes=counted.votes,
        units=units,
        fit=fitted.fit,
        posterior=fitted.posterior,
        answers=answers_of(units, fitted.posterior, fitted.fit, workspace.settings.task),
        quality=quality,
        calibration=trust,
        sets=judged_as_sets(workspace, ungilded, fitted.fit),
        cached=fitted.cached,
        ungilded=ungilded,
    )


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
