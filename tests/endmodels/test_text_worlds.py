"""Simulated texts and rules are what their documentation says."""

import numpy as np

from labelwright.testing.text_worlds import text_world


def test_one_seed_gives_one_world_and_others_give_others():
    one, again, other = (text_world(seed, tested=20) for seed in (3, 3, 4))
    assert one.texts == again.texts
    np.testing.assert_array_equal(one.truth, again.truth)
    np.testing.assert_array_equal(one.votes.label, again.votes.label)
    assert one.texts[0] != other.texts[0]


def test_worlds_lie_within_their_ranges():
    drawn = [text_world(seed, tested=10) for seed in range(12)]
    assert all(500 <= each.votes.units <= 1_500 for each in drawn)
    assert all(len(each.texts) == len(each.truth) == each.votes.units + 10 for each in drawn)
    assert all(2 <= each.votes.classes <= 12 for each in drawn)
    assert all(1 <= each.votes.sources <= 60 for each in drawn)
    assert all(2 <= len(text.split()) <= 150 for each in drawn for text in each.texts)


def test_a_rule_votes_for_one_class_wherever_one_of_its_words_is():
    drawn = text_world(5, tested=10)
    votes = drawn.votes
    for source in range(votes.sources):
        mine = votes.source == source
        assert len(np.unique(votes.label[mine])) == 1
        words = [set(drawn.texts[unit].split()) for unit in votes.unit[mine]]
        counts = {}
        for each in words:
            for word in each:
                counts[word] = counts.get(word, 0) + 1
        # At most six words: one of them is in a sixth of the texts at least.
        assert max(counts.values()) >= len(words) / 6


def test_rules_are_mostly_right_more_often_than_their_class_is_frequent():
    better = []
    for seed in range(8):
        drawn = text_world(seed, tested=10)
        votes, truth = drawn.votes, drawn.truth[: drawn.votes.units]
        share = np.bincount(truth, minlength=votes.classes) / len(truth)
        for source in range(votes.sources):
            mine = votes.source == source
            right = (truth[votes.unit[mine]] == votes.label[mine]).mean()
            better.append(right > share[votes.label[mine][0]])
    assert np.mean(better) > 0.8
