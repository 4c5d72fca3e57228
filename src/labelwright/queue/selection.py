"""How strategies turn scores into picks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Picks, Pool


def candidates(pool: Pool) -> NDArray[np.int64]:
    """The rows that may be asked about, shape (candidates,)."""
    return np.flatnonzero(pool.askable).astype(np.int64)


def ranked(
    rows: NDArray[np.int64], score: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The rows by falling score; equals in random order, NaN last.

    Args:
        rows: positions in the pool, shape (candidates,).
        score: of those rows, shape (candidates,).
        rng: breaks ties.
    """
    shuffled = rng.permutation(len(rows))
    # NaN sorts last, and a stable sort keeps the shuffled order among equals.
    order = shuffled[np.argsort(-score[shuffled], kind="stable")]
    return rows[order]


def chosen(position: NDArray[np.int64], reason: Sequence[str]) -> Picks:
    """Picks in which chance played no part but to break ties: each has probability 1."""
    return Picks(
        position=position,
        probability=np.ones(len(position)),
        random=np.zeros(len(position), bool),
        reason=tuple(reason),
    )
