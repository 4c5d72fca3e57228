"""Which boxes of several sources mean the same object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labelwright.tasks.boxes.overlap import Floats, Ints, overlapping

SAME_CLASS = 0.2
"""What a shared class is worth in overlap when a box has several that it may be grouped with."""

STEPS = 1 << 20
"""Overlaps are added up as whole numbers of such steps, so that no order of sources matters."""

BOXES = 1 << 17
"""About so many boxes are grouped at once; items are never divided."""


def grouped(item: Ints, source: Ints, label: Ints, place: Floats, iou: float) -> Ints:
    """For every box, the position of the box that its group is built around. Shape (boxes,).

    The box with the most support (the overlap with the best box of every other source, added
    up) takes the best box of every other source that overlaps it enough; then the next among the
    boxes that are left. A source has at most one box in a group, and classes may differ in it.

    Args:
        item: rising; within an item the boxes are in an order that no source changes.
        source: who drew each box.
        label: the class of each box.
        place: x0, y0, x1, y1, shape (boxes, 4).
        iou: the least intersection over union.
    """
    found = [
        rows.start + _grouped(item[rows], source[rows], label[rows], place[rows], iou)
        for rows in _portions(item)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _portions(item: Ints) -> Iterator[slice]:
    start = 0
    while start < len(item):
        end = min(start + BOXES, len(item))
        end = int(np.searchsorted(item, item[end - 1], side="right"))
        yield slice(start, end)
        start = end


def _grouped(item: Ints, source: Ints, label: Ints, place: Floats, iou: float) -> Ints:
    group = np.arange(len(item))
    box, near, worth = _candidates(item, source, label, place, iou)
    while len(box):
        # The pairs of a box with one source lie together, the best first.
        best = np.ones(len(box), bool)
        best[1:] = (box[1:] != box[:-1]) | (source[near[1:]] != source[near[:-1]])
        centre = _centres(box, near, worth, best, len(item))
        joins = best & centre[box]
        group[near[joins]] = box[joins]
        grouped_now = centre
        grouped_now[near[joins]] = True
        left = ~(grouped_now[box] | grouped_now[near])
        box, near, worth = box[left], near[left], worth[left]
    return group


def _candidates(
    item: Ints, source: Ints, label: Ints, place: Floats, iou: float
) -> tuple[Ints, Ints, Ints]:
    """The pairs of boxes that may be grouped, both ways round: a box, one near it, their worth.

    Sorted by box, source of the one near it, worth (best first), and place.
    """
    end = np.searchsorted(item, item, side="right")
    pairs = overlapping(place, place, np.arange(len(item)) + 1, end, iou)
    one, other, overlap = pairs.only(source[pairs.one] != source[pairs.other])
    worth = np.rint((overlap + SAME_CLASS * (label[one] == label[other])) * STEPS).astype(np.int64)
    box, near = np.concatenate([one, other]), np.concatenate([other, one])
    worth = np.concatenate([worth, worth])
    order = np.lexsort((near, -worth, source[near], box))
    return box[order], near[order], worth[order]


def _centres(
    box: Ints, near: Ints, worth: Ints, best: NDArray[np.bool_], boxes: int
) -> NDArray[np.bool_]:
    """The boxes with more support than every box within two steps: none of them share a box.

    Of equal support the first counts as more.
    """
    support = np.bincount(box[best], worth[best], boxes).astype(np.int64)
    rank = support * boxes + np.arange(boxes)[::-1]
    start = np.flatnonzero(np.r_[True, box[1:] != box[:-1]])
    with_pairs = box[start]
    highest = rank.copy()
    for _ in range(2):
        around = np.maximum.reduceat(highest[near], start)
        highest[with_pairs] = np.maximum(highest[with_pairs], around)
    centre = np.zeros(boxes, bool)
    centre[with_pairs] = highest[with_pairs] == rank[with_pairs]
    return centre
