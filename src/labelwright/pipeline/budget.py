"""What labels cost: what it will take from here, and what other ways of asking would have."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.pipeline.outlook import TARGET, Outlook, outlook
from labelwright.pipeline.progress import Progress, silent
from labelwright.pipeline.simulate import Plan, Simulation, simulate
from labelwright.pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a project, ``project.budget``.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def outlook(self, target: float = TARGET) -> Outlook:
        """What more answers would bring: have predictions settled, and what a target costs."""
        return outlook(self.workspace, target)

    def simulate(self, plan: Plan | None = None, *, progress: Progress = silent) -> Simulation:
        """What ways of asking would cost, replayed against gold; changes nothing."""
        return simulate(self.workspace, Plan() if plan is None else plan, progress=progress)
