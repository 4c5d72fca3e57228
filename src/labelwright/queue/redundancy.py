"""How many people shall answer the same item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError, SettingsError
from labelwright.queue.per_item import least


@dataclass(frozen=True, slots=True)
class Redundancy:
    """As many answers an item as its label needs, between a least and a most.

    Attributes:
        least: every item asked about gets so many answers.
        most: no item gets more.
        confidence: the probability of the best class from which on a unit is sure; an item is
            when all its units are.

    Raises:
        SettingsError: `least` below 1 or above `most`, a confidence outside 0..1.

    Example:
        >>> belief = np.array([[0.99, 0.01], [0.7, 0.3]])
        >>> Redundancy(least=2, most=5).wanted(belief, np.array([2, 2])).tolist()
        [0, 1]
    """

    least: int = 1
    most: int = 1
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise SettingsError(
                f"every item gets between least and most answers, at least 1; got least "
                f"{self.least} and most {self.most}"
            )
        if not 0 <= self.confidence <= 1:
            raise SettingsError(f"confidence must lie in 0..1, got {self.confidence}")

    def wanted(
        self,
        probability: NDArray[np.float64],
        answers: NDArray[np.int64],
        unit_item: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """How many more people shall be asked about each item now, shape (items,); 0 is done.

        Beyond the least, people are asked one at a time, so that none is asked in vain.

        Args:
            probability: what is believed of the units, shape (units, classes).
            answers: how many people have answered, or are being asked, shape (items,).
            unit_item: the item of each unit, rising, every item at least once, shape (units,);
                None where the unit is the item.

        Raises:
            DataError: shapes that do not match.
        """
        unsure = self.unsure(probability, unit_item)
        if answers.shape != unsure.shape:
            raise DataError(
                f"answers has shape (items,), got {answers.shape} of {len(unsure)} items"
            )
        missing = np.maximum(self.least - answers, 0)
        one_more = (missing == 0) & unsure & (answers < self.most)
        return np.where(one_more, 1, missing).astype(np.int64)

    def unsure(
        self, probability: NDArray[np.float64], unit_item: NDArray[np.int64] | None = None
    ) -> NDArray[np.bool_]:
        """Which items have a unit that is not sure yet, shape (items,). Arguments as of `wanted`.

        Raises:
            DataError: shapes that do not match.
        """
        units = len(probability if unit_item is None else unit_item)
        if probability.ndim != 2 or len(probability) != units:
            raise DataError(
                f"probability has shape (units, classes), got {probability.shape} of {units} units"
            )
        surest: NDArray[np.float64] = least(probability.max(axis=1), unit_item)
        return surest < self.confidence
