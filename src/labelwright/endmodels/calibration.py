"""Probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Calibrating = Literal["temperature", "vector", "none"]
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class ProbabilityCorrection:
    """A correction of probabilities: q(class) in proportion to p(class)^scale * exp(shift).

    Attributes:
        scale: the inverse temperature; below 1 it makes probabilities humbler.
        shift: per class, shape (classes,); zero under temperature scaling.

    Reference:
        C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger: On Calibration of Modern Neural Networks.
        ICML 2017, section 4.2. arXiv:1706.04599
    """

    scale: float
    shift: NDArray[np.float64]

    @classmethod
    def none(cls, classes: int) -> ProbabilityCorrection:
        """The correction that changes nothing."""
        return cls(1.0, np.zeros(classes))

    @classmethod
    def fit(
        cls,
        probability: NDArray[np.float64],
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        how: Calibrating,
    ) -> ProbabilityCorrection:
        """The correction under which the targets are most likely.

        The targets are soft, so the label model's doubt is learnt as doubt. A prior of about one
        item (log scale and shifts are standard normal) keeps few items from saying much.

        Args:
            probability: predicted without having seen the item, shape (items, classes).
            target: class probabilities, shape (items, classes).
            weight: shape (items,).
            how: the same scale for all classes (``temperature``), and a shift each (``vector``).
        """
        classes = probability.shape[1]
        if how == "none" or classes < 2:
            return cls.none(classes)
        from scipy.optimize import minimize

        logs = np.log(np.maximum(probability, TINY))
        free = 1 if how == "temperature" else 1 + classes
        solution = minimize(
            _loss, np.zeros(free), args=(logs, target, weight), jac=True, method="L-BFGS-B",
            bounds=[(-3.0, 3.0)] + [(-10.0, 10.0)] * (free - 1),
        )  # fmt: skip
        shift = np.zeros(classes) if free == 1 else solution.x[1:]
        return cls(float(np.exp(solution.x[0])), shift)

    def apply(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """The corrected probabilities, rows sum to 1."""
        if self.scale == 1 and not self.shift.any():
            return probability
        scores = self.scale * np.log(np.maximum(probability, TINY)) + self.shift
        return np.exp(log_softmax(scores))


def log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log probabilities that these scores stand for, row by row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs


def log_loss(
    probability: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """The expected cross-entropy in nats, averaged by weight; smaller is better."""
    loss = -(target * np.log(np.maximum(probability, TINY))).sum(axis=1)
    return float(weight @ loss / weight.sum())


def _loss(
    free: NDArray[np.float64],
    logs: NDArray[np.float64],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    scale, shift = np.exp(free[0]), free[1:]
    after = log_softmax(scale * logs + (shift if len(shift) else 0.0))
    residual = weight[:, None] * (np.exp(after) - target)
    slope_scale = scale * (residual * logs).sum() + free[0]
    loss = -(weight[:, None] * target * after).sum() + 0.5 * free @ free
    slope = np.concatenate([[slope_scale], residual.sum(axis=0) + shift if len(shift) else []])
    return float(loss), slope
