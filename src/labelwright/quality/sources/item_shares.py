"""On which share of the items each source has votes of some sort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def item_shares(
    source: NDArray[np.int32], item: NDArray[np.int64], sources: int, items: int
) -> NDArray[np.float64]:
    """The share of all items on which each source has one of these votes, shape (sources,).

    Args:
        source: of each vote, shape (votes,).
        item: that it is on, shape (votes,); an item may have several.
        sources: how many there are.
        items: how many there are.
    """
    pairs = np.unique(source.astype(np.int64) * max(items, 1) + item)
    return np.bincount(pairs // max(items, 1), minlength=sources) / max(items, 1)
