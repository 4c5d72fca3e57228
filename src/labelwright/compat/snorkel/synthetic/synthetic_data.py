"""Label matrices whose truth is known; Snorkel's `synthetic.synthetic_data`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["generate_simple_label_matrix"]


def generate_simple_label_matrix(
    n: int, m: int, cardinality: int, abstain_multiplier: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """P(function gives l | class is y), true labels, and the labels of functions.

    Of shape (m, cardinality + 1, cardinality), where l = 0 is abstention; (n,); and (n, m). Classes
    are equally frequent, functions independent and better than chance. Drawn from numpy's global
    state, as in Snorkel (`np.random.seed`).

    Args:
        n: how many items.
        m: how many functions.
        cardinality: how many classes.
        abstain_multiplier: how many times likelier functions are to abstain.
    """
    chance = np.random.rand(m, cardinality + 1, cardinality)  # noqa: NPY002 - see above
    chance[:, 1:] += (cardinality - 1) * np.eye(cardinality)
    chance[:, 0] *= abstain_multiplier
    chance /= chance.sum(axis=1, keepdims=True)
    truth = np.random.choice(cardinality, n)  # noqa: NPY002 - see above
    drawn = np.random.rand(n, m, 1)  # noqa: NPY002 - see above
    # The first act whose cumulative chance is beyond what was drawn.
    labels = (drawn < chance.cumsum(axis=1)[:, :, truth].transpose(2, 0, 1)).argmax(axis=2) - 1
    return chance, truth.astype(np.int64), labels.astype(np.int64)
