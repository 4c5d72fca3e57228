"""How good answers are that are sets of classes: each class by itself, and the sets as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.judgement import NOTHING, Judgement
from labelwright.quality.labels.piece_quality import PieceQuality, piece_quality


@dataclass(frozen=True, slots=True)
class SetQuality:
    """How sets of classes compare with the truth.

    Attributes:
        items: how many items were judged.
        exact: the share of them whose whole set is right (subset accuracy); NaN without items.
        hamming_loss: the share of all questions "does this class belong?" that are answered
            wrong; NaN without any.
        said: how many classes an item has on the mean, as said (label cardinality).
        true: how many it has in truth.
        classes: what became of each class: precision, recall and F1, micro and macro.
    """

    items: int
    exact: float
    hamming_loss: float
    said: float
    true: float
    classes: PieceQuality

    def sentence(self) -> str:
        """What it comes to, in plain words with numbers."""
        found = self.classes
        return (
            f"{self.exact:.1%} of the sets right as a whole on {self.items:,} items; F1 "
            f"{found.f1_micro:.3f} micro, {found.f1_macro:.3f} macro; Hamming loss "
            f"{self.hamming_loss:.1%}; {self.said:.2f} classes an item said, "
            f"{self.true:.2f} in truth"
        )


def set_quality(judgement: Judgement, items: NDArray[np.int64], questions: int) -> SetQuality:
    """The quality of the answers that a judgement is about.

    Args:
        judgement: of answers that are sets of classes.
        items: the positions of the items of which both sides are known.
        questions: on how many pairs of these items and classes the truth is known.

    Reference:
        G. Tsoumakas, I. Katakis: Multi-Label Classification: An Overview. International Journal
        of Data Warehousing and Mining 3(3), 2007, sections on evaluation measures and statistics.
    """
    wrong = int((~judgement.right).sum())
    none = float("nan")
    return SetQuality(
        items=len(items),
        exact=float(judgement.right_items(items).mean()) if len(items) else none,
        hamming_loss=wrong / questions if questions else none,
        said=int((judgement.said != NOTHING).sum()) / len(items) if len(items) else none,
        true=int((judgement.truth != NOTHING).sum()) / len(items) if len(items) else none,
        classes=piece_quality(judgement),
    )
