import numpy as np
import pytest
from scipy.sparse import csr_array

from labelwright.core.errors import DataError
from labelwright.quality import wilson
from labelwright.queue.suggest import suggest

# A hundred items, ten times the same ten: five known to be of class 0, two of class 1, three that
# nobody knows and no source covers.
KNOWN = np.tile([0, 0, 0, 0, 0, 1, 1, -1, -1, -1], 10)
COVERED = np.tile([True] * 7 + [False] * 3, 10)
BELIEF = np.full((100, 2), 0.5)
GOOD = [1, 1, 1, 1, 1, 0, 0, 1, 1, 0]
MIXED = [1, 1, 0, 0, 0, 1, 1, 0, 0, 1]
OLD = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
RARE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def holds(*columns):
    return np.tile(np.array(columns, float).T, (10, 1))


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_the_pure_condition_that_covers_new_items_is_the_only_suggestion(kind):
    found = suggest(kind(holds(MIXED, GOOD, OLD, RARE)), KNOWN, COVERED, BELIEF)
    # OLD covers nothing new, MIXED is no better than chance, of RARE nothing is known.
    assert found.condition.tolist() == [1]
    assert found.label.tolist() == [0]
    assert (found.hits[0], found.new[0], found.judged[0], found.right[0]) == (70, 20, 50, 50)
    # Five of seven known items are of class 0 by chance.
    assert found.score[0] == pytest.approx((found.low[0] - 5 / 7) * 20)


def test_a_word_of_the_frequent_class_that_says_little_comes_after_one_that_says_much():
    # 900 items, nine tenths of class 0; of each class a third is known, and only that is covered.
    truth = np.repeat([0] * 9 + [1], 90)
    known = np.where(np.arange(900) % 3 == 0, truth, -1)
    everywhere = (truth == 0) | (np.arange(900) % 2 == 0)
    telling = (truth == 1) & (np.arange(900) % 4 > 0)
    columns = np.stack([everywhere, telling], axis=1).astype(float)
    found = suggest(columns, known, known >= 0, np.full((900, 2), 0.5))
    assert found.condition.tolist() == [1, 0]


def test_every_condition_is_told_of_when_asked_for():
    found = suggest(holds(MIXED, GOOD, OLD, RARE), KNOWN, COVERED, BELIEF, every=True)
    assert sorted(found.condition.tolist()) == [0, 1, 2, 3]
    assert found.low[found.condition.tolist().index(3)] == 0


def test_belief_in_unanswered_items_counts_a_tenth():
    unknown = np.full(400, -1)
    belief = np.repeat([[0.95, 0.05], [0.05, 0.95]], 200, axis=0)
    covered = np.arange(400) % 200 < 150
    holds = (np.arange(400) < 200).astype(float)[:, None]
    found = suggest(holds, unknown, covered, belief)
    # 150 items believed at 0.95 are evidence of 15 answers, 14.25 of them right.
    assert (found.judged.tolist(), found.new.tolist()) == ([0], [50])
    assert found.low[0] == pytest.approx(float(wilson(14.25, 15).low))


def test_nothing_known_and_nothing_believed_suggests_nothing():
    found = suggest(np.ones((4, 2)), np.full(4, -1), np.zeros(4, bool), np.full((4, 2), 0.5))
    assert not len(found.condition)


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(DataError, match="one known class"):
        suggest(np.ones((3, 1)), KNOWN, COVERED, BELIEF)
