"""An end model learns from the labels and predicts all items."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.items import HASH
from labelwright.core.ports import EndModel, Predictor
from labelwright.core.record import Run
from labelwright.endmodels import (
    PerClass,
    Targets,
    Training,
    cross_fit,
    load,
    with_pseudo_labels,
)
from labelwright.pipeline.label.described import worth_in_training
from labelwright.pipeline.label.in_turn import in_turn
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.train.contradicted_labels import (
    CONTRADICTIONS,
    check_uncontradicted,
    contradicted,
)
from labelwright.pipeline.train.evaluation import evaluated, held_out, held_out_sets
from labelwright.pipeline.train.experiment_tracking import track
from labelwright.pipeline.workspace.environment import environment
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import LabelQuality, SetQuality, label_quality
from labelwright.tasks import grid_of


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What training made.

    Attributes:
        run: the run that made it.
        predictor: the trained model.
        prediction: its probabilities for every unit of the task's kind, all units of the first
            item, of the second..., shape (units, classes of a unit).
        rows: how many items it learnt from.
        quality: on items of the test split whose truth is known; None if there are none.
        sets: where an answer is a set of classes, how good the sets are on the same items.
        cached: whether it was read from the record rather than trained.
    """

    run: Run
    predictor: Predictor
    prediction: NDArray[np.float64]
    rows: int
    quality: LabelQuality | None
    sets: SetQuality | None = None
    cached: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the predictor reads."""
        return tuple(self.run.inputs["fields"])

    @property
    def items(self) -> int:
        """How many items were predicted."""
        return int(self.run.inputs["items"])


def train(
    workspace: Workspace,
    labels: Labels,
    model: EndModel,
    targets: Targets,
    seed: int = 0,
    *,
    force: bool = False,
    anyway: bool = False,
    progress: Progress = silent,
) -> Trained:
    """A predictor trained on the posterior of the items outside the held-out splits.

    The labels are those of `join` where content is to be joined in.

    Computed once for the same labels, settings and seed, unless `force`.

    Raises:
        ContradictedError: known truth contradicts the labels, and it is not to be done `anyway`.
        NothingToDoError: no label to learn from.
        SettingsError: the task's units are found in votes, so that no end model learns it yet.
    """
    heads = grid_of(workspace.settings.task, 0).heads
    run = Run(
        step="train",
        inputs={
            "labels": labels.id,
            "items": workspace.items.count(),
            "fields": list(model.fields),
            "classes": list(workspace.settings.task.classes),
        },
        settings={**described(model), "targets": described(targets)},
        seed=seed,
    )
    against = check_uncontradicted(contradicted(workspace, labels), anyway=anyway)
    marks = {CONTRADICTIONS: float(len(against))} if against else {}
    known = workspace.done(run.id)
    if known is not None and not force:
        # What truth says of the same labels may be another thing by now.
        kept = {name: value for name, value in known.metrics.items() if name != CONTRADICTIONS}
        known = replace(known, metrics={**kept, **marks})
        return _remembered(workspace, workspace.mark_used(known))
    training = training_of(workspace, labels, targets)
    with workspace.timed(run) as finished:
        predictor, prediction = fitted(
            workspace, model, training, run.inputs["items"], seed=seed, progress=progress
        )
        run = finished()
    learnt = len(np.unique(training.rows // heads))
    run = _recorded(workspace, run, training, learnt, predictor, prediction)
    run = replace(run, metrics={**run.metrics, **marks})
    workspace.runs.record(run)
    if workspace.settings.tracking.mlflow:
        track(workspace, run)
    quality = held_out_quality(workspace, prediction)
    sets = held_out_sets(workspace, prediction)
    return Trained(run, predictor, prediction, learnt, quality, sets)


def fitted(
    workspace: Workspace,
    model: EndModel,
    training: Training,
    items: int,
    *,
    seed: int,
    progress: Progress = silent,
) -> tuple[Predictor, NDArray[np.float64]]:
    """The predictor that this training gives, and what it says of the first so many items.

    Shape (units, classes).
    """
    progress("training", 0, 0)
    heads = grid_of(workspace.settings.task, 0).heads
    training = training.of_items(heads)
    rows = workspace.items.take(training.rows, model.fields)
    many = PerClass(model, heads)
    predictor = many.fit(rows, training.target, training.weight, seed=seed)
    return predictor, _predict_all(workspace, predictor, model.fields, items, progress)


def taught(workspace: Workspace, run: Run) -> Training:
    """What a run learnt from.

    Raises:
        NothingToDoError: an older release recorded it, without that.
    """
    if "training" not in run.outputs:
        raise NothingToDoError(
            f"the run {run.id[:12]} was recorded by an older release, without what it learnt "
            "from; train again with: labelwright train --force"
        )
    arrays = workspace.objects.get_arrays(run.outputs["training"])
    return Training(arrays["rows"], arrays["target"], arrays["weight"])


def latest_trained(workspace: Workspace, items: int | None = None) -> Trained | None:
    """The end model that was trained last.

    None if none was, or for other classes than the task has now, or not when there were `items`.
    """
    run = workspace.runs.latest("train")
    if run is None or (items is not None and run.inputs["items"] != items):
        return None
    return trained_by(workspace, run)


def trained_by(workspace: Workspace, run: Run) -> Trained | None:
    """The end model of this run; None if it was for other classes than the task has now."""
    # A prediction is a row of numbers: with other classes, or in another order, they lie.
    if run.inputs.get("classes") != list(workspace.settings.task.classes):
        return None
    return _remembered(workspace, run)


def cross_fitted(
    workspace: Workspace,
    labels: Labels,
    trained: Trained,
    model: EndModel,
    targets: Targets,
    seed: int,
) -> NDArray[np.float64]:
    """Predictions in which no item was predicted by a model that saw its label."""
    heads = labels.units.heads
    training = training_of(workspace, labels, targets).of_items(heads)
    items = workspace.items.take(training.rows, [*model.fields, HASH])
    prediction = trained.prediction.copy()
    units = (training.rows[:, None] * heads + np.arange(heads)).ravel()
    prediction[units] = cross_fit(
        PerClass(model, heads), items, training.target, training.weight, seed=seed
    )
    return prediction


def training_of(workspace: Workspace, labels: Labels, targets: Targets) -> Training:
    """What there is to learn, without held-out items and those set aside.

    Raises:
        NothingToDoError: nothing, or only that all is of one class.
    """
    return weighed(labels, learnable(workspace, labels, targets))


def learnable(workspace: Workspace, labels: Labels, targets: Targets) -> Training:
    """The same labels, none weighed yet by what it is worth.

    Raises:
        NothingToDoError: nothing, or only that all is of one class.
    """
    training = targets.of(labels.posterior)
    item = labels.units.item[training.rows]
    learn = ~np.isin(workspace.splits()[item], HELD_OUT)
    learn &= ~workspace.set_aside.mask(workspace.items.count())[item]
    only = only_class(labels)
    if only:
        raise NothingToDoError(one_class(only))
    learn &= _taught(labels)[training.rows]
    if not learn.any():
        raise NothingToDoError(
            "no item outside the test split has a label to learn from; write more rules, or "
            "answer some questions with: labelwright next"
        )
    return training.only(learn)


def weighed(labels: Labels, training: Training) -> Training:
    """The training labels, each counting what it is worth, without those that are worth nothing."""
    training = _as_joined(labels, training)
    worth = worth_in_training(labels.units, labels.votes_posterior)
    if worth is not None:
        own = worth[training.rows]
        target = with_pseudo_labels(training.target, own)
        training = replace(training, target=target, weight=training.weight * own)
    return training.only(training.weight > 0)


def taught_in_turn(labels: Labels, training: Training) -> tuple[Training, Training]:
    """What machines say and what people answer, for a head that learns one after the other."""
    return in_turn(labels.units, _as_joined(labels, training), labels.votes_posterior)


def _as_joined(labels: Labels, training: Training) -> Training:
    """The labels weighed as content was joined to them; pseudo-labels have another worth."""
    if labels.joint is None:
        return training
    only = labels.units.matrix.described_only[training.rows]
    weight = np.where(only, 1.0, labels.joint.weight[training.rows])
    return replace(training, weight=training.weight * weight)


def one_class(name: str) -> str:
    """What to do where all labels are of one class, in words."""
    return (
        f"every label is {name!r}, and nobody knows how frequent the other classes are: a model "
        "would learn to say it of everything; answer the first questions, which are drawn at "
        "random, with: labelwright next"
    )


def held_out_quality(workspace: Workspace, prediction: NDArray[np.float64]) -> LabelQuality | None:
    """How good predictions are on the units of the test split whose truth is known.

    Items that came after the predictions were made are left out.
    """
    units, truth = held_out(workspace)
    seen = units < len(prediction)
    return label_quality(prediction[units[seen]], truth[seen]) if seen.any() else None


def only_class(labels: Labels) -> str:
    """The one class of all labels, where a model would learn that everything is of it; else empty.

    Where it is known how frequent classes are, that may be right, and is no reason against it.
    """
    if not labels.units.heads:
        return ""
    taught = _taught(labels)
    if not labels.posterior.covered.any() or taught.any():
        return ""
    label = labels.posterior.label[labels.posterior.covered]
    return " and ".join(labels.units.class_names[place] for place in np.unique(label))


def _taught(labels: Labels) -> NDArray[np.bool_]:
    """Which units' heads have labels of more than one class, or a known balance, shape (units,)."""
    heads, balance = labels.units.heads, labels.balance
    head = np.arange(labels.posterior.units) % heads
    if balance is None:
        return np.ones(len(head), bool)
    covered, label = labels.posterior.covered, labels.posterior.label
    classes = labels.posterior.classes
    seen = np.bincount(head[covered] * classes + label[covered], minlength=heads * classes)
    several = (seen.reshape(heads, classes) > 0).sum(axis=1) > 1
    return np.asarray((several | balance.known)[head])


