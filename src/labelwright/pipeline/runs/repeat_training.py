"""A training done again with the same inputs: does the same come out, and if not, why?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.errors import DataError
from labelwright.core.record import Run
from labelwright.pipeline.runs.compare_runs import Measured, RunDifference, differences, measures
from labelwright.pipeline.train.evaluation import evaluated
from labelwright.pipeline.train.train import fitted, taught
from labelwright.pipeline.workspace.environment import environment
from labelwright.pipeline.workspace.parts import end_model_of
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace

NEARLY = 1e-6
"""Probabilities that differ by less are the same but for the order of sums."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """What came out when a run was done again.

    Attributes:
        run: the id of the run.
        again: the id of the repetition's own record.
        identical: whether all predictions are the same to the last bit.
        largest: the largest difference of a probability.
        changed: on how many items another answer is most probable.
        items: of how many.
        measures: of both, on what is known today.
        environment: what differs in code, libraries and machine.
        explanation: why results differ, or that they do not.
    """

    run: str
    again: str
    identical: bool
    largest: float
    changed: int
    items: int
    measures: tuple[Measured, ...]
    environment: tuple[RunDifference, ...]
    explanation: tuple[str, ...]


def repeat(workspace: Workspace, run: Run, *, progress: Progress = silent) -> Repetition:
    """Trains again on what the run learnt from, with its settings and seed, and compares.

    The run stays on record as it is; the repetition gets a record of its own.

    Raises:
        DataError: it is no training, or of other classes than the task has now.
        NothingToDoError: an older release recorded it, without what it learnt from.
    """
    classes = list(workspace.settings.task.classes)
    if run.step != "train" or run.inputs.get("classes") != classes:
        raise DataError(
            f"the run {run.id[:12]} is a {run.step!r} of the classes "
            f"{run.inputs.get('classes')}; only a training of the task's classes can be repeated"
        )
    training = taught(workspace, run)
    before = workspace.objects.get_arrays(run.outputs["prediction"])["probability"]
    model = end_model_of(run.settings)
    record = Run(step="repeat", inputs={"run": run.id}, settings=run.settings, seed=run.seed)
    with workspace.timed(record) as finished:
        items = int(run.inputs["items"])
        _, now = fitted(workspace, model, training, items, seed=run.seed, progress=progress)
        prediction = workspace.objects.put_arrays({"probability": now})
        again = finished(
            outputs={"prediction": prediction},
            metrics={"rows": run.metrics["rows"], **evaluated(workspace, now)[0]},
            environment=environment(workspace.folder),
        )
    # Each repetition has a record of its own.
    again = replace(again, inputs={"run": run.id, "started": again.started})
    workspace.runs.record(again)
    # The truth may be known of more items today: both are measured on the same.
    measured = replace(
        run, metrics={"rows": run.metrics["rows"], **evaluated(workspace, before)[0]}
    )
    other = differences(run.environment, again.environment)
    largest = float(np.abs(before - now).max(initial=0.0))
    other_class = (before.argmax(axis=1) != now.argmax(axis=1)).reshape(items, -1)
    changed = int(other_class.any(axis=1).sum())
    identical = prediction == run.outputs["prediction"]
    return Repetition(
        run=run.id,
        again=again.id,
        identical=identical,
        largest=largest,
        changed=changed,
        items=items,
        measures=measures(measured, again),
        environment=other,
        explanation=tuple(_explained(identical, largest, run, other)),
    )


def _explained(
    identical: bool, largest: float, run: Run, other: tuple[RunDifference, ...]
) -> list[str]:
    if identical:
        return ["the same inputs, settings and seed gave the same predictions to the last bit"]
    said = []
    if largest < NEARLY:
        said.append(
            f"probabilities differ by at most {largest:.1g}: sums were taken in another order, as "
            "other libraries, processors and numbers of threads do"
        )
    if other:
        names = ", ".join(f"{one.name} {one.first} -> {one.second}" for one in other)
        said.append(f"where it ran differs: {names}")
    if run.environment.get("dirty") == "yes":
        said.append(
            f"files had changed since commit {run.environment['commit'][:12]} when the run was "
            "made, so its code may have been another"
        )
    if not said:
        said.append(
            "inputs, settings, seed, libraries and machine are the same: the end model is not "
            "deterministic, or its code was changed"
        )
    return said
