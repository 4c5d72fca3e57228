"""Sets of classes held against the truth: each class, and the sets as a whole."""

import math

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.quality import set_quality
from labelwright.tasks import kind_of

TASK = Task("multilabel", ("a", "b", "c"))


def judged(said, truth):
    both = [Answers(pa.array(one, pa.string()), np.ones(len(one))) for one in (said, truth)]
    return kind_of(TASK).judge(*both, TASK)


def test_measures_are_those_of_the_literature():
    said = ['["a"]', '["a", "b"]', "[]", '["c"]']
    truth = ['["a"]', '["b", "c"]', "[]", "[]"]
    found = set_quality(judged(said, truth), np.arange(4), 12)
    # Wrong are a and c of the second item and c of the last.
    assert (found.items, found.exact) == (4, 0.5)
    assert found.hamming_loss == pytest.approx(3 / 12)
    assert (found.said, found.true) == (1.0, 0.75)
    assert found.classes.precision.tolist() == [0.5, 1, 0]
    assert found.classes.recall.tolist() == [1, 1, 0]
    assert found.classes.f1_micro == pytest.approx(2 * 2 / (4 + 3))
    assert found.classes.f1_macro == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_of_classes_on_which_the_truth_is_silent_nothing_is_asked():
    found = set_quality(judged(['["a", "b"]'], ['{"a": true}']), np.arange(1), 1)
    assert (found.exact, found.hamming_loss, found.said) == (1, 0, 1)


def test_without_items_nothing_is_known():
    found = set_quality(judged([], []), np.arange(0), 0)
    assert all(math.isnan(one) for one in (found.exact, found.hamming_loss, found.said, found.true))
    assert math.isnan(found.classes.f1_micro)


def test_it_is_told_in_one_sentence():
    told = set_quality(judged(['["a", "b"]', "[]"], ['["a"]', "[]"]), np.arange(2), 2).sentence()
    assert told.startswith("50.0% of the sets right as a whole on 2 items; F1 0.667 micro")
    assert told.endswith("1.00 classes an item said, 0.50 in truth")
