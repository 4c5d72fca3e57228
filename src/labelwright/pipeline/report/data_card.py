"""The card of the data: what it is, whence, who labelled it, how good and how dear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import user_fields
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.pipeline.analysis.source_report import SourcesReport, report_sources
from labelwright.pipeline.ingest.declared_rules import FindingShown
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.live.progress_board import Point
from labelwright.pipeline.report.judged import Judged, judged
from labelwright.pipeline.report.slicing import slices_of
from labelwright.pipeline.train.answer_columns import class_counts
from labelwright.pipeline.train.joint_labels import as_joined
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.cost import seconds_of_people
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.about_settings import About
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, Cost, Slices, krippendorff_alpha, undecided

MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A column of the items: its name, type, and the share of items without a value."""

    name: str
    type: str
    missing: float


@dataclass(frozen=True, slots=True)
class ImportFact:
    """An import: when, of which files, and how many items there were then."""

    when: str
    files: tuple[str, ...]
    items: int


@dataclass(frozen=True, slots=True)
class PersonFact:
    """A person who labelled: their votes, and the seconds that these took, NaN if unmeasured."""

    name: str
    votes: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class DataCard:
    """What there is to know of the data and its labels.

    Attributes:
        name: of the project.
        kind: of the task.
        classes: of the task.
        guidelines: what people were told.
        about: what only the owner knows.
        items: how many there are.
        splits: how many in each part.
        fields: the columns.
        media: whether items are images.
        imports: the latest of them.
        rejected: how many rows of files were set aside.
        reject_reasons: the most frequent reasons.
        set_aside: how many items were set aside, by check.
        findings: what the checks found; None if they were not run.
        people: who labelled.
        agreement_people: Krippendorff's alpha of people; NaN without common items.
        agreement_sources: likewise of all sources but gold.
        sources: what every source did.
        standing: how many items have a label, on what basis, and how right.
        balance: how many labels are of each class, or hold it.
        tied: how many labels stand between two classes that are exactly as probable.
        label_model: what weighed the votes.
        quality: where the truth is known; None if it is nowhere known.
        calibration: how far confidences can be trusted there.
        slices: where labels are worst.
        rounds: quality after each round.
        cost: what it took.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    guidelines: str
    about: About
    items: int
    splits: dict[str, int]
    fields: tuple[FieldFact, ...]
    media: bool
    imports: tuple[ImportFact, ...]
    rejected: int
    reject_reasons: dict[str, int]
    set_aside: dict[str, int]
    findings: tuple[FindingShown, ...] | None
    people: tuple[PersonFact, ...]
    agreement_people: float
    agreement_sources: float
    sources: SourcesReport
    standing: Standing
    balance: dict[str, int]
    tied: int
    label_model: str
    quality: Judged | None
    calibration: Calibration | None
    slices: Slices
    rounds: tuple[Point, ...]
    cost: Cost

    def to_dict(self) -> dict[str, Any]:
        """All of it, as `print_json` takes it; of the sources, their rows and warnings."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "sources": self.sources.to_dict(),
            "rounds": [_round(p) for p in self.rounds],
        }


def data_card(
    workspace: Workspace,
    labels: Labels,
    *,
    findings: tuple[FindingShown, ...] | None,
    rounds: tuple[Point, ...],
    cost: Cost,
) -> DataCard:
    """The card of what stands now."""
    settings, posterior = workspace.settings, labels.posterior
    names, counts = np.unique(workspace.splits(), return_counts=True)
    beliefs = labels.units.beliefs(posterior.probability, posterior.covered)
    reasons = _reject_reasons(workspace)
    model = parts.label_model(workspace)
    return DataCard(
        name=settings.name,
        kind=settings.task.kind,
        classes=settings.task.classes,
        guidelines=settings.task.guidelines,
        about=settings.about,
        items=workspace.items.count(),
        splits=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        fields=_fields(workspace),
        media=workspace.items.has_media(),
        imports=_imports(workspace),
        rejected=workspace.rejects.count(),
        reject_reasons=reasons,
        set_aside={name: len(items) for name, items in workspace.set_aside.reasons().items()},
        findings=findings,
        people=_people(workspace),
        agreement_people=_agreement(labels, people=True),
        agreement_sources=_agreement(labels, people=False),
        sources=report_sources(workspace, labels, model, check=findings is not None),
        standing=standing(workspace, labels),
        balance=class_counts(beliefs, labels.units.head_names),
        tied=int(undecided(posterior).sum()),
        label_model=labels.fit.model,
        quality=judged(labels.quality, labels.units.class_names, labels.sets),
        calibration=labels.calibration,
        slices=_slices(workspace, labels),
        rounds=rounds,
        cost=cost,
    )


