"""Test questions: items whose answer is known, hidden among the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class HiddenTests:
    """When a person gets a test question, and what follows from the answers.

    First comes a quiz of nothing but test questions; then every question is one with a fixed
    chance. Whoever falls below the bar once the quiz is over is held back: their votes stay on
    record and stop counting, until further test questions, or forgiven ones, lift them over it.

    Attributes:
        quiz: how many test questions come first.
        rate: the chance of each later question to be one, 0 to 1.
        bar: the least trust with which votes count, 0 to 1.

    Raises:
        SettingsError: a setting out of range.
    """

    quiz: int = 0
    rate: float = 0.0
    bar: float = 0.7

    def __post_init__(self) -> None:
        if self.quiz < 0:
            raise SettingsError(f"a quiz has 0 or more questions, got {self.quiz}")
        for name in ("rate", "bar"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie in 0..1, got {getattr(self, name)}")

    @property
    def used(self) -> bool:
        """Whether there are test questions at all."""
        return self.quiz > 0 or self.rate > 0

    def due(self, tested: int, rng: np.random.Generator) -> bool:
        """Whether the next question of somebody who answered `tested` tests shall be one."""
        return bool(self.places(tested, 1, rng)[0])

    def places(self, tested: int, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which of the next `count` questions shall be test questions, shape (count,)."""
        chance = rng.random(count) < self.rate
        return chance | (np.arange(count) < self.quiz - tested)

    def held_back(self, trust: NDArray[np.float64], tested: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whose votes do not count now, shape (people,).

        Somebody who is still at the quiz is not judged, and without test questions nobody is.

        Args:
            trust: posterior accuracy on test questions, shape (people,).
            tested: how many each answered, shape (people,).
        """
        judged = tested >= max(self.quiz, 1)
        return judged & (trust < self.bar) & self.used
