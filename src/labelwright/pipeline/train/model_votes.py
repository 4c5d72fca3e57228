"""The end model votes in its turn: auto-labelling is voting."""

from __future__ import annotations

import numpy as np

from labelwright.core.ports import EndModel
from labelwright.core.source import Source, SourceKind
from labelwright.endmodels import Targets
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained, cross_fitted
from labelwright.pipeline.vote.active_sources import END_MODEL_SOURCE
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.sources import ballot_of, beliefs_of_items
from labelwright.stores import ballot_rows


def cast_model_votes(
    workspace: Workspace,
    labels: Labels,
    trained: Trained,
    model: EndModel,
    targets: Targets,
    *,
    seed: int = 0,
) -> int:
    """Casts the end model's votes if ``[end_model] votes = true``; gives how many.

    Cross-fitted: no item is judged by a model that learnt from its label. They count from the
    next round on.
    """
    source = Source(END_MODEL_SOURCE, SourceKind.MODEL, version=trained.run.id)
    if not workspace.settings.model_votes or source in workspace.log.sources():
        return 0
    prediction = cross_fitted(workspace, labels, trained, model, targets, seed)
    task = workspace.settings.task
    ballot = ballot_of(beliefs_of_items(prediction, task), task)
    (number,) = workspace.log.register([source])
    everything = np.arange(trained.items)
    workspace.log.append(ballot_rows(ballot, everything, int(number), round_=workspace.round))
    return trained.items
