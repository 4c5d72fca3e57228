"""The boxes that sources drew, and who was asked where nothing was drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.tasks.boxes.box_columns import boxes_of
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.class_names import prior_accuracies

NOTHING = 0
"""The unit class of "there is nothing here"; the task's classes follow."""


class DrawnBoxes(NamedTuple):
    """Boxes in force, sorted by item, place, class and source, a row a box.

    Attributes:
        vote: the position of the vote that it belongs to.
        item: the position of its item.
        source: the position of its source.
        label: its class in the task.
        place: x0, y0, x1, y1 in steps of the grid, shape (boxes, 4).
    """

    vote: Ints
    item: Ints
    source: Ints
    label: Ints
    place: Floats

    def only(self, rows: NDArray[np.bool_] | Ints) -> DrawnBoxes:
        """These rows."""
        return DrawnBoxes(
            self.vote[rows],
            self.item[rows],
            self.source[rows],
            self.label[rows],
            self.place[rows],
        )


def drawn_boxes(votes: Votes, task: Task) -> DrawnBoxes:
    """The boxes of all votes.

    Raises:
        AnswerError: a class that the task does not have.
    """
    boxes = boxes_of(votes.answers.pieces(np.arange(len(votes.answers))), task)
    count = np.bincount(boxes.answer, minlength=len(votes.answers) + 1)
    start = np.cumsum(count) - count
    boxes_of_vote = count[votes.answer]  # -1, an abstention, is the last, which has none
    vote = np.repeat(np.arange(len(votes.item)), boxes_of_vote)
    first = np.cumsum(boxes_of_vote) - boxes_of_vote
    box = np.arange(len(vote)) + (start[votes.answer] - first)[vote]
    found = DrawnBoxes(
        vote,
        votes.item[vote].astype(np.int64),
        votes.source[vote].astype(np.int64),
        boxes.label[box],
        boxes.place[box],
    )
    keys = (found.source, found.label, *found.place.T[::-1], found.item)
    return found.only(np.lexsort(keys))


def votes_on_units(
    votes: Votes, drawn: DrawnBoxes, unit: Ints, first: Ints, classes: int
) -> VoteMatrix:
    """The votes of sources on every unit of the items about which they were asked.

    Args:
        votes: on items.
        drawn: the boxes of these votes.
        unit: the unit that each box belongs to, shape (boxes,).
        first: the first unit of every item, its ground, and behind them how many units there
            are, shape (items + 1,).
        classes: how many classes a unit has.
    """
    units_of_item = np.diff(first)
    count = units_of_item[votes.item]
    vote = np.repeat(np.arange(len(votes.item)), count)
    start = np.cumsum(count) - count
    label = np.where(votes.answer == ABSTAINED, ABSTAINED, NOTHING)[vote]
    label[start[drawn.vote] + unit - first[drawn.item]] = 1 + drawn.label
    return VoteMatrix.build(
        np.arange(len(vote)) + (first[votes.item] - start)[vote],
        votes.source[vote],
        label,
        units=int(first[-1]),
        classes=classes,
        kinds=[source.kind for source in votes.sources],
        complete=votes.complete,
        accuracies=prior_accuracies(votes),
        confidence=None if votes.confidence is None else votes.confidence[vote],
    )
