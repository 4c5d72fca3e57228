"""How good each source is: one number, whoever asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.pipeline.label.class_balance import told_at_random
from labelwright.pipeline.label.experts import is_vouched
from labelwright.pipeline.label.incremental import state_key
from labelwright.pipeline.label.label import KnownFit
from labelwright.pipeline.label.reduce_votes import reduced
from labelwright.pipeline.label.votes_that_count import votes_for_labels
from labelwright.pipeline.vote.active_sources import Active
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import source_report

_NAME = "source accuracies"


def accuracies_on_record(workspace: Workspace, known: KnownFit) -> NDArray[np.float64]:
    """The accuracy of each source of the fit, as the report of the sources has it. (sources,).

    Without gold, and people taken at their word, that is what the label model says. With them all
    votes have to be read once for every state of the project; what came out is kept.
    """
    gold = any(source.kind is SourceKind.GOLD for source in workspace.log.sources())
    if not gold and not any(map(is_vouched, known.active.sources)):
        return known.fit.accuracy
    about = {"fit": known.fit.id, "state": state_key(workspace, known.active)}
    kept = workspace.cache.get(_NAME) if workspace.cache.about(_NAME) == about else None
    if kept is not None:
        return kept.arrays["accuracy"]
    votes = votes_for_labels(workspace, known.active)
    units = reduced(workspace, votes)
    posterior = known.model.posterior(known.fit, units.matrix)
    found = accuracies(
        known.active, units, known.fit, posterior, told_at_random(workspace, votes, units)
    )
    workspace.cache.put(_NAME, about, {"accuracy": found})
    return found


def accuracies(
    active: Active,
    units: Units,
    fit: LabelModelFit,
    posterior: Posterior,
    told: NDArray[np.int64],
) -> NDArray[np.float64]:
    """What the label model says of each source and what was verified, together. (sources,).

    Args:
        active: the sources.
        units: their votes.
        fit: what the label model learnt.
        posterior: what it makes of the units.
        told: what was answered at random, see `told_at_random`.
    """
    report = source_report(
        units.matrix,
        names=[source.name for source in active.sources],
        classes=units.class_names,
        fit=fit,
        posterior=posterior,
        gold=units.truth,
        told=told,
    )
    return report.accuracy
