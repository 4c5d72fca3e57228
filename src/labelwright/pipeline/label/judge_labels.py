"""How right labels are where the truth is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.reduce_votes import gold_votes, units_of
from labelwright.pipeline.label.votes_that_count import from_gold
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Calibration, LabelQuality, calibration, label_quality

Quality = tuple[LabelQuality | None, Calibration | None]


def truth_of_heads(workspace: Workspace) -> NDArray[np.int64]:
    """What gold says of every unit, -1 where it says nothing or the item is set aside.

    For measuring predictions: of kinds whose items all have the same units. Where units are found
    in the votes, ask the units of the labels for their `truth`.
    """
    gold = gold_votes(workspace)
    return units_of(gold, workspace.settings.task, guests=gold).truth


def without_gold(
    units: Units, votes: Votes, model: LabelModel, fit: LabelModelFit
) -> tuple[Units, Posterior] | None:
    """The units without gold's votes, and what the fit makes of them; None without any truth."""
    if not np.any(units.truth >= 0):
        return None
    others = units.without(from_gold(votes))
    return others, model.posterior(fit, others.matrix)


def judge_labels(ungilded: tuple[Units, Posterior] | None) -> Quality:
    """How right labels are, and what confidences mean, gold having no say in them.

    None where no truth is known.
    """
    return (None, None) if ungilded is None else held_against_truth(*ungilded)


def held_against_truth(units: Units, posterior: Posterior) -> Quality:
    """How right labels are, and what confidences mean, on labelled units of known truth."""
    truth = units.truth
    known = (truth >= 0) & posterior.covered
    if not known.any():
        return None, None
    held = posterior.probability[known], truth[known]
    return label_quality(*held), calibration(*held, np.random.default_rng(0))
