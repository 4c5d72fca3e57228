"""Runs as MLflow shows them; the only file that knows MLflow's client (extra ``mlflow``)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.core.errors import MissingExtraError, StorageError
from labelwright.core.identity import digest
from labelwright.core.record import Run
from labelwright.core.tracking import TrackedModel

MOST_METRICS = 1000
MOST_PARAMS = 100
LONGEST_PARAM = 6000
"""What one request to an MLflow server may hold."""
KEY = "labelwright.run"
RECORD = "labelwright.record"


@dataclass(frozen=True)
class MlflowTracker:
    """Writes a run in a few requests: measures and settings together, then its files.

    Attributes:
        folder: beside the project: where the database and the files are if `uri` names no other.
        uri: of a tracking server or database; empty for SQLite in the folder.
    """

    folder: Path
    uri: str = ""
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def address(self) -> str:
        """Where runs go."""
        return self.uri or f"sqlite:///{(self.folder / 'mlflow.sqlite').absolute()}"

    def log(
        self, experiment: str, run: Run, evaluation: Mapping[str, Any], model: TrackedModel | None
    ) -> str:
        """MLflow's id of the run; one that is there already is not written again.

        Args:
            experiment: under which name it is shown, and its model registered.
            run: what to show.
            evaluation: arrays that become files of JSON.
            model: what the run trained; None if nothing.

        Raises:
            MissingExtraError: MLflow is not installed.
            StorageError: the server or database cannot be used.
        """
        client = self._client()
        from mlflow.exceptions import MlflowException

        try:
            return self._logged(client, experiment, run, evaluation, model)
        except (MlflowException, OSError) as error:
            raise StorageError(f"MLflow at {self.address} cannot be used: {error}") from error

    def _client(self) -> Any:
        """One client a tracker: the first one takes ten seconds to make its tables."""
        # Nothing about our users goes to anybody unless they say so.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise MissingExtraError(error.name or "mlflow", "mlflow", "tracking runs") from error
        if "it" not in self._clients:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clients["it"] = MlflowClient(self.address, registry_uri=self.address)
        return self._clients["it"]

    def _logged(
        self,
        client: Any,
        experiment: str,
        run: Run,
        evaluation: Mapping[str, Any],
        model: TrackedModel | None,
    ) -> str:
        where = self._experiment(client, experiment)
        # Not when it started: a run that is used again is on record as the latest.
        record = digest((run.id, run.outputs, run.seconds))
        wanted = f"tags.`{RECORD}` = '{record}'"
        known = client.search_runs([where], wanted, max_results=1)
        if known:
            found: str = known[0].info.run_id
            return found
        start = _milliseconds(run.started)
        made = client.create_run(where, start_time=start, run_name=run.id[:12])
        id_: str = made.info.run_id
        self._log_numbers(client, id_, run, start)
        if evaluation:
            plain = {name: np.asarray(value).tolist() for name, value in evaluation.items()}
            client.log_dict(id_, plain, "evaluation.json")
        if model is not None:
            self._log_model(client, id_, experiment, run, model)
        # Last: what was cut short is written anew the next time.
        client.set_tag(id_, RECORD, record)
        client.set_terminated(id_, end_time=start + int(run.seconds * 1000))
        return id_

    def _experiment(self, client: Any, name: str) -> str:
        known = client.get_experiment_by_name(name)
        if known is not None:
            return str(known.experiment_id)
        files = None if self.uri else (self.folder / "mlflow-files").absolute().as_uri()
        return str(client.create_experiment(name, artifact_location=files))

    def _log_numbers(self, client: Any, id_: str, run: Run, at: int) -> None:
        """Measures, settings, environment and the data set, in as few requests as may be."""
        from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

        measured = {**run.metrics, "seconds": run.seconds, "cost_usd": run.cost_usd}
        metrics = [Metric(name, float(measured[key]), at, 0) for name, key in _named(measured)]
        settings = dict(_flat({**run.settings, "seed": run.seed}))
        params = [Param(name, str(settings[key])[:LONGEST_PARAM]) for name, key in _named(settings)]
        tags = [RunTag(KEY, run.id), RunTag("step", run.step)]
        tags += [RunTag(f"environment.{name}", value) for name, value in run.environment.items()]
        client.log_batch(id_, metrics[:MOST_METRICS], params[:MOST_PARAMS], tags)
        for rest in _pieces(metrics[MOST_METRICS:], MOST_METRICS):
            client.log_batch(id_, metrics=rest)
        for rest in _pieces(params[MOST_PARAMS:], MOST_PARAMS):
            client.log_batch(id_, params=rest)
        source = json.dumps(dict(run.inputs), default=str)
        learnt = json.dumps({"num_rows": int(run.metrics.get("rows", 0))})
        data = Dataset(
            "labels", str(run.inputs["labels"])[:36], "labelwright", source, None, learnt
        )
        client.log_inputs(
            id_, datasets=[DatasetInput(data, [InputTag("mlflow.data.context", "training")])]
        )

    def _log_model(
        self, client: Any, id_: str, experiment: str, run: Run, model: TrackedModel
    ) -> None:
        """The predictor's files and what MLflow needs to load and to check them; no pickle."""
        from mlflow.exceptions import MlflowException
        from mlflow.version import VERSION

        client.log_artifacts(id_, str(model.folder), "model/predictor")
        client.log_text(id_, json.dumps(list(model.gives)), "model/classes.json")
        described = {
            "artifact_path": "model",
            "flavors": {
                "python_function": {
                    "loader_module": model.loader,
                    "data": "predictor",
                    "python_version": run.environment.get("python", ""),
                }
            },
            "mlflow_version": VERSION,
            "model_uuid": run.id,
            "run_id": id_,
            "signature": {
                "inputs": json.dumps(_columns(model.reads)),
                "outputs": json.dumps(_columns(model.gives)),
                "params": None,
            },
            "utc_time_created": run.started[:26].replace("T", " "),
        }
        # What is JSON is YAML too, but MLflow writes dictionaries as the name's ending says.
        client.log_text(id_, json.dumps(described, indent=1), "model/MLmodel")
        name = _name(experiment)
        try:
            client.get_registered_model(name)
        except MlflowException:
            client.create_registered_model(name)
        place = client.get_run(id_).info.artifact_uri
        version = client.create_model_version(name, f"{place}/model", id_)
        client.set_registered_model_alias(name, model.stage, version.version)


def _columns(types: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "type": kind, "required": False} for name, kind in types.items()]


def _named(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A name that MLflow takes for each key, no two alike, with the key."""
    taken: set[str] = set()
    for key in values:
        name = plain = _name(key)
        again = len(taken)
        while name in taken:
            name, again = f"{plain}_{again}", again + 1
        taken.add(name)
        yield name, key


def _name(text: str) -> str:
    """The text with no character that MLflow refuses in a name."""
    return re.sub(r"[^A-Za-z0-9_\-. /]", "_", text).strip(" ./")[:250] or "_"


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _pieces(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _milliseconds(started: str) -> int:
    return int(datetime.fromisoformat(started).timestamp() * 1000)
