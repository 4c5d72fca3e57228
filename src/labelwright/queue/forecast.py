"""How much better it will get, and after how many more answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError

STARTS = np.geomspace(0.01, 4.0, 48)
EXPONENTS = np.linspace(0.0, 2.0, 41)
FLOORS = np.concatenate([[0.0], np.geomspace(0.001, 0.5, 39)])


@dataclass(frozen=True, slots=True)
class Forecast:
    """A number that is not known yet, with its uncertainty.

    Attributes:
        value: the median of what is plausible; infinite if most curves never get there.
        low: the lower end of the central interval.
        high: the upper end; infinite if it may never happen.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Curve:
    """Learning curves of the form error = floor + start * answers^-exponent, each weighed.

    All curves of a grid are weighed by how well they explain the mistakes that were counted
    (binomial likelihood, flat prior on the grid), so that what the data leave open stays open.

    Attributes:
        start: shape (curves,).
        exponent: shape (curves,).
        floor: the error that no number of answers removes, shape (curves,).
        weight: how plausible each curve is, shape (curves,), sums to 1.

    Reference:
        C. Cortes, L. D. Jackel, S. A. Solla, V. Vapnik, J. S. Denker: Learning Curves: Asymptotic
        Values and Rate of Convergence. NIPS 1993, 327-334 (the power law; it has no DOI);
        R. L. Figueroa, Q. Zeng-Treitler, S. Kandula, L. H. Ngo: Predicting sample size required
        for classification performance. BMC Med Inform Decis Mak 12:8, 2012.
        https://doi.org/10.1186/1472-6947-12-8

    Example:
        >>> curve = Curve.through(answers=[25, 50, 100], mistakes=[40, 28, 20], tested=[200] * 3)
        >>> 0.8 < curve.accuracy(200).value < 1
        True
    """

    start: NDArray[np.float64]
    exponent: NDArray[np.float64]
    floor: NDArray[np.float64]
    weight: NDArray[np.float64]

    @classmethod
    def through(cls, answers: ArrayLike, mistakes: ArrayLike, tested: ArrayLike) -> Curve:
        """The curves that explain what was measured so far.

        Args:
            answers: how many answers there were at each measurement, > 0, shape (points,).
            mistakes: how many of the tested items were wrong then, shape (points,).
            tested: how many items were tested then, shape (points,).

        Raises:
            DataError: shapes that differ, no answers, more mistakes than items tested.
        """
        points = [
            np.atleast_1d(np.asarray(column, float)) for column in (answers, mistakes, tested)
        ]
        if len({len(column) for column in points}) != 1:
            raise DataError("answers, mistakes and tested must have the same length")
        if not np.all(points[0] > 0):
            raise DataError("a learning curve starts at one answer; leave out points with none")
        if not np.all((points[1] >= 0) & (points[1] <= points[2])):
            raise DataError("mistakes must lie between 0 and the number of items tested")
        grid = np.meshgrid(STARTS, EXPONENTS, FLOORS, indexing="ij")
        start, exponent, floor = (axis.ravel() for axis in grid)
        log_weight = np.zeros(len(start))
        for count, wrong, total in zip(*points, strict=True):
            error = np.clip(floor + start * count**-exponent, 1e-9, 1 - 1e-9)
            log_weight += wrong * np.log(error) + (total - wrong) * np.log1p(-error)
        weight = np.exp(log_weight - log_weight.max())
        return cls(start, exponent, floor, weight / weight.sum())

    def accuracy(self, answers: float, level: float = 0.9) -> Forecast:
        """The accuracy to expect after so many answers in all, with a central interval."""
        error = np.clip(self.floor + self.start * answers**-self.exponent, 0, 1)
        return self._summary(1 - error, level)

    def answers(self, accuracy: float, level: float = 0.9) -> Forecast:
        """How many answers in all it takes to reach this accuracy, with a central interval."""
        room = 1 - accuracy - self.floor
        reached = self.start <= room
        possible = (room > 0) & (self.exponent > 0)
        with np.errstate(over="ignore"):
            power = np.divide(1.0, self.exponent, out=np.ones_like(room), where=possible)
            ratio = np.divide(self.start, room, out=np.ones_like(room), where=possible)
            needed = np.where(possible, ratio**power, np.inf)
        return self._summary(np.where(reached, 1.0, needed), level)

    def _summary(self, values: NDArray[np.float64], level: float) -> Forecast:
        order = np.argsort(values)
        mass = np.cumsum(self.weight[order])
        wanted = np.array([0.5, (1 - level) / 2, (1 + level) / 2]) * mass[-1]
        value, low, high = values[order][np.searchsorted(mass, wanted)]
        return Forecast(float(value), float(low), float(high))
