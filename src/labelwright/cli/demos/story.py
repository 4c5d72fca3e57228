"""The story that every demonstration tells, from raw data and rules to a model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import ProjectError
from labelwright.pipeline.api.project import Project
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.settings import FILE_NAME, FUNCTIONS_FILE, read_settings

MARK = "demo.txt"
ANSWERS = 25
ANSWERS_A_ROUND = 5


@dataclass(frozen=True)
class Items:
    """A file or folder of items, and how to import it."""

    path: Path
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class VotesFile:
    """A file of votes, and what kind of sources cast them."""

    path: Path
    kind: str


@dataclass(frozen=True)
class PreparedDemo:
    """Data written to disk, and the truth that the project is not told.

    Attributes:
        items: what to import.
        truth: the true class of every item by its id.
        votes: votes to import.
        told: what was done to the data, for the reader.
    """

    items: tuple[Items, ...]
    truth: Mapping[str, str]
    votes: tuple[VotesFile, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Demo:
    """One demonstration.

    Attributes:
        name: of the command, and of the folder with its rules and functions.
        title: what it is about, in a line.
        expert: the name of the person whose answers are played.
        seconds: how long that person takes for an answer.
        prepare: writes the data below a folder.
    """

    name: str
    title: str
    expert: str
    seconds: float
    prepare: Callable[[Path], PreparedDemo]


@dataclass(frozen=True)
class SourceRow:
    """One source: what it covers, how good the label model thinks it is, how good it is."""

    name: str
    kind: str
    coverage: float
    overlap: float
    conflict: float
    estimated: float | None
    true: float | None


@dataclass(frozen=True)
class LabelRow:
    """Labels of one making.

    Attributes:
        made_by: what made them.
        labelled: the share of the training items that have one.
        right: the share of these that is right.
        model_right: the share of the test items on which an end model trained on them is right.
    """

    made_by: str
    labelled: float
    right: float
    model_right: float


@dataclass(frozen=True)
class Outcome:
    """What a demonstration found; everything is measured against the hidden truth.

    Attributes:
        items: how many items there are.
        train: how many of them may be learnt from.
        test: how many are kept for measuring.
        gold: how many true labels the label model was told.
        sources: the sources.
        labels: the labels, from the simplest to the best.
        model_on_truth: the test accuracy of the same end model trained on all true labels.
        answers: how many human answers were played.
        spent_minutes: what those took.
        spent_usd: and cost.
        by_hand_minutes: what labelling every training item by hand takes.
        by_hand_usd: and costs.
        version: the frozen version's id.
        warnings: what the source report found.
        item: an item for `labelwright explain`.
    """

    items: int
    train: int
    test: int
    gold: int
    sources: tuple[SourceRow, ...]
    labels: tuple[LabelRow, ...]
    model_on_truth: float
    answers: int
    spent_minutes: float
    spent_usd: float
    by_hand_minutes: float
    by_hand_usd: float
    version: str
    warnings: tuple[str, ...] = field(default=())
    item: str = ""


def play(demo: Demo, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Makes the project in `folder`, runs it, and compares with the truth.

    Args:
        demo: which one.
        folder: replaced if an earlier demonstration made it.
        tell: is told each step in words.

    Raises:
        ProjectError: the folder holds something else.
    """
    prepared, project = _make(demo, folder, tell)
    tell("every source votes")
    project.vote()
    stage = _Stage(project, prepared.truth)
    tell("labels: majority vote, then the label model")
    rows = [stage.row("majority vote", project.label("majority_vote"))]
    labels = project.label()
    rows.append(stage.row("label model", labels))
    sources, warnings = _sources(project, labels, prepared.truth, stage.ids)
    tell(f"{ANSWERS} answers to the next questions (some random), played from the hidden truth")
    _answer(demo, project, prepared.truth)
    done = project.round(note=f"demo {demo.name}: rules and {ANSWERS} answers")
    rows.append(stage.row(f"label model and {ANSWERS} answers", done.labels, done.trained))
    spent = project.status().cost
    return Outcome(
        items=len(stage.ids),
        train=int(stage.train.sum()),
        test=int(stage.test.sum()),
        gold=stage.gold(done.labels),
        sources=sources,
        labels=tuple(rows),
        model_on_truth=stage.on_truth(),
        answers=ANSWERS,
        spent_minutes=spent.person_seconds / 60,
        spent_usd=spent.usd,
        by_hand_minutes=stage.train.sum() * demo.seconds / 60,
        by_hand_usd=stage.train.sum()
        * demo.seconds
        / 3600
        * project.settings.cost.wage_usd_per_hour,
        version=done.version.id,
        warnings=warnings,
        item=stage.interesting(done.labels),
    )


