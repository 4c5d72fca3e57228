"""One-coin sources: right with one probability whatever the class, wrong evenly otherwise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.evidence.scoring import is_gold

Array = NDArray[np.float64]


def coin_fit(
    model: str, votes: VoteMatrix, accuracy: Array, class_prior: Array, class_score: Array
) -> LabelModelFit:
    """The fit in which every source is right with its accuracy, and gold with its own.

    Args:
        model: the name of the method.
        votes: whose sources they are.
        accuracy: shape (sources,).
        class_prior: shape (classes,), sums to 1.
        class_score: the log score of each class before any vote, shape (classes,).
    """
    confusion = coin_confusion(with_gold(votes, accuracy), votes.classes)
    return LabelModelFit(
        model=model,
        class_prior=class_prior,
        confusion=confusion,
        accuracy=where_it_voted(votes, with_gold(votes, accuracy)),
        class_score=class_score,
        vote_score=np.log(confusion).transpose(0, 2, 1),
        abstain_score=np.zeros((votes.sources, votes.classes)),
    )


def coin_confusion(accuracy: Array, classes: int) -> Array:
    """P(vote is column | class is row) of one-coin sources, shape (sources, classes, classes)."""
    wrong = (1 - accuracy) / (classes - 1)
    confusion = np.repeat(wrong, classes**2).reshape(-1, classes, classes)
    diagonal = np.arange(classes)
    confusion[:, diagonal, diagonal] = accuracy[:, None]
    return confusion


def with_gold(votes: VoteMatrix, accuracy: Array) -> Array:
    """The accuracies, with the known one where the source is gold, shape (sources,)."""
    return np.where(is_gold(votes), GOLD_ACCURACY, accuracy)


def where_it_voted(votes: VoteMatrix, accuracy: Array) -> Array:
    """The accuracies, NaN where the source never voted, shape (sources,)."""
    return np.where(votes.vote_count > 0, accuracy, np.nan)
