"""What was done in a project and what came out: runs, and reports that write themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.record import Run
from labelwright.pipeline.report.report import Report, report
from labelwright.pipeline.runs.compare_runs import RunComparison, compared, find_run
from labelwright.pipeline.runs.repeat_training import Repetition, repeat
from labelwright.pipeline.train.contradicted_labels import check_learnt
from labelwright.pipeline.train.experiment_tracking import STAGE, Tracked, track
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class RunDetail:
    """A run with what it made.

    Attributes:
        run: as it was recorded.
        versions: the ids of the versions that hold it.
        classes: of its confusion.
        evaluation: its arrays: ``confusion`` (true class by given class), and of the calibration
            curve ``confidence``, ``right`` and ``count``; empty without test items.
    """

    run: Run
    versions: tuple[str, ...]
    classes: tuple[str, ...]
    evaluation: dict[str, NDArray[np.generic]]

    def to_dict(self) -> dict[str, Any]:
        """All of it, as `print_json` takes it."""
        return {
            "run": self.run,
            "versions": self.versions,
            "classes": self.classes,
            "evaluation": self.evaluation,
        }


@dataclass(frozen=True, slots=True)
class Experiments:
    """The facet of a project that tells what was done and what came out.

    A run is named by its id, by the start of it, or by its step for the latest one.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def runs(self, step: str | None = "train") -> list[Run]:
        """The runs of a step, by default trainings, in the order of their start; None for all."""
        return self.workspace.runs.list(step)

    def show(self, run: str) -> RunDetail:
        """A run with what it made.

        Raises:
            UnknownNameError: there is no such run.
        """
        found = find_run(self.workspace, run)
        stored = found.outputs.get("evaluation")
        return RunDetail(
            run=found,
            versions=tuple(
                version.id
                for version in self.workspace.versions.list()
                if found.id in version.runs.values()
            ),
            classes=tuple(found.inputs.get("classes", ())),
            evaluation={} if stored is None else self.workspace.objects.get_arrays(stored),
        )

    def compare(self, first: str, second: str) -> RunComparison:
        """What differs between two runs, in what went in and in what came out.

        Raises:
            UnknownNameError: there is no such run.
        """
        return compared(
            self.workspace, find_run(self.workspace, first), find_run(self.workspace, second)
        )

    def repeat(self, run: str = "train", *, progress: Progress = silent) -> Repetition:
        """Trains again on what a run learnt from, and tells whether the same comes out.

        Raises:
            UnknownNameError: there is no such run.
            DataError: it is no training, or of other classes than the task has now.
        """
        with self.workspace.writing():
            return repeat(self.workspace, find_run(self.workspace, run), progress=progress)

    def track(self, run: str = "train", *, stage: str = STAGE, anyway: bool = False) -> Tracked:
        """Shows a training in MLflow (extra ``mlflow``), its model in the registry.

        It stays as it is where it is shown already. The registry calls the newest version of the
        model `stage`, such as ``latest`` or ``champion``.

        Raises:
            ContradictedError: it learnt from labels that known truth contradicts, and it is not
                to be shown `anyway`.
            UnknownNameError: there is no such run.
            DataError: it is no training.
            MissingExtraError: MLflow is not installed.
            StorageError: it cannot be reached.
        """
        found = find_run(self.workspace, run)
        if found.step != "train":
            raise DataError(
                f"the run {found.id[:12]} is a {found.step!r}; only trainings are shown"
            )
        check_learnt(found, anyway=anyway)
        return track(self.workspace, found, stage=stage)

    def report(self, *, checks: bool = True, progress: Progress = silent) -> Report:
        """The card of the data, the card of the model, and what changed; `Report.write` keeps it.

        Args:
            checks: whether to look at every item as `check` does.
            progress: is told how far it is.
        """
        return report(self.workspace, checks=checks, progress=progress)