def _make(demo: Demo, folder: Path, tell: Callable[[str], None]) -> tuple[PreparedDemo, Project]:
    """The project with its rules, functions and data."""
    if folder.exists():
        if not (folder / MARK).exists():
            raise ProjectError(f"{folder} exists and is no demonstration; name another with --into")
        shutil.rmtree(folder)
    template = files("labelwright.cli.demos") / demo.name
    folder.mkdir(parents=True)
    # First, so that a demonstration that failed can be made again.
    (folder / MARK).write_text(f"Made by: labelwright demo {demo.name}\n", encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    tell(f"data: {demo.title}")
    prepared = demo.prepare(data)
    for line in prepared.told:
        tell(f"  {line}")
    settings = template / FILE_NAME
    with_task = read_settings(Path(str(settings)))
    Project.create(folder, with_task.task)
    for name in (FILE_NAME, FUNCTIONS_FILE):
        (folder / name).write_text((template / name).read_text("utf-8"), encoding="utf-8")
    project = Project.open(folder)
    for part in prepared.items:
        project.import_items(part.path, **part.settings)
    for votes in prepared.votes:
        project.import_votes(votes.path, kind=votes.kind)
    return prepared, project


def _answer(demo: Demo, project: Project, truth: Mapping[str, str]) -> None:
    for round_ in range(ANSWERS // ANSWERS_A_ROUND):
        project.train()
        for question in project.next(ANSWERS_A_ROUND, seed=round_):
            project.answer(
                question.item, truth[question.item], person=demo.expert, seconds=demo.seconds
            )


def _sources(
    project: Project, labels: Labels, truth: Mapping[str, str], ids: list[str]
) -> tuple[tuple[SourceRow, ...], tuple[str, ...]]:
    """The source report, with the accuracy that each source truly has on all items."""
    report = project.sources()
    votes = labels.votes
    answers = np.array([*votes.answers, ""])
    right = answers[votes.answer] == np.array([truth[id_] for id_ in ids])[votes.item]
    voted = votes.answer >= 0
    rows = []
    for place, (row, kind) in enumerate(zip(report.report.rows(), report.kinds, strict=True)):
        own = voted & (votes.source == place)
        rows.append(
            SourceRow(
                name=row["name"],
                kind=kind,
                coverage=row["coverage"],
                overlap=row["overlap"],
                conflict=row["conflict"],
                estimated=row["accuracy"],
                true=float(right[own].mean()) if own.any() else None,
            )
        )
    return tuple(rows), tuple(report.warnings())


class _Stage:
    """Judges labels and models against the truth that the project was not told."""

    def __init__(self, project: Project, truth: Mapping[str, str]) -> None:
        self.project = project
        workspace = project.workspace
        batches = workspace.items.scan(["_id"])
        self.ids: list[str] = [id_ for batch in batches for id_ in batch.column("_id").to_pylist()]
        task = workspace.settings.task
        self.truth = np.array([task.index(truth[id_]) for id_ in self.ids])
        self.test: NDArray[np.bool_] = workspace.splits() == "test"
        self.train: NDArray[np.bool_] = ~self.test

    def row(self, made_by: str, labels: Labels, trained: Trained | None = None) -> LabelRow:
        """How right these labels are on the training items, and what can be learnt from them."""
        posterior = labels.posterior
        covered = posterior.covered & self.train
        # Poor labels are trained on too, to show what comes of them.
        trained = trained or self.project.train(labels=labels, anyway=True)
        return LabelRow(
            made_by=made_by,
            labelled=float(covered.sum() / self.train.sum()),
            right=float((posterior.label == self.truth)[covered].mean()),
            model_right=self._right(trained.prediction),
        )

    def on_truth(self) -> float:
        """The test accuracy of the end model trained on every true label."""
        workspace = self.project.workspace
        model = parts.end_model(workspace)
        rows = np.flatnonzero(self.train)
        target = np.eye(len(workspace.settings.task.classes))[self.truth[rows]]
        items = workspace.items.take(rows, model.fields)
        predictor = model.fit(items, target, np.ones(len(rows)), seed=0)
        everything = workspace.items.take(np.arange(len(self.ids)), model.fields)
        return self._right(predictor.predict(everything))

    def gold(self, labels: Labels) -> int:
        """How many true labels the label model was told."""
        gold = [place for place, s in enumerate(labels.active.sources) if s.kind.value == "gold"]
        return int(np.isin(labels.votes.source, gold).sum())

    def interesting(self, labels: Labels) -> str:
        """The id of a training item on which sources disagree most, well labelled all the same."""
        matrix = labels.units.matrix
        number = np.bincount(matrix.unit[matrix.voted], minlength=matrix.units)
        right = (labels.posterior.label == self.truth) & self.train
        score = number * labels.posterior.entropy * right
        return self.ids[int(score.argmax())]

    def _right(self, prediction: NDArray[np.float64]) -> float:
        return float((prediction.argmax(axis=1) == self.truth)[self.test].mean())
