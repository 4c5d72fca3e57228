"""How right labels are where the truth is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.class_balance import believed
from labelwright.pipeline.label.reduce_votes import (
    answers_of,
    classes_of,
    gold_votes,
    last_answers,
    units_of,
)
from labelwright.pipeline.label.votes_that_count import from_gold
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Calibration,
    LabelQuality,
    SetQuality,
    calibration,
    label_quality,
    set_quality,
)
from labelwright.tasks import kind_of

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
    return others, believed(model, fit, others)


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


def judged_sets(workspace: Workspace, said: Answers, among: NDArray[np.bool_]) -> SetQuality | None:
    """How good answers are that are sets of classes; None where no truth is known.

    Args:
        workspace: knows what gold says.
        said: of the first so many items.
        among: which of these are looked at, shape (items,).
    """
    task = workspace.settings.task
    gold = gold_votes(workspace)
    answer = last_answers(gold, np.ones(len(gold.item), bool)).answer[: len(among)]
    known = np.flatnonzero(
        np.asarray(answer.is_valid()) & np.asarray(said.answer.is_valid()) & among
    )
    if not len(known):
        return None
    ours = Answers(said.answer.take(pa.array(known)), said.confidence[known])
    truth = Answers(answer.take(pa.array(known)), np.ones(len(known)))
    judgement = kind_of(task).judge(ours, truth, task)
    questions = int((classes_of(truth.answer, task) >= 0).sum())
    return set_quality(judgement, np.arange(len(known)), questions)


def judged_as_sets(
    workspace: Workspace, ungilded: tuple[Units, Posterior] | None, fit: LabelModelFit
) -> SetQuality | None:
    """How good labels are as sets of classes; None where answers are no sets, or no truth is known.

    Args:
        workspace: the project.
        ungilded: the units without gold's votes, and what is believed of them.
        fit: how good each source is.
    """
    if ungilded is None or ungilded[0].single or not ungilded[0].heads:
        return None
    units, posterior = ungilded
    said = answers_of(units, posterior, fit, workspace.settings.task)
    return judged_sets(workspace, said, np.ones(units.items, bool))
