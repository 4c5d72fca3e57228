"""Do labels do worse than knowing nothing, or than counting votes? A failure here costs either a
training set that is worse than none, or a project that is stopped without a reason."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MajorityVote
from labelwright.quality import HeldLabels, Rival, chance_right, contradictions

NOBODY = np.nan


def held(label, truth, counting=None, *, item=None, heads=1, classes=2):
    units = len(truth)
    return HeldLabels(
        item=np.arange(units) // heads if item is None else np.array(item),
        head=np.arange(units) % heads,
        truth=np.array(truth, np.int64),
        right=(np.array(label) == np.array(truth)).astype(float),
        counting=np.full(units, NOBODY) if counting is None else np.array(counting, float),
        class_names=tuple(f"class {k}" for k in range(classes)),
        head_names=tuple(f"topic {k}" for k in range(heads)) if heads > 1 else ("",),
    )


def test_labels_that_lose_to_the_commonest_class_are_contradicted_with_numbers():
    (found,) = contradictions(held([1] * 18 + [0] * 2, [0] * 20))
    assert (found.rival, found.said) == (Rival.COMMONEST, "class 0")
    assert (found.units, found.right, found.rival_right) == (20, 2, 20)
    assert (found.better, found.worse) == (0, 18)
    assert found.p == pytest.approx(2 * 0.5**18)


def test_a_loss_that_chance_can_make_contradicts_nothing():
    assert contradictions(held([1] * 6 + [0] * 14, [0] * 20)) == ()
    assert contradictions(held([1] * 8 + [0] * 12, [0] * 20)) != ()


@pytest.mark.parametrize("truth", [[], [0]])
def test_of_little_truth_nothing_follows(truth):
    assert contradictions(held([1] * len(truth), truth)) == ()


def test_labels_that_are_as_right_as_the_commonest_class_stand_even_if_they_differ():
    truth = [0] * 60 + [1] * 40
    label = [0] * 40 + [1] * 20 + [1] * 20 + [0] * 20
    assert contradictions(held(label, truth)) == ()


def test_gold_of_one_class_alone_contradicts_labels_of_others():
    assert contradictions(held([0] * 10 + [1] * 20, [0] * 30)) != ()
    assert contradictions(held([0] * 30, [0] * 30)) == ()


def test_with_very_many_classes_each_could_have_been_the_commonest_by_chance():
    label, truth = [1] * 12, [0] * 12
    assert contradictions(held(label, truth, classes=2)) != ()
    assert contradictions(held(label, truth, classes=150)) == ()
    assert contradictions(held([1] * 20, [0] * 20, classes=150)) != ()


def test_what_is_common_is_not_asked_of_items_that_were_chosen():
    assert contradictions(held([1] * 30, [0] * 30), chosen=True) == ()
    (found,) = contradictions(held([1] * 30, [0] * 30, [1] * 30), chosen=True)
    assert (found.rival, found.said) == (Rival.COUNTING, "")


def test_counting_is_held_against_labels_where_somebody_voted_alone():
    label, truth = [0] * 10 + [1] * 40, [0, 1] * 25
    counting = [1.0] * 10 + [NOBODY] * 40
    assert contradictions(held(label, truth, counting)) == ()
    wrong = [1 - one for one in truth]
    found = contradictions(held(wrong, truth, [1.0] * 25 + [NOBODY] * 25))
    counted = next(one for one in found if one.rival is Rival.COUNTING)
    assert (counted.units, counted.right, counted.rival_right) == (25, 0, 25)


def test_ties_are_shared_fairly():
    votes = VoteMatrix.from_dense([[0, 1, -1], [0, 0, 1], [1, 2, 0], [-1, -1, -1]], classes=3)
    model = MajorityVote()
    right = chance_right(model.posterior(model.fit(votes), votes), np.array([1, 0, 2, 0]))
    assert right[:3] == pytest.approx([1 / 2, 1, 1 / 3])
    assert np.isnan(right[3])
    # Labels that guess ties as well as a coin does not lose to counting, nor do better guesses.
    truth, half = np.arange(100) % 2, np.full(100, 0.5)
    for wrong in (0, 50):
        label = np.where(np.arange(100) < wrong, 1 - truth, truth)
        assert contradictions(held(label, truth, half), chosen=True) == ()
    assert contradictions(held(1 - truth, truth, half), chosen=True) != ()
    # Labels may be tied, too: as counting itself, they lose to nobody.
    tied = replace(held(truth, truth, half), right=half)
    assert contradictions(tied, chosen=True) == ()


def test_labels_as_good_as_the_rival_are_seldom_stopped():
    """Every item on which they differ falls to either side with even odds."""
    rng, stopped = np.random.default_rng(0), 0
    for _ in range(2000):
        truth, size = rng.integers(0, 2, 60), 60
        label = np.where(rng.random(size) < 0.7, truth, 1 - truth)
        counting = (rng.random(size) < 0.7).astype(float)
        stopped += bool(contradictions(held(label, truth, counting)))
    assert stopped / 2000 <= 0.01


def test_one_topic_that_is_wrong_is_found_among_good_ones_and_named():
    rng = np.random.default_rng(1)
    truth = (rng.random((60, 5)) < 0.4).astype(int)
    label = truth.copy()
    truth[:, 3] = 0
    label[:, 3] = 1
    (found, *_) = contradictions(held(label.ravel(), truth.ravel(), heads=5))
    assert (found.name, found.said) == ("topic 3", "class 0")
    assert (found.units, found.right) == (60, 0)


def test_units_of_one_item_count_once():
    """Forty boxes of four pictures are no forty witnesses."""
    item = np.repeat(np.arange(4), 10)
    assert contradictions(held([1] * 40, [0] * 40, [1] * 40, item=item)) == ()
    assert contradictions(held([1] * 40, [0] * 40, [1] * 40)) != ()


def test_other_orders_and_names_of_classes_change_nothing():
    rng = np.random.default_rng(2)
    truth, label = rng.integers(0, 3, 80), rng.integers(0, 3, 80)
    truth[:60] = 0
    order, names = rng.permutation(80), np.array([2, 0, 1])
    one = contradictions(held(label, truth, classes=3))
    other = contradictions(held(names[label][order], names[truth][order], classes=3))
    assert [(f.p, f.right, f.rival_right) for f in one] == [
        (f.p, f.right, f.rival_right) for f in other
    ]
    assert one
