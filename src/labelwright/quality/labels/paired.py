"""Two models on the same items: is one better, or is it chance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Paired:
    """How two models did on the same items.

    Attributes:
        both: how many items both got right.
        first: how many only the first did.
        second: how many only the second did.
        neither: how many neither did.
        p: how likely equally good models would differ as much (McNemar's exact test).
    """

    both: int
    first: int
    second: int
    neither: int
    p: float


def paired(first: ArrayLike, second: ArrayLike) -> Paired:
    """How two models did on the same items.

    Only items on which one is right and the other wrong tell which is better.

    Args:
        first: whether the first model is right, shape (items,).
        second: likewise the second.

    Raises:
        DataError: shapes that differ.

    Reference:
        Q. McNemar: Note on the Sampling Error of the Difference Between Correlated Proportions or
        Percentages. Psychometrika 12, 1947. https://doi.org/10.1007/BF02295996

    Example:
        >>> paired([True] * 8 + [False] * 2, [False] * 7 + [True] * 3)
        Paired(both=1, first=7, second=2, neither=0, p=0.1796875)
    """
    from scipy.special import bdtr

    one, two = np.asarray(first, bool), np.asarray(second, bool)
    if one.shape != two.shape or one.ndim != 1:
        raise DataError(f"both need the same items, got shapes {one.shape} and {two.shape}")
    only_one, only_two = int((one & ~two).sum()), int((two & ~one).sum())
    differ = only_one + only_two
    return Paired(
        both=int((one & two).sum()),
        first=only_one,
        second=only_two,
        neither=int((~one & ~two).sum()),
        p=min(1.0, 2 * float(bdtr(min(only_one, only_two), differ, 0.5))) if differ else 1.0,
    )
