"""Measures of answers that were judged piece by piece, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.judgement import NOTHING, Judgement
from labelwright.quality.labels.calibration import BINS, Reliability, reliability_of


@dataclass(frozen=True, slots=True, eq=False)
class PieceQuality:
    """What became of the pieces: said as they are, as another class, missed, or made up.

    Attributes:
        confusion: the weight of the pieces of true class row that were said to be column; the
            last row and column are nothing. Shape (classes + 1, classes + 1).
        class_names: the classes, without nothing.
    """

    confusion: NDArray[np.float64]
    class_names: tuple[str, ...]

    @property
    def hits(self) -> NDArray[np.float64]:
        """What was said as it is, by class. Shape (classes,)."""
        return np.diag(self.confusion)[:-1]

    @property
    def said(self) -> NDArray[np.float64]:
        """What was said, by class. Shape (classes,)."""
        return self.confusion.sum(axis=0)[:-1]

    @property
    def support(self) -> NDArray[np.float64]:
        """What there is in truth, by class. Shape (classes,)."""
        return self.confusion.sum(axis=1)[:-1]

    @property
    def accuracy(self) -> float:
        """The share of all pieces, missed and made up ones too, that are right; NaN for none."""
        return _share(float(self.hits.sum()), float(self.confusion.sum()))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of what was said to be the class, the share that is; NaN where nothing was."""
        return _shares(self.hits, self.said)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of what is the class, the share said to be; NaN where nothing is."""
        return _shares(self.hits, self.support)

    @property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of both; NaN for classes that occur nowhere. Shape (classes,)."""
        return _shares(2 * self.hits, self.said + self.support)

    @property
    def precision_micro(self) -> float:
        """Of all that was said, the share that is right; NaN where nothing was."""
        return _share(float(self.hits.sum()), float(self.said.sum()))

    @property
    def recall_micro(self) -> float:
        """Of all that there is, the share said as it is; NaN where there is nothing."""
        return _share(float(self.hits.sum()), float(self.support.sum()))

    @property
    def f1_micro(self) -> float:
        """The harmonic mean of both; NaN without pieces."""
        both = float(self.said.sum() + self.support.sum())
        return _share(2 * float(self.hits.sum()), both)

    @property
    def f1_macro(self) -> float:
        """The mean F1 of the classes that occur, in truth or as said; NaN without pieces."""
        known = self.f1[~np.isnan(self.f1)]
        return _share(float(known.sum()), len(known))


def piece_quality(judgement: Judgement) -> PieceQuality:
    """The confusion of judged pieces with its measures, by weight."""
    classes = len(judgement.class_names)
    true = np.where(judgement.truth == NOTHING, classes, judgement.truth).astype(np.int64)
    said = np.where(judgement.said == NOTHING, classes, judgement.said).astype(np.int64)
    size = classes + 1
    cells = np.bincount(true * size + said, judgement.weight, size * size).astype(np.float64)
    return PieceQuality(cells.reshape(size, size), judgement.class_names)


def piece_reliability(judgement: Judgement, *, bins: int = BINS) -> Reliability:
    """How often pieces that were said with each degree of confidence are right."""
    said = judgement.said != NOTHING
    return reliability_of(judgement.confidence[said], judgement.right[said], bins=bins)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _shares(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
