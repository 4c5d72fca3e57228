"""Copies and near-copies of texts and pictures."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.quality import Severity, alike_pictures, alike_texts, copies, picture_findings
from labelwright.quality.data.near_duplicates import fingerprints
from labelwright.quality.data.pictures import sharpness_of

LONG = "the quick brown fox jumps over the lazy dog and runs through the dark wood until night "


def test_texts_that_differ_in_case_and_signs_are_alike():
    texts = ["Hello, World! This is it", "hello world this IS it...", "another text altogether"]
    assert alike_texts(pa.array(texts)).tolist() == [0, 0, -1]


def test_a_changed_word_in_a_long_text_is_alike_and_half_a_text_is_not():
    base = LONG * 4
    texts = [base + "a", base + "b", LONG + "something else entirely " * 9, ""]
    assert alike_texts(pa.array(texts)).tolist() == [0, 0, -1, -1]


def test_short_texts_are_compared_whole():
    assert alike_texts(pa.array(["yes", "Yes!", "no", "", None, ""])).tolist() == [
        0, 0, -1, -1, -1, -1
    ]  # fmt: skip


def test_no_texts_and_no_alike_texts_make_no_groups():
    assert alike_texts(pa.array([], pa.string())).tolist() == []
    assert alike_texts(pa.array(["one thing", "a different matter"])).tolist() == [-1, -1]


def test_a_thousand_copies_are_one_group():
    assert set(alike_texts(pa.array([LONG] * 1_000)).tolist()) == {0}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12), st.randoms())
def test_the_order_of_texts_does_not_change_who_is_alike(texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    before = alike_texts(pa.array(texts, pa.string()))
    after = alike_texts(pa.array([texts[place] for place in order], pa.string()))
    together = before[order][:, None] == before[order]
    alone = (before[order] < 0)[:, None] | (before[order] < 0)
    assert np.array_equal((after[:, None] == after) & ~alone, together & ~alone)


def test_near_duplicates_of_many_texts_are_found_with_few_misses():
    rng = np.random.default_rng(0)
    words = np.array([f"word{place}" for place in range(2_000)])
    base = [" ".join(rng.choice(words, 60)) for _ in range(400)]
    changed = [text.replace(text.split()[5], "changed") for text in base]
    groups = alike_texts(pa.array(base + changed))
    assert np.mean(groups[:400] == groups[400:]) > 0.98
    assert np.all(np.bincount(groups[groups >= 0]) == 2)


def test_pictures_a_little_brighter_are_alike_and_others_are_not():
    rng = np.random.default_rng(0)
    pictures = rng.random((5, 8, 9))
    pictures[1] = pictures[0] * 0.9 + 0.05
    pictures[2] = 0.5  # one colour has no structure to compare
    pictures[3] = 0.5
    assert alike_pictures(pictures).tolist() == [0, 0, -1, -1, -1]
    assert fingerprints(pictures).shape == (5,)


def test_simple_pictures_with_equal_bits_and_other_greys_are_not_alike():
    steps = np.tile(np.linspace(0, 1, 9), (8, 1))
    curve = np.tile(np.linspace(0, 1, 9) ** 12, (8, 1))
    assert alike_pictures(np.stack([steps, curve])).tolist() == [-1, -1]


def test_very_many_alike_pictures_are_linked_without_comparing_all_pairs():
    picture = np.random.default_rng(0).random((8, 9))
    assert set(alike_pictures(np.tile(picture, (300, 1, 1))).tolist()) == {0}


def test_copies_within_the_training_part_waste_and_across_splits_leak():
    groups = np.array([0, 0, 0, 1, 1, -1])
    splits = np.array(["", "", "test", "train", "train", "test"])
    waste, leak = copies(groups, splits, np.full(6, -1), exact=True)
    assert (waste.check, waste.items.tolist(), waste.spare.tolist()) == (
        "duplicates", [0, 1, 2, 3, 4], [0, 1, 4]
    )  # fmt: skip
    assert (leak.severity, leak.spare.tolist()) == (Severity.ERROR, [0, 1])
    assert "1 held-out" in leak.message


def test_equal_items_with_different_truth_contradict():
    groups = np.array([0, 0, 1, 1])
    found = copies(groups, np.full(4, ""), np.array([0, 1, 1, 1]), exact=False)
    assert [each.check for each in found] == ["near_duplicates", "contradicting_truth"]
    assert (found[1].items.tolist(), found[1].count) == ([0, 1], 2)
    agreeing = copies(groups, np.full(4, ""), np.array([1, 1, 1, 1]), exact=False)
    assert [each.check for each in agreeing] == ["near_duplicates"]
    assert copies(np.full(4, -1), np.full(4, ""), np.zeros(4, int), exact=True) == []


def test_dark_pale_flat_blurred_tiny_and_damaged_pictures_are_told():
    brightness = np.array([0.5, 0.01, 0.99, 0.5, 0.5, 0.5, np.nan])
    contrast = np.array([0.2, 0.1, 0.1, 0.001, 0.2, 0.2, np.nan])
    sharpness = np.array([1.0, 1.0, 1.0, np.nan, 0.01, 1.0, np.nan])
    side = np.array([99.0, 99, 99, 99, 99, 8, np.nan])
    found = picture_findings(np.arange(10, 17), brightness, contrast, sharpness, side)
    assert {each.check: each.items.tolist() for each in found} == {
        "damaged_image": [16],
        "dark_image": [11],
        "pale_image": [12],
        "flat_image": [13],
        "blurred_image": [14],
        "tiny_image": [15],
    }
    unreadable = np.full(1, np.nan)
    (only,) = picture_findings(np.arange(1), *[unreadable] * 4)
    assert only.check == "damaged_image"


def test_blurring_lowers_sharpness():
    sharp = np.random.default_rng(0).random((64, 64))
    soft = (sharp + np.roll(sharp, 1, 0) + np.roll(sharp, 1, 1) + np.roll(sharp, -1, 0)) / 4
    assert sharpness_of(soft) < sharpness_of(sharp)
    assert np.isnan(sharpness_of(np.zeros((9, 9))))
    assert np.isnan(sharpness_of(np.zeros((2, 9))))