def _recorded(
    workspace: Workspace,
    run: Run,
    training: Training,
    items: int,
    predictor: Predictor,
    prediction: NDArray[np.float64],
) -> Run:
    """The run with what it made, how good that is, and where it was made."""
    measures, arrays = evaluated(workspace, prediction)
    put = workspace.objects.put_arrays
    learnt = {"rows": training.rows, "target": training.target, "weight": training.weight}
    outputs = {
        "predictor": workspace.objects.put_folder(predictor.save),
        "prediction": put({"probability": prediction}),
        "training": put(learnt),
    }
    return replace(
        run,
        outputs=outputs | ({"evaluation": put(arrays)} if arrays else {}),
        metrics={"rows": items, **measures},
        environment=environment(workspace.folder),
        cost_usd=run.seconds / 3600 * workspace.settings.cost.machine_usd_per_hour,
    )


def _remembered(workspace: Workspace, run: Run) -> Trained:
    prediction = workspace.objects.get_arrays(run.outputs["prediction"])["probability"]
    return Trained(
        run=run,
        predictor=load(workspace.objects.folder(run.outputs["predictor"])),
        prediction=prediction,
        rows=int(run.metrics["rows"]),
        quality=held_out_quality(workspace, prediction),
        sets=held_out_sets(workspace, prediction),
        cached=True,
    )


def _predict_all(
    workspace: Workspace,
    predictor: Predictor,
    fields: tuple[str, ...],
    total: int,
    progress: Progress,
) -> NDArray[np.float64]:
    """The predictor's probabilities for the first `total` items, read in batches."""
    parts, done = [], 0
    for batch in workspace.items.scan(fields):
        if done >= total:
            break
        wanted = batch.slice(0, total - done)
        parts.append(predictor.predict(pa.Table.from_batches([wanted])))
        done += wanted.num_rows
        progress("predicting", done, total)
    return np.concatenate(parts)
