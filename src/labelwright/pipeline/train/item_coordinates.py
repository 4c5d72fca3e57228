"""Where items lie: coordinates in which near means alike, for the queue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.ports import EndModel
from labelwright.core.record import Run
from labelwright.endmodels import coordinates
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.workspace import Workspace

MAX_ITEMS = 200_000
"""Above this many items placing all of them takes longer than the better questions are worth."""


def item_coordinates(workspace: Workspace, model: EndModel) -> NDArray[np.float32] | None:
    """Coordinates of all items from the end model's own features, shape (items, dimensions).

    Computed once for the same items and model. None where the model has no features (boosted
    trees) or there are too many items.
    """
    count = workspace.items.count()
    if not hasattr(model, "features") or not 0 < count <= MAX_ITEMS:
        return None
    run = Run(
        step="coordinates",
        inputs={"items": count},
        settings=described(model),
    )
    known = workspace.done(run.id)
    if known is not None:
        return workspace.objects.get_arrays(known.outputs["coordinates"])["coordinates"]
    with workspace.timed(run) as finished:
        items = workspace.items.take(np.arange(count), model.fields)
        placed = coordinates(items, model)  # type: ignore[arg-type] # has features, see above
        stored = workspace.objects.put_arrays({"coordinates": placed})
        workspace.runs.record(finished(outputs={"coordinates": stored}))
    return placed
