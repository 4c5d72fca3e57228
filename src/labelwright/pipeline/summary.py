"""What people and scripts are told of labels, training and rounds: small and plain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.pipeline.label import Labels
from labelwright.pipeline.round import Round
from labelwright.pipeline.train import Trained
from labelwright.pipeline.vote import VoteReport
from labelwright.quality import LabelQuality


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """The labels at a glance.

    Attributes:
        model: the label model.
        items: how many items there are.
        labelled: how many have a label.
        votes: how many votes it weighed.
        sources: of how many sources.
        classes: by class, how many units have it as their label, and which share.
        quality: where the truth is known; None if it is nowhere known.
        run: the id of the run.
        cached: whether nothing had to be computed.
    """

    model: str
    items: int
    labelled: int
    votes: int
    sources: int
    classes: dict[str, tuple[int, float]]
    quality: LabelQuality | None
    run: str
    cached: bool


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """Training at a glance: which model, on how many items, how long, how good."""

    model: str
    rows: int
    seconds: float
    quality: LabelQuality | None
    run: str
    cached: bool


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round at a glance."""

    answers: int
    votes: VoteReport
    labels: LabelSummary
    trained: TrainSummary
    questions: int
    version: str


def label_summary(labels: Labels) -> LabelSummary:
    """The labels at a glance."""
    chosen = labels.posterior.label[labels.posterior.covered]
    counts = np.bincount(chosen, minlength=len(labels.units.class_names)).tolist()
    total = max(len(chosen), 1)
    return LabelSummary(
        model=labels.fit.model,
        items=labels.votes.items,
        labelled=len(labels.answers.answer) - labels.answers.answer.null_count,
        votes=int(np.sum(labels.votes.answer >= 0)),
        sources=len(labels.active.sources),
        classes={
            name: (count, count / total)
            for name, count in zip(labels.units.class_names, counts, strict=True)
        },
        quality=labels.quality,
        run=labels.run.id,
        cached=labels.cached,
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
    )


def round_summary(done: Round) -> RoundSummary:
    """A round at a glance."""
    return RoundSummary(
        answers=done.answers,
        votes=done.votes,
        labels=label_summary(done.labels),
        trained=train_summary(done.trained),
        questions=len(done.questions),
        version=done.version.id,
    )
