"""What a project's work came to: reports that write themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labelwright.pipeline.cards.report import Report, report
from labelwright.pipeline.progress import Progress, silent
from labelwright.pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Experiments:
    """The facet of a project that tells what was done and what came out.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def report(self, *, checks: bool = True, progress: Progress = silent) -> Report:
        """The card of the data, the card of the model, and what changed; `Report.write` keeps it.

        Args:
            checks: whether to look at every item as `check` does.
            progress: is told how far it is.
        """
        return report(self.workspace, checks=checks, progress=progress)

    def write_report(
        self, path: str | Path, format_: str | None = None, *, checks: bool = True
    ) -> Report:
        """Writes the report; the ending of the name chooses the format unless `format_` does."""
        found = self.report(checks=checks)
        found.write(path, format_)
        return found
