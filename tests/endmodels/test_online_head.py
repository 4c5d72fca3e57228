import numpy as np
import pytest
from scipy.sparse import csr_matrix

from labelwright.endmodels import MovingHead, MovingHeads, Training


def data(count=600, width=12, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, width)).astype(np.float32)
    truth = (features @ rng.normal(size=(width, classes))).argmax(axis=1)
    return features, truth


def training(truth, rows, classes=2, weight=1.0):
    return Training(rows, np.eye(classes)[truth[rows]], np.full(len(rows), weight))


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_head_learns_and_follows_more_answers(classes, sparse):
    features, truth = data(classes=classes)
    head = MovingHead(csr_matrix(features) if sparse else features)
    first = head.refit(training(truth, np.arange(60), classes))
    assert first.shape == (600, classes)
    assert first.dtype == np.float32
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-4)
    more = head.refit(training(truth, np.arange(400), classes))
    right = [(said.argmax(axis=1) == truth).mean() for said in (first, more)]
    assert right[1] > max(right[0], 0.85)


def test_a_class_that_nobody_had_named_is_learnt_when_somebody_does():
    features, truth = data()
    head = MovingHead(features)
    ones = np.flatnonzero(truth == 1)[:40]
    assert head.refit(training(truth, ones))[:, 1].min() > 0.5
    said = head.refit(training(truth, np.arange(300)))
    assert (said.argmax(axis=1) == truth).mean() > 0.8


def test_of_too_many_items_those_that_count_most_are_learnt():
    features, truth = data(count=5_000)
    flipped = 1 - truth
    target = np.eye(2)[flipped]
    weight = np.ones(5_000)
    target[:1_500], weight[:1_500] = np.eye(2)[truth[:1_500]], 1e6
    head = MovingHead(features, most_work=1)
    said = head.refit(Training(np.arange(5_000), target, weight))
    assert (said[:1_500].argmax(axis=1) == truth[:1_500]).mean() > 0.9


def test_the_same_answers_give_the_same_head():
    features, truth = data()
    one, other = (MovingHead(features).refit(training(truth, np.arange(200))) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_heads_of_one_item_move_each_by_its_own_labels():
    features, truth = data()
    heads = MovingHeads(features, 3)
    units = np.concatenate([3 * np.arange(300), 3 * np.arange(200, 500) + 1])
    said = heads.refit(training(np.repeat(truth, 3), np.sort(units)))
    assert said.shape == (1800, 2)
    assert (said[0::3].argmax(axis=1) == truth).mean() > 0.8
    assert (said[1::3].argmax(axis=1) == truth).mean() > 0.8
    # Nothing was told of the third.
    assert np.all(said[2::3] == 0.5)


def test_one_head_is_the_head_itself():
    features, truth = data()
    taught = training(truth, np.arange(100))
    assert np.array_equal(MovingHeads(features).refit(taught), MovingHead(features).refit(taught))


def test_answers_correct_machines_however_many_labels_these_gave():
    features, truth = data(count=2_000)
    misled = training(1 - truth, np.arange(200, 2_000))
    nobody = training(truth, np.zeros(0, int))
    head = MovingHead(features)
    before = head.refit(misled, nobody)
    after = [head.refit(misled, training(truth, np.arange(count))) for count in (20, 100, 200)]
    right = [(said.argmax(axis=1) == truth)[200:].mean() for said in (before, *after)]
    assert right[0] < 0.1
    assert np.all(np.diff(right) > 0)
    assert right[-1] > 0.6
    np.testing.assert_array_equal(head.refit(misled, nobody), before)


@pytest.mark.parametrize("scale", [0.05, 1.0, 20.0])
def test_corrections_do_not_depend_on_the_length_of_the_features(scale):
    features, truth = data(classes=3)
    machines, answers = training(truth, np.arange(300), 3), training(truth, np.arange(300, 340), 3)
    said = MovingHead(np.float32(scale) * features).refit(machines, answers)
    assert (said.argmax(axis=1) == truth).mean() > 0.9


def test_without_machines_answers_teach_alone():
    features, truth = data()
    nobody = training(truth, np.zeros(0, int))
    answers = training(truth, np.arange(100))
    said = MovingHead(features).refit(nobody, answers)
    np.testing.assert_array_equal(said, MovingHead(features).refit(answers))


def test_heads_of_one_item_are_corrected_each_by_its_own_answers():
    features, truth = data()
    twice = np.repeat(truth, 2)
    misled = training(1 - twice, np.arange(0, 400))
    told = training(twice, np.arange(400, 1200, 2))
    said = MovingHeads(features, 2).refit(misled, told).argmax(axis=1) == twice
    assert said[0::2].mean() > 0.7
    assert said[1::2].mean() < 0.1
