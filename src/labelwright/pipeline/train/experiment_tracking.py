"""Runs shown in MLflow, beside the record that the project keeps."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pyarrow as pa

from labelwright.core.ports import Tracker
from labelwright.core.record import Run
from labelwright.core.tracking import TrackedModel
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import MlflowTracker

LOADER = "labelwright.compat.mlflow"
STAGE = "current"
"""What the registry calls the model by default; MLflow keeps the name "latest" for itself."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """A run that is shown: its own id, that of the tracker, and where that is."""

    run: str
    id: str
    address: str


def tracker_of(workspace: Workspace) -> Tracker:
    """MLflow at the address of ``[tracking]``, of `MLFLOW_TRACKING_URI`, or beside the project."""
    uri = workspace.settings.tracking.uri or os.environ.get("MLFLOW_TRACKING_URI", "")
    return MlflowTracker(workspace.layout.root, uri)


def track(
    workspace: Workspace, run: Run, *, stage: str = STAGE, tracker: Tracker | None = None
) -> Tracked:
    """Shows a training in the tracker; one that is there already stays as it is.

    Args:
        workspace: the project.
        run: a training.
        stage: what the registry is to call its model.
        tracker: by default that of the settings.

    Raises:
        MissingExtraError: MLflow is not installed.
        StorageError: it cannot be reached.
    """
    tracker = tracker_of(workspace) if tracker is None else tracker
    stored = run.outputs.get("evaluation")
    evaluation = {} if stored is None else workspace.objects.get_arrays(stored)
    model = TrackedModel(
        folder=workspace.objects.folder(run.outputs["predictor"]),
        loader=LOADER,
        reads=_types(workspace, run),
        gives=dict.fromkeys(map(str, run.inputs["classes"]), "double"),
        stage=stage,
    )
    made = tracker.log(workspace.settings.name, run, evaluation, model)
    return Tracked(run.id, made, tracker.address)


def _types(workspace: Workspace, run: Run) -> dict[str, str]:
    """What the model reads, in MLflow's words."""
    schema = workspace.items.schema()
    return {name: _type(schema.field(name).type) for name in run.inputs["fields"]}


def _type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "long"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "binary" if pa.types.is_large_binary(kind) else "string"
