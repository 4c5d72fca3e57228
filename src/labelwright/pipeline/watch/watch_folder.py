"""A folder is watched: what arrives is imported, voted on, labelled, tested, learnt, predicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from labelwright.core.beliefs import Beliefs
from labelwright.core.errors import ContradictedError, NothingToDoError
from labelwright.core.items import ID
from labelwright.core.record import Run
from labelwright.core.source import SourceKind
from labelwright.formats import write
from labelwright.pipeline.ingest.declared_rules import FindingShown, on_arrival
from labelwright.pipeline.label.label import label
from labelwright.pipeline.train.answer_columns import answer_columns, class_counts
from labelwright.pipeline.train.joint_labels import join
from labelwright.pipeline.train.train import Trained, train
from labelwright.pipeline.versions.freeze import freeze
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.vote.run_sources import cast_votes
from labelwright.pipeline.vote.runnable_sources import runnable
from labelwright.pipeline.watch.arrivals import look, unfinished
from labelwright.pipeline.watch.drift import DriftReport, drift
from labelwright.pipeline.watch.model_gate import GateReport, gate, published_or_latest
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality.drift.drift import LEAST_ITEMS
from labelwright.sources import beliefs_of_items
from labelwright.stores import ArrivedFile
from labelwright.tasks import grid_of, learnable, no_model

STEP = "watch"
"""The step under which predictions of what arrived are on record."""
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one look at a watched folder led to.

    Attributes:
        files: those that were dealt with.
        waiting: how many files may not be whole yet.
        added: how many items are new.
        findings: which of them break rules that are declared in `labelwright.toml`.
        votes: how many votes functions and rules cast.
        answers: how many answers of people came in.
        drift: how the items since the last training compare with those before; None where too
            few came.
        retrained: why a model was trained; empty if none was.
        gate: what became of that model.
        version: the id of the version that was frozen with it, empty if none was.
        predicted: how many new items the published model puts into each class, or gives it.
        untrained: why no model can be trained at all; empty if one can.
        contradicted: why none was trained though it was time: what known truth says against the
            labels; empty otherwise.
    """

    files: tuple[ArrivedFile, ...]
    waiting: int
    added: int = 0
    findings: tuple[FindingShown, ...] = ()
    votes: int = 0
    answers: int = 0
    drift: DriftReport | None = None
    retrained: str = ""
    gate: GateReport | None = None
    version: str = ""
    predicted: dict[str, int] | None = None
    untrained: str = ""
    contradicted: str = ""

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.files and not self.added and not self.answers and not self.retrained

    @property
    def refused(self) -> bool:
        """Whether a file, a model or the labels were refused."""
        gated = bool(self.contradicted) or (self.gate is not None and not self.gate.passed)
        return gated or any(each.state == "refused" for each in self.files)


