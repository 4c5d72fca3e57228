"""Answers held against the truth, piece by piece: what every measure of answers is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOTHING = -1
"""No class: the truth of a piece that was made up, or what was said where a piece was missed."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Matched pieces, a row each, of the items of which both the answer and the truth are known.

    A missed piece is a confusion with nothing, and so is one that was made up. An item with no
    piece on either side has no row.

    Attributes:
        item: the position of the item, rising, shape (pieces,).
        said: the class that was said, or `NOTHING`, shape (pieces,).
        truth: the class in truth, or `NOTHING`, shape (pieces,).
        confidence: of what was said, 0..1; 0 where nothing was, shape (pieces,).
        overlap: how far the places agree, 0..1; 1 where place does not matter, shape (pieces,).
        weight: how much the piece counts, such as its pixels, shape (pieces,).
        class_names: the classes of the pieces.
    """

    item: NDArray[np.int64]
    said: NDArray[np.int16]
    truth: NDArray[np.int16]
    confidence: NDArray[np.float32]
    overlap: NDArray[np.float32]
    weight: NDArray[np.float64]
    class_names: tuple[str, ...]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which pieces were said as they are, shape (pieces,)."""
        return (self.said == self.truth) & (self.truth != NOTHING)

    def right_items(self, judged: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these items have no wrong piece, shape of `judged`.

        Args:
            judged: positions of items of which both sides are known; those without a row are
                right, for both sides said that there is nothing.
        """
        return ~np.isin(judged, self.item[~self.right])
