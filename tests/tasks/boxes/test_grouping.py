"""Groups of boxes, against the same made one after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.tasks.boxes import grouping
from labelwright.tasks.boxes.grouping import SAME_CLASS, STEPS, grouped
from tasks.boxes.test_overlap import iou


def one_after_the_other(item, source, label, place, least):
    group, free = np.arange(len(item)), set(range(len(item)))

    def partners(box):
        best = {}
        for near in sorted(free - {box}):
            overlap = iou(place[box], place[near])
            if item[near] == item[box] and source[near] != source[box] and overlap >= least:
                worth = round((overlap + SAME_CLASS * (label[box] == label[near])) * STEPS)
                if worth > best.get(source[near], (0, 0))[0]:
                    best[source[near]] = worth, near
        return best

    while free:
        support = {box: sum(worth for worth, _ in partners(box).values()) for box in free}
        centre = max(free, key=lambda box: (support[box], -box))
        members = [near for _, near in partners(centre).values()]
        group[members] = centre
        free -= {centre, *members}
    return group


@st.composite
def columns(draw):
    rows = draw(
        st.lists(
            st.tuples(*[st.integers(0, top) for top in (2, 6, 6, 5, 5, 1, 3)]),
            max_size=14,
            unique=True,
        )
    )
    item, x, y, width, height, label, source = np.array(sorted(rows), np.int64).reshape(-1, 7).T
    place = np.column_stack([x, y, x + width + 2, y + height + 2]).astype(float)
    order = np.lexsort((source, label, *place.T[::-1], item))
    return tuple(column[order] for column in (item, source, label, place))


@settings(max_examples=200, deadline=None)
@given(columns(), st.sampled_from([0.2, 0.5, 0.7]))
def test_all_items_at_once_are_grouped_like_one_box_after_the_other(boxes, least):
    np.testing.assert_array_equal(grouped(*boxes, least), one_after_the_other(*boxes, least))


def test_items_are_never_divided_between_portions(monkeypatch):
    monkeypatch.setattr(grouping, "BOXES", 3)
    item = np.repeat(np.arange(4), 4)
    place = np.tile([0.0, 0, 10, 10], (16, 1))
    found = grouped(item, np.tile(np.arange(4), 4), np.zeros(16, np.int64), place, 0.5)
    np.testing.assert_array_equal(found, item * 4)


def test_without_boxes_there_are_no_groups():
    nothing = np.zeros(0, np.int64)
    assert not len(grouped(nothing, nothing, nothing, np.zeros((0, 4)), 0.5))


def test_of_two_boxes_of_a_source_the_one_of_the_same_class_is_taken():
    """A rider and their bicycle fill nearly the same place."""
    label = np.array([0, 1, 0, 1])
    place = np.array([[0.0, 0, 10, 10], [0, 0, 10, 11], [0, 0, 10, 11], [0, 0, 10, 10]])
    order = np.lexsort((label, *place.T[::-1]))
    source = np.array([0, 0, 1, 1])
    found = grouped(np.zeros(4, np.int64), source[order], label[order], place[order], 0.5)
    groups = {tuple(sorted(order[found == centre].tolist())) for centre in np.unique(found)}
    assert groups == {(0, 2), (1, 3)}
