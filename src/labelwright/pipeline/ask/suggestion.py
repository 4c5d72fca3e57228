"""What to suggest to a person who is asked about an item: one answer for terminal, app and API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained

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
    moved: NDArray[np.floating[Any]] | None = None,
) -> Guess | None:
    """The item's label, else the end model's word, else nothing; canonical.

    The label is what an explanation explains and an export exports. Where content is part of it,
    it follows the answers between rounds as far as the end model does.

    Args:
        labels: that stand, None if nothing is labelled.
        trained: the end model, None before there is one.
        number: of the item.
        moved: what the end model says of every item since it follows the latest answers, if it
            does.
    """
    if labels is None:
        return None
    known = labels.answers.answer[number].as_py() if number < labels.votes.items else None
    if known is not None:
        shift = since_trained(labels, trained, number, moved)
        if shift is None:
            return Guess(known, float(labels.answers.confidence[number]), LABEL)
        return _likeliest(labels, labels.posterior.probability[number] * shift, LABEL)
    said = moved if moved is not None or trained is None else trained.prediction
    if said is None or number >= len(said) or not labels.units.single:
        return None
    return _likeliest(labels, said[number], END_MODEL)


def since_trained(
    labels: Labels,
    trained: Trained | None,
    number: int,
    moved: NDArray[np.floating[Any]] | None,
) -> NDArray[np.float64] | None:
    """By how much content speaks more for each class of an item since the latest round.

    Only how far the end model moved counts: what it said when it was trained is in the label
    already, by models that had not seen the item.

    Returns:
        Factors of the classes' probabilities, shape (classes,); None if nothing moved, or content
        has no say in the label.
    """
    joint = labels.joint
    if joint is None or trained is None or moved is None or not labels.units.single:
        return None
    if joint.settled[number] or number >= min(len(moved), len(trained.prediction)):
        return None
    before = np.maximum(trained.prediction[number], FLOOR)
    factors: NDArray[np.float64] = np.maximum(np.asarray(moved[number], np.float64), FLOOR) / before
    return factors


def _likeliest(labels: Labels, chances: NDArray[np.floating[Any]], by: str) -> Guess:
    best = int(chances.argmax())
    return Guess(labels.units.class_names[best], float(chances[best] / chances.sum()), by)
