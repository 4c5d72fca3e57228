"""Boxes reduce to groups that mean the same object, and the ground of every item."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.tasks.boxes.ballots import DrawnBoxes, drawn_boxes, votes_on_units
from labelwright.tasks.boxes.grouping import grouped
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.boxes.pairing import paired
from labelwright.tasks.boxes.unit_keys import keys_of

NOTHING_NAME = "nothing"
UNPAIRED = -1


class Groups(NamedTuple):
    """Groups of boxes, sorted by item.

    Attributes:
        item: the position of the item, shape (groups,).
        label: the class that most say, of equals the first, shape (groups,).
        place: the mean place, shape (groups, 4).
        of_box: the group of every box, shape (boxes,).
    """

    item: Ints
    label: Ints
    place: Floats
    of_box: Ints


class UnitLayout(NamedTuple):
    """Where units lie: of every item its ground, the groups, the groups of guests alone.

    Attributes:
        item: the item of every unit, shape (units,).
        first: the ground of every item, and behind them how many units there are, (items + 1,).
        group: the unit of every group.
        guest_group: the unit of every group of guests alone.
    """

    item: Ints
    first: Ints
    group: Ints
    guest_group: Ints


def reduced(votes: Votes, guests: Votes | None, task: Task, iou: float) -> Units:
    """Votes on groups of matched boxes, and on the ground of every item.

    Who was asked about an item and drew nothing at a group says "nothing" there; on the ground
    everybody does. A guest's boxes join the groups that they match best; what is left makes groups
    of its own, on which all others said nothing.
    """
    classes = 1 + len(task.classes)
    drawn = drawn_boxes(votes, task)
    groups = _groups(drawn, iou)
    if guests is None:
        layout = _layout(votes.items, groups.item, np.zeros(0, np.int64))
        unit = layout.group[groups.of_box]
        matrix, guest_matrix = votes_on_units(votes, drawn, unit, layout.first, classes), None
        key = keys_of(len(layout.item), unit, drawn.source, drawn.place)
    else:
        visiting = drawn_boxes(guests, task)
        joined = _joined(visiting, groups, iou)
        apart = joined == UNPAIRED
        own = visiting.only(apart)
        own_groups = _groups(own, iou)
        layout = _layout(votes.items, groups.item, own_groups.item)
        unit, own_unit = layout.group[groups.of_box], layout.guest_group[own_groups.of_box]
        guest_unit = np.append(layout.group, UNPAIRED)[joined]
        guest_unit[apart] = own_unit
        matrix = votes_on_units(votes, drawn, unit, layout.first, classes)
        guest_matrix = votes_on_units(guests, visiting, guest_unit, layout.first, classes)
        # That there is nothing beside all objects is true by definition: nothing to be right about.
        ground = np.isin(guest_matrix.unit, layout.first[:-1])
        guest_matrix = guest_matrix.only(~ground)
        key = keys_of(
            len(layout.item),
            np.concatenate([unit, own_unit]),
            np.concatenate([drawn.source, np.full(len(own_unit), -1)]),
            np.concatenate([drawn.place, own.place]),
        )
    return Units(
        matrix,
        layout.item,
        votes.items,
        (NOTHING_NAME, *task.classes),
        key,
        guests=guest_matrix,
        guests_only=_marked(layout.guest_group, len(layout.item)),
    )


def _groups(drawn: DrawnBoxes, iou: float) -> Groups:
    centre = grouped(drawn.item, drawn.source, drawn.label, drawn.place, iou)
    centres, of_box = np.unique(centre, return_inverse=True)
    size = np.bincount(of_box, minlength=len(centres))
    # Whole steps of the grid add up without rounding, in whatever order.
    place = [np.bincount(of_box, side, len(centres)) / size for side in drawn.place.T]
    label = _most_said(of_box, drawn.label)
    return Groups(drawn.item[centres], label, np.column_stack(place), of_box)


def _most_said(group: Ints, label: Ints) -> Ints:
    """The class that most boxes of each group have, of equals the first."""
    order = np.lexsort((label, group))
    pairs = np.column_stack([group, label])[order]
    start = np.flatnonzero(np.r_[True, np.any(np.diff(pairs, axis=0) != 0, axis=1)][: len(pairs)])
    count = np.diff(np.append(start, len(pairs)))
    group, label = pairs[start].T
    best = np.lexsort((label, -count, group))
    leads = np.r_[True, np.diff(group) != 0][: len(group)]
    return label[best][leads]


def _joined(visiting: DrawnBoxes, groups: Groups, iou: float) -> Ints:
    """The group that each box of a guest joins, `UNPAIRED` for none; a guest has one in each."""
    joined = np.full(len(visiting.item), UNPAIRED, np.int64)
    for source in np.unique(visiting.source):
        rows = np.flatnonzero(visiting.source == source)
        own = visiting.only(rows)
        pairs, _, _ = paired(
            (own.item, own.label, own.place), (groups.item, groups.label, groups.place), iou
        )
        joined[rows[pairs.one]] = pairs.other
    return joined


def _layout(items: int, groups: Ints, guest_groups: Ints) -> UnitLayout:
    item = np.concatenate([np.arange(items), groups, guest_groups])
    order = np.argsort(item, kind="stable")
    place = np.empty(len(item), np.int64)
    place[order] = np.arange(len(item))
    first = np.append(place[:items], len(item))
    return UnitLayout(item[order], first, *np.split(place[items:], [len(groups)]))


def _marked(units: Ints, count: int) -> NDArray[np.bool_] | None:
    if not len(units):
        return None
    marked = np.zeros(count, bool)
    marked[units] = True
    return marked
