"""The labels that no person and no gold decided, and how many of them are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.honest_tests import HonestTests, share_right
from labelwright.pipeline.label.label import KnownFit
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.train.joint_labels import posterior_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Estimate


@dataclass(frozen=True, eq=False)
class MachineLabels:
    """What votes of machines and content say. All shapes (items,).

    Attributes:
        answer: canonical, null where no machine says anything.
        confidence: 0 where none does.
        alone: where machines decide and no person or gold has answered.
    """

    answer: pa.StringArray
    confidence: NDArray[np.float64]
    alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StatedQuality:
    """How right the labels are that machines decide alone.

    Attributes:
        auto_labelled: how many there are.
        right: of those tested, how many.
        estimate: of the share of all of them that is right.
        what: what it rests on, in words.
    """

    auto_labelled: int
    right: int
    estimate: Estimate
    what: str

    @property
    def sentence(self) -> str:
        """That in words."""
        found = self.estimate
        if not found.answers:
            return (
                f"Of the {self.auto_labelled:,} auto-labelled items none was audited at random yet."
            )
        return (
            f"Of the {self.auto_labelled:,} auto-labelled items, {found.value:.1%} right (95 % "
            f"interval {found.low:.1%} to {found.high:.1%}), from {found.answers:,} {self.what}."
        )


def machine_labels(
    workspace: Workspace, known: KnownFit, units: Units, votes: Votes
) -> MachineLabels:
    """What the labels would be if nobody had answered, weighed by the fit that stands.

    Args:
        workspace: the project.
        known: the fit.
        units: of the votes that count.
        votes: these.
    """
    human = np.array(
        [one.kind in (SourceKind.PERSON, SourceKind.GOLD) for one in votes.sources], bool
    )
    others = units.without(human)
    posterior = posterior_of(workspace, known, others)
    answers = answers_of(others, posterior, known.fit, workspace.settings.task)
    alone = answers.answer.is_valid().to_numpy(zero_copy_only=False).copy()
    alone[votes.item[human[votes.source]]] = False
    return MachineLabels(answers.answer, answers.confidence, alone)


def stated_quality(machine: MachineLabels, tests: HonestTests) -> StatedQuality:
    """The share of machine labels that is right, by honest tests on which machines say anything."""
    said = machine.answer.is_valid().to_numpy(zero_copy_only=False)
    tests = tests.of_first(len(said))
    tests = tests.where(said[tests.item])
    answers = machine.answer.take(pa.array(tests.item)).to_pylist()
    right = int(tests.right(answers).sum())
    found = share_right(answers, tests)
    return StatedQuality(int(machine.alone.sum()), right, found, tests.what)
