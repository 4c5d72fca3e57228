"""The people of a project: how they stand, what they are told, what they are forgiven."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.core.votes import Vote
from labelwright.pipeline.ask.crowd_report import CrowdReport, crowd_report, forgive, verdict
from labelwright.pipeline.ask.next_questions import labels_or_guesses
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Team:
    """The people of a project, ``project.crowd``.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def report(self) -> CrowdReport:
        """How people stand and agree, and how many more answers are wanted."""
        return crowd_report(self.workspace, labels_or_guesses(self.workspace))

    def verdict(self, vote: Vote) -> str:
        """Why the answer to a hidden test question was wrong; empty if it was not, or none."""
        return verdict(self.workspace, vote.item, vote.answer)

    def forgive(self, item: str, person: str | None = None, *, note: str = "") -> bool:
        """Takes a contested test answer out of trust, or with no person the whole question."""
        with self.workspace.writing():
            return forgive(self.workspace, item, person, note=note)
