"""Average precision on cases that can be worked out by hand, and against a plain reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError
from labelwright.core.judgement import NOTHING, Judgement
from labelwright.quality import COCO_OVERLAPS, average_precision


def judgement(rows, classes=1):
    """Pieces as (said, truth, confidence, overlap)."""
    said, truth, confidence, overlap = np.array(rows, float).reshape(-1, 4).T
    return Judgement(
        item=np.arange(len(said)),
        said=said.astype(np.int16),
        truth=truth.astype(np.int16),
        confidence=confidence.astype(np.float32),
        overlap=overlap.astype(np.float32),
        weight=np.ones(len(said)),
        class_names=tuple(f"c{n}" for n in range(classes)),
    )


def hit(sure, overlap=1.0):
    return (0, 0, sure, overlap)


def made_up(sure):
    return (0, NOTHING, sure, 0)


MISSED = (NOTHING, 0, 0, 0)


def mean(rows, overlap=0.5, classes=1, **options):
    return average_precision(judgement(rows, classes), overlap, **options).mean


def test_all_found_and_nothing_else_is_one():
    assert mean([hit(0.9), hit(0.2)]) == 1
    assert mean([hit(0.9), hit(0.2)], every_point=True) == 1


def test_a_made_up_piece_between_two_that_are_found():
    """Precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1: 51 of 101 recalls have 1, 50 have 2/3."""
    rows = [hit(0.9), made_up(0.8), hit(0.7)]
    assert mean(rows, every_point=True) == pytest.approx(1 / 2 + 1 / 2 * 2 / 3)
    assert mean(rows) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_made_up_piece_that_is_the_least_sure_costs_nothing():
    assert mean([hit(0.9), made_up(0.1)]) == 1
    assert mean([hit(0.1), made_up(0.9)], every_point=True) == pytest.approx(1 / 2)


def test_what_is_missed_bounds_the_recall():
    assert mean([hit(0.9), MISSED, MISSED, MISSED], every_point=True) == pytest.approx(1 / 4)
    assert mean([hit(0.9), MISSED, MISSED, MISSED]) == pytest.approx(26 / 101)
    assert mean([MISSED]) == 0


def test_equally_sure_pieces_count_together_in_whatever_order():
    rows = [hit(0.5), made_up(0.5), hit(0.5), MISSED]
    wanted = 2 / 3 * 2 / 3
    assert mean(rows, every_point=True) == pytest.approx(wanted)
    assert mean(rows[::-1], every_point=True) == pytest.approx(wanted)


def test_a_place_that_is_off_counts_until_the_overlap_asked_for():
    rows = [hit(0.9, 0.75), hit(0.8, 0.5)]
    assert mean(rows, 0.5) == 1
    assert mean(rows, 0.75, every_point=True) == pytest.approx(1 / 2)
    assert mean(rows, 0.8) == 0
    assert mean([hit(0.9, 0.7)], COCO_OVERLAPS) == pytest.approx(5 / 10)
    assert (COCO_OVERLAPS[0], COCO_OVERLAPS[-1]) == (0.5, 0.95)


def test_a_wrong_class_is_made_up_for_one_and_missed_for_the_other():
    found = average_precision(judgement([(0, 1, 0.9, 1), (1, 1, 0.8, 1), hit(0.7)], 3))
    np.testing.assert_allclose(found.of_class, [(101 * 1 / 2) / 101, 51 / 101, np.nan])
    assert found.mean == pytest.approx((1 / 2 + 51 / 101) / 2)
    assert found.class_names == ("c0", "c1", "c2")


def test_without_truth_nothing_is_known():
    assert np.isnan(mean([made_up(0.5)]))
    assert np.isnan(mean([]))


@pytest.mark.parametrize("overlap", [-0.1, 1.5, float("nan"), ()])
def test_an_overlap_outside_0_to_1_is_an_error(overlap):
    with pytest.raises(DataError, match=r"0\.\.1"):
        mean([MISSED], overlap)


def plain(rows, label, overlap):
    """The reference: precision and recall at every confidence, then the best at 101 recalls."""
    true = sum(truth == label for _, truth, _, _ in rows)
    points = []
    for bar in {sure for said, _, sure, _ in rows if said == label}:
        kept = [row for row in rows if row[0] == label and row[2] >= bar]
        hits = sum(truth == label and lap >= overlap for _, truth, _, lap in kept)
        points.append((hits * 100, hits / len(kept)))
    return np.mean([max([p for hits, p in points if hits >= step * true], default=0)
                    for step in range(101)])  # fmt: skip


PIECES = st.tuples(
    st.integers(-1, 1), st.integers(-1, 1), st.integers(0, 8), st.integers(4, 8)
).filter(lambda row: row[:2] != (-1, -1))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_it_is_what_a_plain_reference_says(pieces):
    rows = [(said, truth, sure / 8, lap / 8) for said, truth, sure, lap in pieces]
    found = average_precision(judgement(rows, 2), 0.75).of_class
    for label in range(2):
        if any(truth == label for _, truth, _, _ in rows):
            assert found[label] == pytest.approx(plain(rows, label, 0.75))
        else:
            assert np.isnan(found[label])