def _round(point: Point) -> dict[str, Any]:
    return {
        "round": point.round,
        "version": point.version.id,
        "answers": point.answers,
        "labels": point.labels,
        "model": point.model,
    }


def _fields(workspace: Workspace) -> tuple[FieldFact, ...]:
    schema = workspace.items.schema()
    names = user_fields(schema)
    missing = dict.fromkeys(names, 0)
    if names:
        for batch in workspace.items.scan(names):
            for name in names:
                missing[name] += batch.column(name).null_count
    count = max(workspace.items.count(), 1)
    return tuple(
        FieldFact(name, _said(schema.field(name).type), missing[name] / count) for name in names
    )


def _said(kind: pa.DataType) -> str:
    """A type as people say it."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_integer(kind):
        return "whole number"
    if pa.types.is_floating(kind):
        return "number"
    return "yes or no" if pa.types.is_boolean(kind) else str(kind)


def _imports(workspace: Workspace) -> tuple[ImportFact, ...]:
    """Each import that brought items; a file that was imported again counts once, as the latest."""
    return tuple(
        ImportFact(
            run.started,
            # A report is for others, whom the folders of this machine do not concern.
            tuple(PurePath(str(file)).name for file in run.inputs["files"]),
            int(run.inputs["items"]),
        )
        for run in workspace.runs.list("import")
        if "items" in run.inputs
    )


def _reject_reasons(workspace: Workspace) -> dict[str, int]:
    """The most frequent reasons for which rows were set aside."""
    reasons, counts = np.unique(
        [reject.reason for reject in workspace.rejects.list()], return_counts=True
    )
    order = np.argsort(-counts, kind="stable")[:MOST_REASONS]
    return {str(reasons[place]): int(counts[place]) for place in order}


def _people(workspace: Workspace) -> tuple[PersonFact, ...]:
    seconds = seconds_of_people(workspace)
    return tuple(
        PersonFact(source.name, tally.voted + tally.abstained, float(spent))
        for source, tally, spent in zip(
            workspace.log.sources(), workspace.tallies(), seconds, strict=True
        )
        if source.kind is SourceKind.PERSON
    )


def _agreement(labels: Labels, *, people: bool) -> float:
    """Krippendorff's alpha of people, or of all sources but gold."""
    kinds = [source.kind for source in labels.votes.sources]
    keep = np.array(
        [kind is SourceKind.PERSON if people else kind is not SourceKind.GOLD for kind in kinds],
        bool,
    )
    return krippendorff_alpha(_only(labels.units.matrix, keep)) if keep.any() else float("nan")


def _only(matrix: VoteMatrix, keep: NDArray[np.bool_]) -> VoteMatrix:
    """The votes of these sources."""
    mine = keep[matrix.source] & matrix.voted & (matrix.label < matrix.classes)
    return VoteMatrix.build(
        matrix.unit[mine],
        matrix.source[mine],
        matrix.label[mine],
        units=matrix.units,
        classes=matrix.classes,
        kinds=matrix.kinds,
    )


def _slices(workspace: Workspace, labels: Labels) -> Slices:
    """Where labels are worst, gold having no say in them."""
    truth = labels.units.truth
    if labels.ungilded is None:
        return slices_of(workspace, labels, np.zeros(0, np.int64), np.zeros(0, bool))
    judged_ = as_joined(workspace, labels, *labels.ungilded)
    known = np.flatnonzero((truth >= 0) & judged_.covered)
    wrong = judged_.label[known] != truth[known]
    return slices_of(workspace, labels, labels.units.item[known], wrong)
