"""Labels that are probably wrong."""

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.quality import label_errors


def noisy(rng, items=2_000, classes=3, wrong=0.1):
    """Predictions that know the truth fairly well, and labels of which some are wrong."""
    truth = rng.integers(classes, size=items)
    score = rng.normal(size=(items, classes)) + 2.5 * np.eye(classes)[truth]
    probability = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    flip = rng.random(items) < wrong
    label = np.where(flip, (truth + rng.integers(1, classes, items)) % classes, truth)
    return probability, label, label != truth


def test_wrong_labels_are_found_and_come_first():
    probability, label, wrong = noisy(np.random.default_rng(0))
    suspects = label_errors(probability, label)
    assert wrong[suspects.item].mean() > 0.5
    assert wrong[suspects.item].sum() > 0.7 * wrong.sum()
    assert wrong[suspects.item[:50]].mean() > 0.9
    assert np.all(np.diff(suspects.score[suspects.item]) >= 0)
    assert np.all(suspects.likely != label[suspects.item])


def test_labels_that_predictions_bear_out_are_no_suspects():
    probability = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert len(label_errors(probability, np.array([0, 1])).item) == 0


def test_a_class_that_nobody_was_given_is_no_suspicion():
    probability = np.array([[0.2, 0.15, 0.65], [0.15, 0.2, 0.65]])
    suspects = label_errors(probability, np.array([0, 1]))
    assert len(suspects.item) == 0
    assert np.all(np.isfinite(suspects.score))


def test_labels_of_one_class_alone_are_no_suspects():
    assert len(label_errors(np.array([[0.3, 0.7], [0.6, 0.4]]), np.array([0, 0])).item) == 0


def test_no_items_give_no_suspects():
    assert len(label_errors(np.zeros((0, 2)), np.zeros(0, int)).item) == 0


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="one label"):
        label_errors(np.full((2, 2), 0.5), np.array([0]))
    with pytest.raises(DataError, match="one label"):
        label_errors(np.full((1, 2), 0.5), np.array([2]))
