"""How good found objects are, over all ways of drawing the line between sure and unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.judgement import Judgement

COCO_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""The overlaps 0.50, 0.55, ..., 0.95 over which COCO takes the mean."""

RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True, eq=False)
class AveragePrecision:
    """The average precision of every class.

    Attributes:
        of_class: shape (classes,); NaN for classes that the truth does not hold.
        class_names: the classes.
    """

    of_class: NDArray[np.float64]
    class_names: tuple[str, ...]

    @property
    def mean(self) -> float:
        """The mean over the classes that the truth holds (mAP); NaN without any."""
        known = self.of_class[~np.isnan(self.of_class)]
        return float(known.mean()) if len(known) else float("nan")


def average_precision(
    judgement: Judgement, overlap: float | Sequence[float] = 0.5, *, every_point: bool = False
) -> AveragePrecision:
    """The area under precision by recall, of each class.

    A piece is found if it was said with the right class and overlaps the truth enough. Pieces are
    taken the surest first; those that are equally sure are taken together, so that their order
    does not matter. The precision at a recall is the best at that recall or more.

    Which piece is held against which, the judgement says: it knows no confidence. Where two
    pieces of one class overlap the same true one enough, evaluation programs give it to the
    surer, a judgement to the nearer. Weights are not read.

    Args:
        judgement: of kinds with pieces, matched at the least overlap asked for or below.
        overlap: the least overlap that counts, or several over which the mean is taken, such as
            `COCO_OVERLAPS`.
        every_point: the area itself, as PASCAL VOC has it since 2010; by default the mean over
            101 recalls, as COCO has it.

    Raises:
        DataError: an overlap outside 0..1, or none.

    Reference:
        M. Everingham, L. Van Gool, C. K. I. Williams, J. Winn, A. Zisserman: The PASCAL Visual
        Object Classes (VOC) Challenge. International Journal of Computer Vision 88, 2010.
        https://doi.org/10.1007/s11263-009-0275-4, section 4.2; T.-Y. Lin et al.: Microsoft COCO:
        Common Objects in Context. ECCV 2014. https://doi.org/10.1007/978-3-319-10602-1_48
    """
    least = np.atleast_1d(np.asarray(overlap, np.float64))
    if not len(least) or not np.all((least >= 0) & (least <= 1)):
        raise DataError(f"an overlap lies in 0..1, got {overlap}")
    classes = len(judgement.class_names)
    found = np.full((len(least), classes), np.nan)
    for label in range(classes):
        said = np.flatnonzero(judgement.said == label)
        said = said[np.argsort(-judgement.confidence[said], kind="stable")]
        true = int(np.count_nonzero(judgement.truth == label))
        for row, bar in enumerate(least if true else ()):
            # Overlaps are in single precision, and so is what they are held against.
            hit = judgement.right[said] & (judgement.overlap[said] >= np.float32(bar))
            found[row, label] = _area(hit, judgement.confidence[said], true, every_point)
    return AveragePrecision(found.mean(axis=0), judgement.class_names)


def _area(
    hit: NDArray[np.bool_], confidence: NDArray[np.float32], true: int, every_point: bool
) -> float:
    """The area of pieces sorted by confidence, the surest first."""
    if not len(hit):
        return 0.0
    last = np.flatnonzero(np.r_[confidence[1:] != confidence[:-1], True])
    hits = np.cumsum(hit)[last]
    recall, precision = hits / true, hits / (last + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    if every_point:
        return float(np.sum(np.diff(recall, prepend=0) * best))
    place = np.searchsorted(recall, RECALLS - 1e-12)
    return float(np.append(best, 0.0)[place].mean())
