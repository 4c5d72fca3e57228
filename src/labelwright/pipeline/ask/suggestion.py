"""What to suggest to a person who is asked about an item: one answer for terminal, app and API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.task import Task
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained
from labelwright.sources.from_beliefs import beliefs_of_items
from labelwright.tasks import kind_of

LABEL, END_MODEL = "label model", "end model"
FLOOR = 1e-4
"""What the end model holds for less likely than this does not move a label."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What the machine thinks of an item.

    Attributes:
        answer: canonical, or as a person would give it.
        confidence: 0..1.
        by: ``label model`` (votes, and content where that was joined in) or ``end model``.
    """

    answer: Any
    confidence: float
    by: str


def suggestion(
    labels: Labels | None,
    trained: Trained | None,
    number: int,
    task: Task,
    moved: NDArray[np.floating[Any]] | None = None,
) -> Guess | None:
    """The item's label, else the end model's word, else nothing; canonical.

    The label is what an explanation explains and an export exports. Where content is part of it,
    it follows the answers between rounds as far as the end model does.

    Args:
        labels: that stand, None if nothing is labelled.
        trained: the end model, None before there is one.
        number: of the item.
        task: what is asked.
        moved: what the end model says of every unit since it follows the latest answers, if it
            does.
    """
    if labels is None:
        return None
    known = labels.answers.answer[number].as_py() if number < labels.votes.items else None
    if known is not None:
        shift = since_trained(labels, trained, number, moved)
        if shift is None:
            return Guess(known, float(labels.answers.confidence[number]), LABEL)
        believed = _of_item(labels, labels.posterior.probability, number)
        return _likeliest(believed * shift, task, LABEL)
    said = moved if moved is not None or trained is None else trained.prediction
    chances = None if said is None else _of_item(labels, said, number)
    return None if chances is None or not len(chances) else _likeliest(chances, task, END_MODEL)


def since_trained(
    labels: Labels,
    trained: Trained | None,
    number: int,
    moved: NDArray[np.floating[Any]] | None,
) -> NDArray[np.float64] | None:
    """By how much content speaks more for each class of an item's units since the latest round.

    Only how far the end model moved counts: what it said when it was trained is in the label
    already, by models that had not seen the item.

    Returns:
        Factors of the classes' probabilities, 1 where gold answered, shape (heads, classes); None
        if nothing moved, or content has no say in the label.
    """
    joint = labels.joint
    if joint is None or trained is None or moved is None:
        return None
    before, after = (_of_item(labels, said, number) for said in (trained.prediction, moved))
    settled = _of_item(labels, joint.settled, number)
    if settled.all() or not len(before) or not len(after):
        return None
    factors: NDArray[np.float64] = np.maximum(after, FLOOR) / np.maximum(before, FLOOR)
    factors[settled] = 1.0
    return factors


def _of_item(labels: Labels, values: NDArray[Any], number: int) -> NDArray[Any]:
    """What is said of the units of one item; empty where nothing is."""
    heads = labels.units.heads
    said = values[number * heads : (number + 1) * heads]
    return said.astype(np.float64) if said.dtype.kind == "f" else said


def _likeliest(chances: NDArray[np.float64], task: Task, by: str) -> Guess | None:
    shares = chances / chances.sum(axis=1, keepdims=True)
    said = kind_of(task).recompose(beliefs_of_items(shares, task), task)
    answer = said.answer[0].as_py()
    return None if answer is None else Guess(answer, float(said.confidence[0]), by)
