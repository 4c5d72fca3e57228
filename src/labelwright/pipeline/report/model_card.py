"""The card of the end model: what it learnt from, how good it is and where, what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.items import ID, MEDIA, user_fields
from labelwright.core.record import Run
from labelwright.formats import picture
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.report.judged import Judged, judged
from labelwright.pipeline.report.slicing import slices_of
from labelwright.pipeline.train.contradicted_labels import CONTRADICTIONS
from labelwright.pipeline.train.evaluation import held_out
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, Slices, calibration
from labelwright.sources import ballot_of, beliefs_of_items
from labelwright.tasks import kind_of

MOST_ERRORS = 12
EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Mistake:
    """A test item on which the model is wrong.

    Attributes:
        item: its id.
        truth: its class.
        given: what the model says.
        confidence: how sure it is of that.
        excerpt: how the item reads.
        png: how it looks; empty if it is no image.
    """

    item: str
    truth: str
    given: str
    confidence: float
    excerpt: str
    png: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """What there is to know of the end model.

    Attributes:
        run: the id of the run that trained it.
        versions: the ids of the versions that hold it.
        current: whether it learnt from the labels that stand now.
        contradicted: whether known truth contradicted the labels that it learnt from.
        part: which end model it is.
        settings: of it.
        fields: the columns that it reads.
        seed: of every random number.
        rows: how many items it learnt from.
        seconds: how long that took.
        started: when.
        environment: code, libraries and machine.
        quality: on items of the test split whose truth is known; None without any.
        calibration: how far its confidences can be trusted there.
        slices: where it is worst.
        errors: what it is most surely wrong about.
    """

    run: str
    versions: tuple[str, ...]
    current: bool
    contradicted: bool
    part: str
    settings: dict[str, Any]
    fields: tuple[str, ...]
    seed: int
    rows: int
    seconds: float
    started: str
    environment: dict[str, str]
    quality: Judged | None
    calibration: Calibration | None
    slices: Slices
    errors: tuple[Mistake, ...]

    def to_dict(self) -> dict[str, Any]:
        """All of it, as `print_json` takes it, without pictures."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        errors = [
            {name: getattr(one, name) for name in one.__slots__ if name != "png"}
            for one in self.errors
        ]
        return plain | {"errors": errors}


def model_card(workspace: Workspace, labels: Labels, trained: Trained | None) -> ModelCard | None:
    """The card of the end model that was trained last; None before there is one."""
    if trained is None:
        return None
    test, truth = held_out(workspace)
    seen = test < len(trained.prediction)
    test, truth = test[seen], truth[seen]
    said = trained.prediction[test]
    wrong = said.argmax(axis=1) != truth if len(test) else np.zeros(0, bool)
    heads = max(len(trained.prediction) // max(trained.items, 1), 1)
    run = trained.run
    settings = {name: value for name, value in run.settings.items() if name != "part"}
    return ModelCard(
        run=run.id,
        versions=tuple(
            version.id
            for version in workspace.versions.list()
            if version.runs.get("train") == run.id
        ),
        current=_current(labels, run),
        contradicted=bool(run.metrics.get(CONTRADICTIONS)),
        part=str(run.settings["part"]),
        settings=settings,
        fields=trained.fields,
        seed=run.seed,
        rows=trained.rows,
        seconds=run.seconds,
        started=run.started,
        environment=dict(run.environment),
        quality=judged(trained.quality, workspace.settings.task.classes, trained.sets),
        calibration=calibration(said, truth, np.random.default_rng(0)) if len(test) else None,
        slices=slices_of(workspace, labels, test // heads, wrong),
        errors=_errors(workspace, trained, test, wrong, truth),
    )


def _current(labels: Labels, run: Run) -> bool:
    """Whether the run learnt from these labels, and content was read with these votes."""
    if labels.joint is not None and labels.joint.run.inputs["labels"] != labels.run.id:
        return False
    return bool(run.inputs["labels"] == labels.id)


def _errors(
    workspace: Workspace,
    trained: Trained,
    units: NDArray[np.int64],
    wrong: NDArray[np.bool_],
    truth: NDArray[np.int64],
) -> tuple[Mistake, ...]:
    """The items that the model is wrong about, those with what it is surest of first.

    Args:
        workspace: holds the items.
        trained: the model.
        units: of test items, whose truth is known.
        wrong: whether the model is on each of these.
        truth: the class of each of these.
    """
    sure = trained.prediction[units[wrong]].max(axis=1, initial=0.0)
    order = np.argsort(-sure, kind="stable")
    heads = len(trained.prediction) // trained.items
    items, first = np.unique(units[wrong][order] // heads, return_index=True)
    items = items[np.argsort(first)][:MOST_ERRORS]
    if not len(items):
        return ()
    task = workspace.settings.task
    rows = (items[:, None] * heads + np.arange(heads)).ravel()
    given = ballot_of(beliefs_of_items(trained.prediction[rows], task), task)
    known = np.full((len(trained.prediction), trained.prediction.shape[1]), np.nan)
    known[units] = np.eye(trained.prediction.shape[1])[truth]
    true = kind_of(task).recompose(beliefs_of_items(known[rows], task), task).answer
    fields = user_fields(workspace.items.schema())
    text = workspace.text_field()
    # The main text says it all; without one, what fits of the fields.
    shown = [text] if text in fields else fields
    media = [MEDIA] if workspace.items.has_media() else []
    table = workspace.items.take(items, [ID, *shown, *media]).to_pylist()
    return tuple(
        Mistake(
            item=row[ID],
            truth=true[place].as_py() or "",
            given=given.answer[place].as_py() or "",
            confidence=float(sure[order][np.sort(first)][place]),
            excerpt=_excerpt({name: row[name] for name in shown}),
            png=(picture(row[MEDIA]) or b"") if media else b"",
        )
        for place, row in enumerate(table)
    )


def _excerpt(fields: dict[str, Any]) -> str:
    if len(fields) == 1:
        text = str(next(iter(fields.values())))
    else:
        text = ", ".join(f"{name} {_short(value)}" for name, value in fields.items())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
