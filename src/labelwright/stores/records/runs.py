"""What was computed: a run is found again by what went in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from labelwright.core.record import Run
from labelwright.stores.records.record_files import RecordFiles

CLOCK_STEP_S = 60.0
"""So far may the clock of the disk be from that of the program."""


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
        """The run of this step that started last, None if there is none.

        Reads few files: one is written when its run ended, so those written last come first, and
        a run that started after the best so far was written after that one's start.
        """
        best: Run | None = None
        for id_, written in self._files.newest():
            if best is not None and written + CLOCK_STEP_S < _seconds(best.started):
                break
            run = self._files.read(id_)
            if (
                run is not None
                and run.step == step
                and (best is None or run.started > best.started)
            ):
                best = run
        return best

    def list(self, step: str | None = None) -> list[Run]:
        """The runs (of one step), in the order in which they started."""
        runs = [run for run in self._files.all() if step in (None, run.step)]
        return sorted(runs, key=lambda run: (run.started, run.id))


def _seconds(started: str) -> float:
    """An ISO time as seconds since 1970; 0 if it is none."""
    try:
        return datetime.fromisoformat(started).timestamp()
    except ValueError:
        return 0.0
