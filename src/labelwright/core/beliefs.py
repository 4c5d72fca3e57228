"""What is believed of the units of items: what a label model and an end model both give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Beliefs:
    """Probabilities of the classes of units, and what the units are.

    Attributes:
        item: the position of the item that each unit belongs to, rising, shape (units,).
        items: how many items there are.
        probability: shape (units, classes), rows sum to 1.
        class_names: the classes of the units, which need not be those of the task.
        covered: whether there is evidence on the unit, shape (units,).
        key: what the unit is inside its item, read by its own kind alone; None where the unit is
            the item.
        trust: how often each source that the keys name is right, shape (sources,); None where no
            source is named. A kind that merges places weighs by it.
    """

    item: NDArray[np.int64]
    items: int
    probability: NDArray[np.float64]
    class_names: tuple[str, ...]
    covered: NDArray[np.bool_]
    key: pa.Array | None = None
    trust: NDArray[np.float64] | None = None

    @property
    def label(self) -> NDArray[np.int64]:
        """The most probable class of every unit; of equals the first. Shape (units,)."""
        return self.probability.argmax(axis=1)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of that class, shape (units,)."""
        best: NDArray[np.float64] = self.probability.max(axis=1)
        return best
