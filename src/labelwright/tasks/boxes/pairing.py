"""Which boxes of one side mean which of the other: of truth and answer, of guests and units."""

from __future__ import annotations

import numpy as np

from labelwright.tasks.boxes.overlap import Floats, Ints, Pairs, matched, overlapping, rows_of


def paired(
    one: tuple[Ints, Ints, Floats], other: tuple[Ints, Ints, Floats], iou: float
) -> tuple[Pairs, Ints, Ints]:
    """The pairs of boxes that mean the same object, each box in one at most.

    Boxes of one class find each other first, the nearest first; of what is left, the nearest. The
    sides may be exchanged.

    Args:
        one: item (rising), class and place of boxes.
        other: likewise.
        iou: the least overlap.

    Returns:
        The pairs, and the rank of each box of either side among all by class and place.
    """
    (item, label, place), (other_item, other_label, other_place) = one, other
    pairs = overlapping(place, other_place, *rows_of(other_item, item), iou)
    rank, other_rank = _ranks(label, place, other_label, other_place)
    ends = rank[pairs.one], other_rank[pairs.other]
    differ = label[pairs.one] != other_label[pairs.other]
    order = np.lexsort((np.maximum(*ends), np.minimum(*ends), -pairs.iou, differ))
    kept = matched(pairs, order)
    return pairs.only(kept), rank, other_rank


def _ranks(label: Ints, place: Floats, other_label: Ints, other_place: Floats) -> tuple[Ints, Ints]:
    """Equal numbers for equal boxes, rising by place and class."""
    columns = np.column_stack([np.concatenate([place, other_place]), np.r_[label, other_label]])
    order = np.lexsort(columns.T[::-1])
    differs = np.any(np.diff(columns[order], axis=0) != 0, axis=1)
    rank = np.zeros(len(columns), np.int64)
    rank[order[1:]] = np.cumsum(differs)
    return rank[: len(label)], rank[len(label) :]
