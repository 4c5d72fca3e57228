"""Labels that are probably wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError

EVENING = 0.5
"""How far the labels' class balance is evened out: 0 not at all, 1 wholly."""
TWICE = float(np.log(2))


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """Items whose label is probably wrong.

    Attributes:
        item: their places, the most suspicious first, shape (suspects,).
        likely: the class that each probably has, shape (suspects,).
        score: how well the label fits every item, 0..1, low is suspicious, shape (items,).
    """

    item: NDArray[np.int64]
    likely: NDArray[np.int64]
    score: NDArray[np.float64]


def label_errors(probability: NDArray[np.float64], label: NDArray[np.int64]) -> Suspects:
    """The labels that predictions contradict.

    With p the predictions and pi the share of each class among the labels, a label l scores

        s / (1 + s),   s = (p(l) / pi(l)^a) / max over c != l of p(c) / pi(c)^a,   a = 1/2.

    A model that learnt from wrong labels leans to the classes that were given too often; half of
    that is taken back. A label is a suspect if another class is at least twice as probable in
    this sense, s <= 1/2.

    Args:
        probability: of every class, by a model that has not seen the item's label, shape
            (items, classes).
        label: given, shape (items,).

    Raises:
        DataError: shapes that do not fit, or a label that is no class.

    Reference:
        After C. G. Northcutt, L. Jiang, I. L. Chuang: Confident Learning: Estimating Uncertainty
        in Dataset Labels. JAIR 70, 2021, DOI 10.1613/jair.1.12125, which corrects for the same
        lean by thresholds; `benchmarks/quality/label_errors.py` compares the two.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1]])
        >>> label_errors(sure, np.array([0, 0, 1, 1, 1])).item
        array([4])
    """
    items, classes = probability.shape
    if label.shape != (items,) or (items and not (label.min() >= 0 and label.max() < classes)):
        raise DataError(f"{items} predictions need one label out of {classes} classes each")
    balance = np.bincount(label, minlength=classes) / max(items, 1)
    # A class that nobody was given, and so nobody learnt, is no reason for doubt.
    given = balance > 0
    evened = np.log(np.maximum(probability, 1e-12)) - EVENING * np.log(np.where(given, balance, 1))
    others = np.where(given, evened, -np.inf)
    rows = np.arange(items)
    own = evened[rows, label]
    others[rows, label] = -np.inf
    # If there is one class alone, nothing speaks against it.
    log_odds = own - np.maximum(others.max(axis=1, initial=-np.inf), own - 30)
    found = np.flatnonzero(log_odds <= -TWICE)
    found = found[np.argsort(log_odds[found], kind="stable")]
    return Suspects(found, others.argmax(axis=1)[found], 1 / (1 + np.exp(-log_odds)))
