"""How often two sources should agree, told by how each agrees with all the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROUNDS = 10
LEAST_SOURCES = 4
"""With fewer there are no others to tell how often two sources should agree."""
LEAST_KAPPA = 0.02
MOST_CHANCE = 0.95


def expected_accord(agreement: Array, chance: Array, pairs: tuple[Indices, Indices]) -> Array:
    """The share of common units on which each two sources should agree, shape (pairs,).

    Between sources that err independently, agreement beyond chance is the product of what each
    has of it (exactly so for two classes and one-coin sources): kappa_ij = a_i a_j. The factors
    are found by taking medians over all partners in turn, in logs, so that two sources that copy
    each other do not move them. This asks no label model, which copies could have persuaded.

    Args:
        agreement: the share of common units on which they agree, NaN where unknown, (pairs,).
        chance: the share that their shares of classes alone would give, shape (pairs,).
        pairs: the two sources of each pair.

    Reference:
        Of the product, for triplets: D. Fu, M. Chen, F. Sala, S. Hooper, K. Fatahalian, C. Re.
        Fast and Three-rious: Speeding Up Weak Supervision with Triplet Methods. ICML 2020,
        equation 3. https://doi.org/10.48550/arXiv.2002.11955
    """
    room = 1 - np.minimum(chance, MOST_CHANCE)
    one, two = pairs
    size = int(max(one.max(initial=-1), two.max(initial=-1))) + 1
    logs = np.full((size, size), np.nan)
    known = np.log(np.maximum((agreement - (1 - room)) / room, LEAST_KAPPA))
    logs[one, two] = logs[two, one] = known
    factor = np.full(size, _median(logs.reshape(1, -1))[0] / 2)
    for _ in range(ROUNDS):
        factor = (factor + _median(logs - factor)) / 2
    kappa: Array = np.minimum(np.exp(factor[one] + factor[two]), 1)
    return kappa * room + (1 - room)


def _median(table: Array) -> Array:
    """The median of each row's known values, 0 where none is known."""
    count = np.sum(~np.isnan(table), axis=1)
    ranked = np.sort(table, axis=1)  # unknown values come last
    rows = np.arange(len(table))
    upper = np.minimum(count // 2, max(table.shape[1] - 1, 0))
    lower = np.maximum(count - 1, 0) // 2
    if not table.size:
        return np.zeros(len(table))
    middle = (ranked[rows, lower] + ranked[rows, upper]) / 2
    return np.where(count > 0, middle, 0.0)
