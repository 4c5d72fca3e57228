"""Beliefs about units become boxes: of an answer, and at the units of others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.tasks.boxes.answer_form import GridBox, text_of
from labelwright.tasks.boxes.ballots import NOTHING
from labelwright.tasks.boxes.overlap import Floats, Ints
from labelwright.tasks.boxes.pairing import paired
from labelwright.tasks.boxes.unit_keys import NOBODY, KeyBoxes, key_boxes, mean_places

LEAST_WEIGHT = 1e-3
"""What a source weighs that is never right: where nobody else drew, its box stands."""

CERTAIN = 1e9
"""What a source weighs that is right by definition: its box stands as it drew it."""

SCALE = 0.1
"""A box that is off by this share of its sides counts half: more than careful people differ by."""

STEPS = 3


class MergedBoxes(NamedTuple):
    """One box a unit that more likely holds an object than not, sorted by item.

    Attributes:
        item: the position of its item.
        label: its class in the task.
        place: x0, y0, x1, y1 in whole steps of the grid, shape (boxes, 4).
        confidence: the probability of its class.
    """

    item: Ints
    label: Ints
    place: Floats
    confidence: Floats


def recomposed(beliefs: Beliefs, task: Task) -> Answers:
    """The merged boxes of every item with evidence, as sure as its least sure unit.

    Units that only a guest named are no evidence.
    """
    counts = beliefs.covered & ~_guests_only(key_boxes(beliefs.key), len(beliefs.item))
    known = np.zeros(beliefs.items, bool)
    known[beliefs.item[counts]] = True
    sure = known.astype(np.float64)
    np.minimum.at(sure, beliefs.item[counts], beliefs.confidence[counts])
    merged = merged_boxes(beliefs)
    boxes: list[dict[tuple[str, GridBox], float]] = [{} for _ in range(beliefs.items)]
    rows = merged.item.tolist(), merged.label.tolist(), merged.place.astype(np.int64).tolist()
    for item, label, (x0, y0, x1, y1), chance in zip(*rows, merged.confidence, strict=True):
        box = (task.classes[label], (x0, y0, x1, y1))
        boxes[item][box] = max(float(chance), boxes[item].get(box, 0.0))
    told = [some if k else None for some, k in zip(boxes, known.tolist(), strict=True)]
    texts = [None if some is None else text_of(some) for some in told]
    chances = [None if some is None else [some[box] for box in sorted(some)] for some in told]
    return Answers(pa.array(texts, pa.string()), sure, pa.array(chances, pa.list_(pa.float64())))


def merged_boxes(beliefs: Beliefs) -> MergedBoxes:
    """The boxes that are believed in, each at the place that its group means.

    Trust that is infinite says that the source is the truth.
    """
    held = key_boxes(beliefs.key)
    label = beliefs.label
    unit = np.flatnonzero(beliefs.covered & (label != NOTHING))
    unit = np.intersect1d(unit, held.unit[held.source != NOBODY])
    weight = np.ones(len(held.unit))
    if beliefs.trust is not None:
        trust = np.nan_to_num(beliefs.trust, nan=1.0, posinf=CERTAIN)
        weight = np.append(np.maximum(trust, LEAST_WEIGHT), 1.0)[held.source]
    # Rounded the same way, sides that lie a step apart or more stay so: a box has an inside.
    place = np.floor(_meant_places(held, len(label), weight)[unit] + 0.5)
    sure = beliefs.confidence[unit].astype(np.float64)
    return MergedBoxes(beliefs.item[unit], label[unit] - 1, place, sure)


def _meant_places(held: KeyBoxes, units: int, weight: Floats) -> Floats:
    """The mean place of every unit, boxes that lie off it counting less. Shape (units, 4).

    Weighs each box by how often its source is right, then again by how near it lies: careful
    people agree to the pixel, and their agreement tells whose place is good where the classes
    that a source says do not.

    Reference:
        P. W. Holland, R. E. Welsch: Robust Regression Using Iteratively Reweighted Least-Squares.
        Communications in Statistics 6(9), 1977. https://doi.org/10.1080/03610927708827533
        (the weight of Cauchy)
    """
    # Sums differ by rounding with their order, which must not be that of the sources.
    order = np.lexsort((weight, *held.place.T, held.unit))
    held, weight = held.only(order), weight[order]
    mean = mean_places(held, units, weight)
    for _ in range(STEPS):
        middle = mean[held.unit]
        sides = np.tile(middle[:, 2:] - middle[:, :2], 2)
        off = np.mean(((held.place - middle) / sides) ** 2, axis=1)
        mean = mean_places(held, units, weight / (1 + off / SCALE**2))
    return mean


def aligned(beliefs: Beliefs, units: Units, iou: float) -> NDArray[np.float64]:
    """What beliefs about other boxes say at these units, shape (units, classes).

    A unit takes the belief about the box that lies upon it; where there is none, and on the
    ground, that is "nothing". Of items without any belief all classes are equally probable.
    """
    classes = len(units.class_names)
    said = np.zeros((len(units.item), classes))
    said[:, NOTHING] = 1
    known = np.zeros(units.items, bool)
    known[beliefs.item[beliefs.covered]] = True
    said[~known[units.item]] = 1 / classes
    here, place = _placed(units.key, len(units.item))
    there, other = _placed(beliefs.key, len(beliefs.item))
    there, other = there[beliefs.covered[there]], other[beliefs.covered[there]]
    pairs, _, _ = paired(
        (units.item[here], np.zeros_like(here), place),
        (beliefs.item[there], np.zeros_like(there), other),
        iou,
    )
    said[here[pairs.one]] = beliefs.probability[there[pairs.other]]
    return said


def _guests_only(held: KeyBoxes, units: int) -> NDArray[np.bool_]:
    """The units that no source of the fit drew, but a guest. Shape (units,)."""
    guests = np.zeros(units, bool)
    guests[held.unit[held.source == NOBODY]] = True
    return guests


def _placed(key: pa.ListArray, units: int) -> tuple[Ints, Floats]:
    """The units that have boxes, and their mean places."""
    held = key_boxes(key)
    placed = np.unique(held.unit)
    return placed, mean_places(held, units, np.ones(len(held.unit)))[placed]
