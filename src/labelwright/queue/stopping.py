"""When further answers stop changing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labelwright.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Says stop when the predictions on a fixed random set have settled.

    After every round, compare the model's predictions on one fixed random set of items with
    those of the round before by Cohen's kappa (``labelwright.quality.cohen_kappa``). The set
    needs no labels.

    Attributes:
        kappa: the agreement from which on two rounds count as equal.
        rounds: over how many comparisons the mean must reach it.

    Raises:
        SettingsError: kappa outside 0..1, rounds below 1.

    Reference:
        M. Bloodgood, K. Vijay-Shanker: A Method for Stopping Active Learning Based on Stabilizing
        Predictions and the Need for User-Adjustable Stopping. CoNLL 2009, 39-47.
        https://doi.org/10.3115/1596374.1596384 (kappa 0.99 over three comparisons).

    Example:
        >>> Stability().settled([0.8, 0.99, 1.0, 0.99])
        True
    """

    kappa: float = 0.99
    rounds: int = 3

    def __post_init__(self) -> None:
        if not 0 <= self.kappa <= 1:
            raise SettingsError(f"kappa must lie in 0..1, got {self.kappa}")
        if self.rounds < 1:
            raise SettingsError(f"rounds must be at least 1, got {self.rounds}")

    def settled(self, kappas: Sequence[float]) -> bool:
        """Whether the mean of the last `rounds` kappas, oldest first, reaches the bar.

        A kappa that is NaN, as when both rounds predict a single class, is no evidence.
        """
        last = kappas[-self.rounds :]
        return len(last) == self.rounds and sum(last) / self.rounds >= self.kappa
