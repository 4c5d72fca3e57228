"""Boxes held against boxes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.judgement import NOTHING, Judgement
from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.tasks.boxes.box_columns import boxes_in
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.boxes.pairing import paired

Side = tuple[Ints, Ints, Floats, Floats]
"""Item (rising), class, place and confidence of boxes."""


def judged(said: Answers, truth: Answers, task: Task, iou: float) -> Judgement:
    """The boxes of both sides, matched where both are known.

    A box is as sure as the answer says of it, else as its item.
    """
    sides = (_boxes(said, truth, task), _boxes(truth, said, task))
    return judged_boxes(*sides, task.classes, iou)


def judged_boxes(said: Side, truth: Side, class_names: tuple[str, ...], iou: float) -> Judgement:
    """The boxes of both sides, matched.

    A wrong class is a confusion of two classes; a box that is missed, or made up, is one with
    nothing.

    Args:
        said: item (rising), class, place and confidence of each box that was said.
        truth: likewise; the confidence is not read.
        class_names: of the task.
        iou: the least overlap of a match.
    """
    pairs, rank, true_rank = paired(said[:3], truth[:3], iou)
    missed = np.setdiff1d(np.arange(len(truth[0])), pairs.other, assume_unique=True)
    made_up = np.setdiff1d(np.arange(len(said[0])), pairs.one, assume_unique=True)
    one = np.concatenate([pairs.one, made_up, np.full(len(missed), NOTHING)])
    other = np.concatenate([pairs.other, np.full(len(made_up), NOTHING), missed])
    item = np.where(one == NOTHING, _at(truth[0], other), _at(said[0], one))
    overlap = np.concatenate([pairs.iou, np.zeros(len(made_up) + len(missed))])
    ends = _at(rank, one), _at(true_rank, other)
    order = np.lexsort((np.minimum(*ends), np.maximum(*ends), item))
    return Judgement(
        item=item[order],
        said=_at(said[1], one)[order].astype(np.int16),
        truth=_at(truth[1], other)[order].astype(np.int16),
        confidence=np.append(said[3], 0)[one][order].astype(np.float32),
        overlap=overlap[order].astype(np.float32),
        weight=np.ones(len(item)),
        class_names=class_names,
    )


def likeness(one: Answers, other: Answers, task: Task, iou: float) -> NDArray[np.float64]:
    """The F1 of the boxes that both drew, 1 where both are empty, NaN where one is unknown."""
    judgement = judged(one, other, task, iou)
    items = len(one.answer)
    right = np.bincount(judgement.item, judgement.right, items)
    boxes = (judgement.said != NOTHING).astype(np.int64) + (judgement.truth != NOTHING)
    total = np.bincount(judgement.item, boxes, items)
    alike = np.divide(2 * right, total, out=np.ones(items), where=total > 0)
    return np.where(_both_known(one, other), alike, np.nan)


def _boxes(answers: Answers, other: Answers, task: Task) -> Side:
    """The boxes of the items of which the other side is known as well."""
    known = pa.array(_both_known(answers, other))
    boxes = boxes_in(pc.if_else(known, answers.answer, None), task)
    sure = answers.confidence[boxes.answer]
    if answers.chances is not None:
        sure = answers.chances.filter(known).flatten().to_numpy(zero_copy_only=False)
    return boxes.answer, boxes.label, boxes.place, sure


def _both_known(one: Answers, other: Answers) -> NDArray[np.bool_]:
    known = pc.and_(one.answer.is_valid(), other.answer.is_valid())
    return known.to_numpy(zero_copy_only=False)


def _at(values: NDArray[np.int64], places: Ints) -> NDArray[np.int64]:
    """The values at these places, `NOTHING` where there is none."""
    return np.append(values, NOTHING)[places]
