"""Which conditions would make good rules: pure counting."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError

SOFT = 0.1
"""How much an item counts whose class is believed but was not answered."""
EVIDENCE = 3.0
"""With less evidence than so many answers nothing is suggested."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Conditions worth a rule, best first. All shapes (suggestions,).

    Attributes:
        condition: its column.
        label: the class that it should vote.
        low: the lower bound of its precision, 95 %.
        hits: on how many items it holds.
        new: on how many of them no source votes yet.
        judged: on how many of them the class is known.
        right: on how many of these it is `label`.
        score: by how much the bound is above chance, times the newly covered items.
    """

    condition: NDArray[np.int64]
    label: NDArray[np.int64]
    low: NDArray[np.float64]
    hits: NDArray[np.int64]
    new: NDArray[np.int64]
    judged: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]


def suggest(
    holds: Any,
    known: NDArray[np.int64],
    covered: NDArray[np.bool_],
    belief: NDArray[np.float64],
    *,
    every: bool = False,
) -> Ranked:
    """The conditions that would make good rules, each with the class it speaks for most.

    A condition is worth the lower bound of its precision, above what its class has by chance, times
    the items that it newly covers: a word of every text is right as often as its class is frequent.
    Precision comes from known classes, and a tenth as much from what is believed of the other
    covered items.

    Args:
        holds: sparse or dense 0/1, which condition holds where, shape (items, conditions).
        known: the class of each item, -1 where it is not known, shape (items,).
        covered: whether any source votes on it, shape (items,).
        belief: class probabilities, shape (items, classes).
        every: also those without evidence, no better than chance, or that cover nothing new.

    Raises:
        DataError: shapes that do not match.
    """
    items, conditions = holds.shape
    if not len(known) == len(covered) == len(belief) == items:
        raise DataError(f"one known class, coverage and belief for each of {items} items")
    classes = belief.shape[1]
    answered = known >= 0
    truth = np.zeros((items, classes))
    truth[np.flatnonzero(answered), known[answered]] = 1.0
    soft = np.where((covered & ~answered)[:, None], belief, 0.0) * SOFT
    counted = _dense(holds.T @ truth)
    evidence = counted + _dense(holds.T @ soft)
    total = evidence.sum(axis=1)
    label = evidence.argmax(axis=1)
    rows = np.arange(conditions)
    low = _lower(evidence[rows, label], total)
    hits = _dense(holds.T @ np.ones(items)).round().astype(np.int64)
    new = _dense(holds.T @ (~covered).astype(float)).round().astype(np.int64)
    chance = (truth + soft).sum(axis=0) / max(float((truth + soft).sum()), 1e-12)
    keep = np.ones(conditions, bool)
    if not every:
        keep = (total >= EVIDENCE) & (low > chance[label]) & (new > 0)
    score = (low - chance[label]) * new
    chosen = np.flatnonzero(keep)
    chosen = chosen[np.lexsort((-hits[chosen], -score[chosen]))]
    return Ranked(
        condition=chosen,
        label=label[chosen],
        low=low[chosen],
        hits=hits[chosen],
        new=new[chosen],
        judged=counted.sum(axis=1).round().astype(np.int64)[chosen],
        right=counted[rows, label].round().astype(np.int64)[chosen],
        score=score[chosen],
    )


def _lower(right: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower end of Wilson's 95 % interval, 0 without evidence.

    Reference: E. B. Wilson, JASA 22(158), 1927. https://doi.org/10.1080/01621459.1927.10502953
    """
    z = NormalDist().inv_cdf(0.975)
    share = np.divide(right, total, out=np.zeros_like(total), where=total > 0)
    middle = total * share + z**2 / 2
    reach = z * np.sqrt(np.maximum(total * share * (1 - share), 0) + z**2 / 4)
    return np.where(total > 0, np.clip((middle - reach) / (total + z**2), 0, 1), 0.0)


def _dense(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, np.float64)
