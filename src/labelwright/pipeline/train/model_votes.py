"""The end model votes in its turn: auto-labelling is voting."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from labelwright.core.ports import Ballot, EndModel
from labelwright.core.source import Source, SourceKind
from labelwright.endmodels import Targets
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained, cross_fitted
from labelwright.pipeline.vote.active_sources import END_MODEL_SOURCE
from labelwright.pipeline.workspace.workspace import Workspace
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
    names = pa.array(workspace.settings.task.classes, pa.string())
    ballot = Ballot(
        names.take(pa.array(prediction.argmax(axis=1))),
        confidence=prediction.max(axis=1).astype(np.float32),
    )
    (number,) = workspace.log.register([source])
    everything = np.arange(len(prediction))
    workspace.log.append(ballot_rows(ballot, everything, int(number), round_=workspace.round))
    return len(prediction)
