"""What a project's work came to: reports that write themselves."""

from __future__ import annotations

from dataclasses import dataclass

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