def watch(
    workspace: Workspace,
    folder: Path,
    clock_s: float,
    *,
    predictions: Path | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> WatchReport:
    """One look at the folder, and all that follows from what it finds.

    Killed at any moment, the next look does what is left. Runs the code in `sources.py`.

    Args:
        workspace: the project, held for writing.
        folder: what arrives.
        clock_s: seconds since 1970.
        predictions: a folder for what the published model says of new items.
        seed: of training, samples and permutations.
        progress: is told how far it is.
    """
    resumed = unfinished(workspace) is not None
    seen = look(workspace, folder, clock_s)
    answers = collect_answers(workspace)
    first = unfinished(workspace)
    if first is None and not answers:
        return WatchReport(seen.files, seen.waiting)
    if first is None:
        first = workspace.items.count()
        workspace.arrivals.note("started", items=first)
    findings = on_arrival(workspace, first)
    votes = cast_votes(
        workspace, runnable(workspace), parts.engine(workspace), progress=progress
    ).votes
    moved = _drift(workspace, seed, progress)
    task = workspace.settings.task
    untrained = "" if learnable(task) else no_model(task)
    why = "" if untrained else _why_retrain(workspace, moved, resumed=resumed)
    gated, version, contradicted = None, "", ""
    try:
        if why:
            gated, version = _retrained(workspace, why, seed, progress)
    except ContradictedError as error:
        contradicted = str(error)
    predicted = _predicted(workspace, first, predictions)
    added = workspace.items.count() - first
    workspace.arrivals.note("finished", items=workspace.items.count())
    return WatchReport(
        files=seen.files,
        waiting=seen.waiting,
        added=added,
        findings=findings,
        votes=votes,
        answers=answers,
        drift=moved,
        retrained=why if gated is not None else "",
        gate=gated,
        version=version,
        predicted=predicted,
        untrained=untrained,
        contradicted=contradicted,
    )


def _drift(workspace: Workspace, seed: int, progress: Progress) -> DriftReport | None:
    """What came since the last training beside what the model learnt from."""
    trained = workspace.runs.latest("train")
    least = max(LEAST_ITEMS, workspace.settings.keeping.watch.drift_items)
    if trained is None or workspace.items.count() - trained.inputs["items"] < least:
        return None
    try:
        return drift(workspace, before=trained.inputs["items"], seed=seed, progress=progress)
    except NothingToDoError:
        return None  # too many of them are set aside


def _why_retrain(workspace: Workspace, moved: DriftReport | None, *, resumed: bool) -> str:
    """The rule of ``[watch]`` that asks for a training now, in words; empty if none does."""
    rules = workspace.settings.keeping.watch
    run = workspace.runs.latest("train")
    if run is None:
        return "no model is trained yet" if workspace.items.count() else ""
    if resumed and run.id not in {each["run"] for each in workspace.published.list()}:
        return "the last training broke off before the gate"
    items = workspace.items.count() - run.inputs["items"]
    if rules.retrain_items and items >= rules.retrain_items:
        return f"{items:,} new items since the last training"
    answers = _answers(workspace) - _answers_learnt(workspace, run.id)
    if rules.retrain_answers and answers >= rules.retrain_answers:
        return f"{answers:,} new answers since the last training"
    if rules.retrain_when_drifted and moved is not None and moved.drifted:
        drifted = [shift for shift in moved.shifts if shift.drifted]
        return f"items drifted: {drifted[0].aspect}: {drifted[0].told}"
    return ""


def _retrained(
    workspace: Workspace, why: str, seed: int, progress: Progress
) -> tuple[GateReport | None, str]:
    """Trains, asks the gate, and freezes a version if the model is published.

    Raises:
        ContradictedError: known truth contradicts the labels.
    """
    try:
        labels = label(workspace, parts.label_model(workspace))
        end_model = parts.end_model(workspace)
        joining = parts.joining(workspace)
        if joining is not None:
            labels = join(workspace, labels, end_model, joining, seed=seed, progress=progress)
        trained = train(
            workspace, labels, end_model, parts.targets(workspace), seed=seed, progress=progress
        )
    except NothingToDoError:
        return None, ""  # nobody has voted on anything that could be learnt
    _note_learnt(workspace, trained.run.id)
    found = gate(workspace, seed=seed)
    if not found.published:
        return found, ""
    return found, freeze(workspace, labels, trained, note=f"watch: {why}"[:200]).id


def _answers(workspace: Workspace) -> int:
    """How many answers people gave."""
    known = zip(workspace.log.sources(), workspace.tallies(), strict=True)
    return sum(tally.voted for source, tally in known if source.kind is SourceKind.PERSON)


def _answers_learnt(workspace: Workspace, run: str) -> int:
    """How many answers there were at the training; of one made elsewhere, when first seen."""
    noted = workspace.arrivals.last("learnt")
    if noted is None or noted["run"] != run:
        _note_learnt(workspace, run)
        return _answers(workspace)
    return int(noted["answers"])


def _note_learnt(workspace: Workspace, run: str) -> None:
    workspace.arrivals.note("learnt", run=run, answers=_answers(workspace))


def _predicted(workspace: Workspace, first: int, folder: Path | None) -> dict[str, int] | None:
    """What the published model says of the items from `first` on, kept and counted."""
    trained = published_or_latest(workspace)
    items = workspace.items.count()
    if trained is None or first == items:
        return None
    parts_ = []
    for start in range(first, items, BATCH):
        numbers = np.arange(start, min(start + BATCH, items))
        parts_.append(trained.predictor.predict(workspace.items.take(numbers, trained.fields)))
    probability = np.concatenate(parts_)
    task = workspace.settings.task
    beliefs = beliefs_of_items(probability, task)
    run = Run(
        step=STEP, inputs={"first": first, "items": items, "model": trained.run.id}, settings={}
    )
    with workspace.timed(run) as finished:
        kept = {"item": np.arange(first, items), "probability": probability}
        outputs = {"prediction": workspace.objects.put_arrays(kept)}
        workspace.runs.record(finished(outputs=outputs, metrics={"items": float(items - first)}))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"items-{first}-{items - 1}.parquet"
        write(path, _batches(workspace, trained, first, beliefs))
    return class_counts(beliefs, grid_of(task, 0).head_names)


def _batches(
    workspace: Workspace, trained: Trained, first: int, beliefs: Beliefs
) -> Iterator[pa.RecordBatch]:
    told = answer_columns(beliefs, workspace.settings.task)
    for start in range(0, beliefs.items, BATCH):
        part = {name: column.slice(start, BATCH) for name, column in told.items()}
        rows = len(part["label"])
        numbers = np.arange(first + start, first + start + rows)
        columns = {
            "id": workspace.items.take(numbers, [ID]).column(ID).combine_chunks(),
            **part,
            "model": pa.array([trained.run.id] * rows),
        }
        yield pa.RecordBatch.from_pydict(columns)
