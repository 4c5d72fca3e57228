"""What comes after a training set: `project.drift`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import time

from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.watch.drift import DriftReport, drift
from labelwright.pipeline.watch.model_gate import GateReport, gate
from labelwright.pipeline.watch.remote_folder import at_hand
from labelwright.pipeline.watch.watch_folder import WatchReport, watch
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Drift:
    """Keeps a project fit as items arrive.

    Attributes:
        workspace: of the project.

    Example:
        >>> report = project.drift.report()  # doctest: +SKIP
        >>> [shift.told for shift in report.shifts if shift.drifted]  # doctest: +SKIP
    """

    workspace: Workspace

    def report(
        self,
        against: str | None = None,
        *,
        before: int | None = None,
        seed: int = 0,
        progress: Progress = silent,
    ) -> DriftReport:
        """Tests whether the items that came since differ from those before.

        Args:
            against: a version; what came after it is new. By default the newest version that has
                fewer items than there are now, else the items before the last import.
            before: how many items there were before, instead of a version.
            seed: of the samples and permutations.
            progress: is told how far it is.
        """
        with self.workspace.writing():
            collect_answers(self.workspace)
            return drift(
                self.workspace, against=against, before=before, seed=seed, progress=progress
            )

    def gate(
        self, run: str | None = None, *, anyway: str = "", publish: bool = True, seed: int = 0
    ) -> GateReport:
        """Publishes a model unless the honest test slice speaks against it.

        The published model is the one that `predict` uses. One that is refused stays on record.

        Args:
            run: the start of the id of the run that trained it; by default the latest.
            anyway: a reason to publish it whatever the test slice says, as for going back.
            publish: False only compares.
            seed: of the bootstrap.

        Raises:
            ContradictedError: it learnt from labels that known truth contradicts, and no reason
                to publish it anyway is given.
        """
        with self.workspace.writing():
            return gate(self.workspace, run=run, anyway=anyway, publish=publish, seed=seed)

    def watch(
        self,
        folder: str | Path,
        *,
        predictions: str | Path | None = None,
        seed: int = 0,
        progress: Progress = silent,
    ) -> WatchReport:
        """Looks once at a folder, imports what arrived, and does all that follows.

        Votes, labels, tests for drift, trains where a rule of ``[watch]`` says so, asks the gate,
        and predicts what is new. Call it again and again, or run `labelwright watch`. Runs the
        code in `sources.py`.

        Args:
            folder: where files arrive; or an address such as ``s3://bucket/folder``.
            predictions: a folder for what the published model says of new items, a Parquet file
                a look.
            seed: of training, samples and permutations.
            progress: is told how far it is.
        """
        to = None if predictions is None else Path(predictions)
        with self.workspace.writing(), at_hand(self.workspace, str(folder)) as here:
            return watch(self.workspace, here, time(), predictions=to, seed=seed, progress=progress)
