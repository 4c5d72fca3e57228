"""How far annotators agree beyond chance. All coefficients are for nominal classes.

Each is 1 for full agreement, 0 for what chance gives, below 0 for systematic disagreement, and
NaN where there is nothing to compare or only one class was ever used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix


def krippendorff_alpha(votes: VoteMatrix) -> float:
    """Krippendorff's alpha: any number of sources, any votes missing.

    Units with fewer than two votes say nothing and are left out, as are abstentions.

    Reference:
        A. F. Hayes, K. Krippendorff: Answering the Call for a Standard Reliability Measure for
        Coding Data. Communication Methods and Measures 1(1), 2007.
        https://doi.org/10.1080/19312450709336664
    """
    whole = votes.voted & (votes.label < votes.classes)
    unit, label = votes.unit[whole], votes.label[whole]
    number = np.bincount(unit, minlength=votes.units)
    paired = number[unit] >= 2
    unit, label = unit[paired], label[paired].astype(np.int64)
    total = len(unit)
    if not total:
        return float("nan")
    # Votes by unit and class: the sum over a unit of n * (n - 1) counts its agreeing pairs.
    cells = np.unique(unit.astype(np.int64) * votes.classes + label, return_counts=True)
    same = cells[1] * (cells[1] - 1.0)
    agreeing = float((same / (number[cells[0] // votes.classes] - 1)).sum())
    by_class = np.bincount(label, minlength=votes.classes).astype(float)
    observed = 1 - agreeing / total
    expected = 1 - float((by_class * (by_class - 1)).sum()) / (total * (total - 1.0))
    return 1 - observed / expected if expected > 0 else float("nan")


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's kappa of two annotators, over the items on which both voted.

    Args:
        first: class index, -1 where there is no vote, shape (items,).
        second: likewise.

    Raises:
        DataError: lengths that differ.

    Reference:
        J. Cohen: A Coefficient of Agreement for Nominal Scales. Educational and Psychological
        Measurement 20(1), 1960. https://doi.org/10.1177/001316446002000104
    """
    one, two = np.asarray(first, np.int64), np.asarray(second, np.int64)
    if one.shape != two.shape or one.ndim != 1:
        raise DataError(f"both need the same items, got shapes {one.shape} and {two.shape}")
    both = (one >= 0) & (two >= 0)
    one, two = one[both], two[both]
    if not len(one):
        return float("nan")
    classes = int(max(one.max(), two.max())) + 1
    shares = [np.bincount(votes, minlength=classes) / len(votes) for votes in (one, two)]
    return _beyond_chance(float((one == two).mean()), float(shares[0] @ shares[1]))


def fleiss_kappa(counts: ArrayLike) -> float:
    """Fleiss' kappa, where every item has the same number of votes, of any annotators.

    Args:
        counts: how many voted each class, shape (items, classes).

    Raises:
        DataError: items with different numbers of votes, or fewer than two votes an item.

    Reference:
        J. L. Fleiss: Measuring nominal scale agreement among many raters. Psychological Bulletin
        76(5), 1971. https://doi.org/10.1037/h0031619
    """
    table = np.asarray(counts, np.float64)
    if table.ndim != 2:
        raise DataError(f"counts have shape (items, classes), got {table.shape}")
    if not len(table):
        return float("nan")
    votes = table.sum(axis=1)
    if votes.min() != votes.max() or votes[0] < 2:
        raise DataError(
            "Fleiss' kappa needs the same number of votes, at least two, on every item, got "
            f"{votes.min():g} to {votes.max():g}; krippendorff_alpha takes any"
        )
    share: NDArray[np.float64] = table.sum(axis=0) / table.sum()
    agreement = (table * (table - 1)).sum(axis=1) / (votes * (votes - 1))
    return _beyond_chance(float(agreement.mean()), float((share**2).sum()))


def _beyond_chance(observed: float, expected: float) -> float:
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")
