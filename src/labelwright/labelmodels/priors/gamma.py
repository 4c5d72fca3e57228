"""log Gamma and its derivative, without the second that importing `scipy.special` takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 8
"""The series is exact to the last digits from 8 on; smaller numbers are stepped up."""


def digamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The derivative of log Gamma at positive numbers, same shape.

    psi(x) = psi(x + n) - sum_{i<n} 1 / (x + i), and for large y the series of log y - 1 / (2 y)
    - sum_k B_2k / (2k y^2k).

    Reference:
        J. M. Bernardo. Algorithm AS 103: Psi (Digamma) Function. Applied Statistics 25(3), 1976.
        DOI 10.2307/2347257.

    Example:
        >>> round(float(digamma(np.array([1.0]))[0]), 9)  # minus Euler's constant
        -0.577215665
    """
    steps = sum(1 / (x + step) for step in range(STEPS))
    large = x + STEPS
    square = 1 / (large * large)
    series = square * (
        1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (5 / 660))))
    )
    result: NDArray[np.float64] = np.log(large) - 0.5 / large - series - steps
    return result


def log_gamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log Gamma of positive numbers, same shape, by Stirling's series from 8 on."""
    product = np.ones_like(x)
    for step in range(STEPS):
        product *= x + step
    large = x + STEPS
    square = 1 / (large * large)
    series = (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    ) / large
    stirling = (large - 0.5) * np.log(large) - large + 0.5 * np.log(2 * np.pi)
    result: NDArray[np.float64] = stirling + series - np.log(product)
    return result
