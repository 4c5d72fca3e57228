"""What a unit of boxes is: the boxes of its group with their sources; null for the ground.

The boxes that an end model finds are units of one source, itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelwright.tasks.boxes.answer_form import STEPS
from labelwright.tasks.boxes.overlap import Floats, Ints

NOBODY = -1
"""Who drew the boxes of guests: no source of the fit."""


class KeyBoxes(NamedTuple):
    """The boxes that keys hold, a row a box, sorted by unit.

    Attributes:
        unit: the position of the unit.
        source: the position of the source, `NOBODY` for guests.
        place: x0, y0, x1, y1 in steps of the grid, shape (boxes, 4).
    """

    unit: Ints
    source: Ints
    place: Floats

    def only(self, rows: Ints) -> KeyBoxes:
        """These of the boxes."""
        return KeyBoxes(self.unit[rows], self.source[rows], self.place[rows])


def keys_of(units: int, unit: Ints, source: Ints, place: Floats) -> pa.ListArray:
    """One key a unit: a list of structs with `source` (null for guests) and `box` in pixels."""
    order = np.lexsort((*place.T[::-1], source, unit))
    count = np.bincount(unit, minlength=units)
    offsets = np.append(0, np.cumsum(count)).astype(np.int32)
    numbers = pa.array((place[order] / STEPS).astype(np.float32).ravel())
    source = source[order].astype(np.int32)
    boxes = pa.StructArray.from_arrays(
        [
            pa.array(source, mask=source == NOBODY),
            pa.FixedSizeListArray.from_arrays(numbers, 4),
        ],
        ["source", "box"],
    )
    return pa.ListArray.from_arrays(pa.array(offsets), boxes, mask=pa.array(count == 0))


def key_boxes(key: pa.ListArray) -> KeyBoxes:
    """The boxes in keys."""
    count = pc.fill_null(pc.list_value_length(key), 0).to_numpy()
    boxes = pc.list_flatten(key)
    source = pc.fill_null(boxes.field("source"), NOBODY).to_numpy().astype(np.int64)
    numbers = pc.list_flatten(boxes.field("box")).to_numpy().astype(np.float64)
    return KeyBoxes(
        np.repeat(np.arange(len(key)), count),
        source,
        np.rint(numbers.reshape(-1, 4) * STEPS),
    )


def mean_places(boxes: KeyBoxes, units: int, weight: Floats) -> Floats:
    """The mean place of every unit in steps of the grid, NaN where it has no box. (units, 4).

    Args:
        boxes: of the units.
        units: how many there are.
        weight: of each box, above 0.
    """
    total = np.bincount(boxes.unit, weight, units)
    sums = [np.bincount(boxes.unit, weight * side, units) for side in boxes.place.T]
    mean: Floats = np.full((units, 4), np.nan)
    np.divide(np.column_stack(sums), total[:, None], out=mean, where=total[:, None] > 0)
    return mean
