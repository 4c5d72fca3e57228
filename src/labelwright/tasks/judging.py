"""What kinds share when they hold answers against each other."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.units import Answers


def same_text(one: Answers, other: Answers) -> NDArray[np.float64]:
    """1 where the canonical texts are the same, else 0; NaN where one is unknown. (items,)."""
    same = pc.equal(one.answer, other.answer).cast("double")
    return same.to_numpy(zero_copy_only=False).astype(np.float64)
