"""Precision, recall, F1 and confusion of judged pieces."""

import numpy as np
import pytest

from labelwright.core.judgement import NOTHING, Judgement
from labelwright.quality import label_quality, piece_quality, piece_reliability


def judgement(said, truth, *, weight=None, sure=None, classes=2):
    return Judgement(
        item=np.arange(len(said)),
        said=np.array(said, np.int16),
        truth=np.array(truth, np.int16),
        confidence=np.ones(len(said), np.float32) if sure is None else np.array(sure, np.float32),
        overlap=np.ones(len(said), np.float32),
        weight=np.ones(len(said)) if weight is None else np.array(weight, float),
        class_names=tuple(f"c{n}" for n in range(classes)),
    )


FIVE = judgement([0, 0, 1, NOTHING, 1], [0, 1, 1, 1, NOTHING], classes=3)


def test_missed_and_made_up_pieces_are_confused_with_nothing():
    wanted = [[1, 0, 0, 0], [1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]
    np.testing.assert_array_equal(piece_quality(FIVE).confusion, wanted)


def test_measures_of_a_case_worked_out_by_hand():
    found = piece_quality(FIVE)
    np.testing.assert_allclose(found.precision, [1 / 2, 1 / 2, np.nan])
    np.testing.assert_allclose(found.recall, [1, 1 / 3, np.nan])
    np.testing.assert_allclose(found.f1, [2 / 3, 2 / 5, np.nan])
    np.testing.assert_array_equal(found.support, [1, 3, 0])
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.precision_micro == pytest.approx(2 / 4)
    assert found.recall_micro == pytest.approx(2 / 4)
    assert found.f1_micro == pytest.approx(2 / 4)
    assert found.f1_macro == pytest.approx((2 / 3 + 2 / 5) / 2)


def test_heavier_pieces_count_more():
    found = piece_quality(judgement([0, 0], [0, 1], weight=[3, 1]))
    assert found.accuracy == pytest.approx(3 / 4)


def test_without_pieces_nothing_is_known():
    found = piece_quality(judgement([], []))
    measures = found.accuracy, found.precision_micro, found.recall_micro, found.f1_micro
    assert np.isnan([*measures, found.f1_macro, *found.precision, *found.recall]).all()


def test_where_every_item_has_one_piece_the_measures_are_those_of_labels():
    rng = np.random.default_rng(0)
    said, truth = rng.integers(0, 3, 50), rng.integers(0, 3, 50)
    found, labels = piece_quality(judgement(said, truth, classes=3)), label_quality(said, truth)
    np.testing.assert_array_equal(found.confusion[:-1, :-1], labels.confusion)
    np.testing.assert_allclose(found.f1, labels.f1)
    assert found.accuracy == found.f1_micro == labels.accuracy
    assert found.f1_macro == pytest.approx(labels.f1_macro)


def test_reliability_tells_of_what_was_said_and_leaves_out_what_was_missed():
    sure = [0.9, 0.9, 0.2, 0]
    table = piece_reliability(judgement([0, 1, 1, NOTHING], [0, 0, NOTHING, 1], sure=sure), bins=2)
    np.testing.assert_allclose(table.confidence, [0.2, 0.9])
    np.testing.assert_allclose(table.accuracy, [0, 0.5])
    np.testing.assert_array_equal(table.count, [1, 2])
