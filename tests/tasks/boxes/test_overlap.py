"""Overlaps of many boxes at once, against one pair after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.tasks.boxes import overlap
from labelwright.tasks.boxes.overlap import Pairs, matched, overlapping


def some_boxes(rng, count):
    corner = rng.integers(0, 10, (count, 2)).astype(float)
    return np.hstack([corner, corner + rng.integers(1, 10, (count, 2))])


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def test_every_pair_that_overlaps_enough_is_found_in_small_portions_too(monkeypatch):
    rng = np.random.default_rng(0)
    one, other = some_boxes(rng, 30), some_boxes(rng, 40)
    start, end = rng.integers(0, 20, 30), rng.integers(20, 41, 30)
    wanted = [
        (i, j, iou(one[i], other[j]))
        for i in range(30)
        for j in range(start[i], end[i])
        if iou(one[i], other[j]) >= 0.3
    ]
    for portion in (overlap.PAIRS, 7):
        monkeypatch.setattr(overlap, "PAIRS", portion)
        found = overlapping(one, other, start, end, 0.3)
        assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted


def test_half_of_the_overlap_asked_for_counts_to_the_bit():
    boxes = np.array([[0.0, 0, 100, 100], [0, 0, 100, 50], [0, 51, 100, 100]])
    found = overlapping(boxes[:1], boxes[1:], np.array([0]), np.array([2]), 0.5)
    np.testing.assert_array_equal(found.other, [0])


def test_no_boxes_have_no_pairs():
    nothing = np.zeros(0, np.int64)
    assert not len(overlapping(np.zeros((0, 4)), np.zeros((0, 4)), nothing, nothing, 0.5).iou)
    assert not len(matched(Pairs(nothing, nothing, np.zeros(0)), nothing))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), unique=True), st.randoms())
def test_matching_is_the_greedy_one(pairs, random):
    order = list(range(len(pairs)))
    random.shuffle(order)
    ones, others, wanted = set(), set(), []
    for place in order:
        one, other = pairs[place]
        if one not in ones and other not in others:
            ones.add(one)
            others.add(other)
            wanted.append(place)
    columns = np.array(pairs, np.int64).reshape(-1, 2).T
    found = matched(Pairs(*columns, np.ones(len(pairs))), np.array(order, np.int64))
    assert found.tolist() == wanted
