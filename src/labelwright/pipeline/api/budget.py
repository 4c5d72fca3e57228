"""What labels cost: what it will take from here, and what other ways of asking would have."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.pipeline.ask.next_questions import labels_or_guesses
from labelwright.pipeline.label.random_first import RandomFirst, random_first
from labelwright.pipeline.plan.forecast import TARGET, AnswersOutlook, outlook
from labelwright.pipeline.plan.simulate import Simulation, SimulationPlan, simulate
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a project, ``project.budget``.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def outlook(self, target: float = TARGET) -> AnswersOutlook:
        """What more answers would bring: have predictions settled, and what a target costs."""
        return outlook(self.workspace, target)

    def random_first(self) -> RandomFirst:
        """How many of the next questions are drawn at random, and why.

        None once it is known how frequent each class is; until then items on which nobody voted
        have no label.
        """
        return random_first(labels_or_guesses(self.workspace))

    def simulate(
        self, plan: SimulationPlan | None = None, *, progress: Progress = silent
    ) -> Simulation:
        """What ways of asking would cost, replayed against gold; changes nothing."""
        return simulate(
            self.workspace, SimulationPlan() if plan is None else plan, progress=progress
        )
