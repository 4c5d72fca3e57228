"""What a head says before any end model is trained, where class descriptions give it a start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.endmodels import MovingHeads
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import learnable, taught_in_turn
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace


def self_trained(
    workspace: Workspace, labels: Labels, coordinates: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """What a head says of every unit that learnt from descriptions and answers, (units, classes).

    It reads coordinates only, so that it takes a moment. None where descriptions do not speak
    alone anywhere, or nobody knows where items lie.
    """
    if coordinates is None or not labels.units.matrix.described_only.any():
        return None
    try:
        training = learnable(workspace, labels, parts.targets(workspace))
    except NothingToDoError:
        return None
    return MovingHeads(coordinates, labels.units.heads).refit(*taught_in_turn(labels, training))
