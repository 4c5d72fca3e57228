"""How right labels are where the truth is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.experts import units_of
from labelwright.pipeline.label.votes_that_count import (
    _from_gold,
    without,
)
from labelwright.pipeline.vote.active_sources import Active
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, calibration, label_quality
from labelwright.tasks import kind_of


def truth_units(workspace: Workspace, task: Task) -> NDArray[np.int64]:
    """What gold says of every unit, -1 where it says nothing or the item is set aside.

    Held-out items are included. Only for measuring: it is never an input of the label model or
    of training.
    """
    everyone = workspace.log.sources()
    numbers = [n for n, source in enumerate(everyone) if source.kind is SourceKind.GOLD]
    gold = Active(np.array(numbers, np.int32), tuple(everyone[n] for n in numbers))
    votes = workspace.in_force(gold.numbers, gold.sources)
    votes = without(votes, workspace.set_aside.mask(votes.items)[votes.item])
    matrix = kind_of(task.kind).decompose(votes, task).matrix
    truth = np.full(matrix.units, -1, np.int64)
    whole = matrix.voted & (matrix.label < matrix.classes)
    truth[matrix.unit[whole]] = matrix.label[whole]
    return truth


def judged(
    workspace: Workspace, model: LabelModel, fit: LabelModelFit, votes: Votes
) -> tuple[LabelQuality | None, Calibration | None]:
    """How right labels are, and what confidences mean, where the truth is known.

    Gold's own votes have no say. None where no truth is known.
    """
    return _judged(workspace, _ungilded(workspace, model, fit, votes))


def _ungilded(
    workspace: Workspace, model: LabelModel, fit: LabelModelFit, votes: Votes
) -> tuple[Units, Posterior] | None:
    """The votes but gold's, and what the fit makes of them, if there is a truth to hold against."""
    task = workspace.settings.task
    if not np.any(truth_units(workspace, task) >= 0):
        return None
    units = units_of(without(votes, _from_gold(votes)[votes.source]), task)
    return units, model.posterior(fit, units.matrix)


def _judged(
    workspace: Workspace, ungilded: tuple[Units, Posterior] | None
) -> tuple[LabelQuality | None, Calibration | None]:
    if ungilded is None:
        return None, None
    return held_against_truth(workspace, ungilded[1])


def held_against_truth(
    workspace: Workspace, posterior: Posterior
) -> tuple[LabelQuality | None, Calibration | None]:
    """How right labels are, and what confidences mean, on labelled units of known truth."""
    truth = truth_units(workspace, workspace.settings.task)
    known = (truth >= 0) & posterior.covered
    if not known.any():
        return None, None
    held = posterior.probability[known], truth[known]
    return label_quality(*held), calibration(*held, np.random.default_rng(0))
