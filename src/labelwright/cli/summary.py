"""What people and scripts are told of labels, training and rounds: small and plain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_first import NOTHING_MISSING, RandomFirst, random_first
from labelwright.pipeline.round import Round
from labelwright.pipeline.train.answer_columns import class_counts
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.run_sources import VoteReport
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, SetQuality, Stability, undecided


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """The labels at a glance.

    Attributes:
        model: the label model.
        items: how many items there are, without those set aside.
        labelled: how many have a label.
        standing: the same with what labels rest on, and how right they are.
        votes: how many votes it weighed.
        sources: of how many sources.
        classes: by class, how many units have it as their label, and which share; where an answer
            is a set of classes, to how many labelled items it belongs.
        no_votes: how many units nobody voted on and content says nothing of: they have no label.
        undecided: how many labelled units have two classes that are exactly as probable.
        class_balance: how frequent each class is among units without votes; empty where an answer
            is a set of classes, or units are found in votes.
        balance: what that rests on, and whether the next questions are random.
        quality: where the truth is known; None if it is nowhere known.
        calibration: how far confidences can be trusted there.
        sets: where an answer is a set of classes, how good the sets are there.
        described: on how many units nobody voted but class descriptions.
        stability: how far labels depend on the sample; None if not asked for.
        run: the id of the run.
        cached: whether nothing had to be computed.
        content: the end model whose reading of content was joined in; None for votes alone.
        moved: how many items with votes have another label than votes alone give them.
    """

    model: str
    items: int
    labelled: int
    standing: Standing
    votes: int
    sources: int
    classes: dict[str, tuple[int, float]]
    no_votes: int
    undecided: int
    class_balance: dict[str, float]
    quality: LabelQuality | None
    calibration: Calibration | None
    stability: StabilitySummary | None
    run: str
    cached: bool
    content: str | None = None
    moved: int = 0
    sets: SetQuality | None = None
    balance: RandomFirst = NOTHING_MISSING
    described: int = 0


@dataclass(frozen=True, slots=True)
class StabilitySummary:
    """How far labels depend on which items happened to be in the data.

    Attributes:
        changed: the share of labels that change when the items are resampled, in the mean.
        unsettled: the share of labels that any resample changes.
        units: how many units were looked at.
        resamples: how often.
        accuracy_spread: by source, the standard deviation of its accuracy; None if unknown.
    """

    changed: float
    unsettled: float
    units: int
    resamples: int
    accuracy_spread: dict[str, float]


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """Training at a glance: which model, on how many items, how long, how good."""

    model: str
    rows: int
    seconds: float
    quality: LabelQuality | None
    run: str
    cached: bool
    sets: SetQuality | None = None


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round at a glance."""

    answers: int
    votes: VoteReport
    labels: LabelSummary
    trained: TrainSummary | None
    questions: int
    version: str
    untrained: str = ""


def label_summary(
    workspace: Workspace, labels: Labels, stability: Stability | None = None
) -> LabelSummary:
    """The labels at a glance."""
    stands = standing(workspace, labels)
    posterior = labels.posterior
    sets = labels.units.heads > 0 and not labels.units.single
    beliefs = labels.units.beliefs(posterior.probability, posterior.covered)
    counts = class_counts(beliefs, labels.units.head_names)
    total = max(stands.labelled if sets else sum(counts.values()), 1)
    return LabelSummary(
        model=labels.fit.model,
        items=stands.items,
        labelled=stands.labelled,
        standing=stands,
        votes=int(np.sum(labels.votes.answer >= 0)),
        sources=len(labels.active.sources),
        classes={name: (count, count / total) for name, count in counts.items()},
        no_votes=int((~labels.posterior.covered).sum()),
        undecided=int(undecided(labels.posterior).sum()),
        class_balance=_of_silent(labels),
        balance=random_first(labels),
        quality=labels.quality,
        calibration=labels.calibration,
        stability=None if stability is None else _stability_summary(labels, stability),
        run=labels.id,
        cached=labels.cached,
        content=None if labels.joint is None else str(labels.joint.run.settings["part"]),
        moved=_moved(labels),
        sets=labels.sets,
        described=int(labels.units.matrix.described_only.sum()),
    )


def _of_silent(labels: Labels) -> dict[str, float]:
    """How frequent each class is among units without votes."""
    if labels.balance is None or not labels.units.single:
        return {}
    return dict(zip(labels.units.class_names, labels.balance.silent[0].tolist(), strict=True))


def _moved(labels: Labels) -> int:
    """How many voted units have another label with content than from votes alone."""
    votes = labels.votes_posterior
    return int(np.sum(votes.covered & (votes.label != labels.posterior.label)))


def _stability_summary(labels: Labels, found: Stability) -> StabilitySummary:
    names = [source.name for source in labels.active.sources]
    return StabilitySummary(
        changed=found.share_changed,
        unsettled=found.share_unsettled,
        units=len(found.units),
        resamples=len(found.changed),
        accuracy_spread=dict(zip(names, found.accuracy_spread.tolist(), strict=True)),
    )


def train_summary(trained: Trained) -> TrainSummary:
    """Training at a glance."""
    return TrainSummary(
        model=str(trained.run.settings["part"]),
        rows=trained.rows,
        seconds=trained.run.seconds,
        quality=trained.quality,
        run=trained.run.id,
        cached=trained.cached,
        sets=trained.sets,
    )


def round_summary(workspace: Workspace, done: Round) -> RoundSummary:
    """A round at a glance."""
    return RoundSummary(
        answers=done.answers,
        votes=done.votes,
        labels=label_summary(workspace, done.labels),
        trained=None if done.trained is None else train_summary(done.trained),
        questions=len(done.questions),
        version=done.version.id,
        untrained=done.untrained,
    )
