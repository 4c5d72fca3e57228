"""What was computed: a run is found again by what went in."""

from __future__ import annotations

from pathlib import Path

from labelwright.core.record import Run
from labelwright.stores.record_files import RecordFiles


class Runs:
    """The runs of a project, one JSON file each.

    Attributes:
        folder: must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = RecordFiles(folder, Run)

    def record(self, run: Run) -> None:
        """Keeps the run; a repetition replaces it.

        Raises:
            DataError: its inputs or settings cannot be written as JSON.
            StorageError: the disk is full or read-only.
        """
        self._files.write(run)

    def find(self, id_: str) -> Run | None:
        """The run with this id (same step, inputs, settings and seed), None if there is none."""
        return self._files.read(id_)

    def latest(self, step: str) -> Run | None:
        """The run of this step that started last, None if there is none."""
        return max(self.list(step), key=lambda run: run.started, default=None)

    def list(self, step: str | None = None) -> list[Run]:
        """The runs (of one step), in the order in which they started."""
        runs = [run for run in self._files.all() if step in (None, run.step)]
        return sorted(runs, key=lambda run: (run.started, run.id))
