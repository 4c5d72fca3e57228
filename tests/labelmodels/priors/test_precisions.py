"""What one of two labels seems to be worth more than the other is not all believed."""

import numpy as np

from labelwright.labelmodels.priors.precisions import evened

SCORES = np.array([[[2.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]])
"""A function for each class, whose votes are worth 2 and 1."""
FUNCTIONS = np.ones(2, bool)


def votes(*cast):
    """So many votes of each function for each label, all of them right."""
    return np.array([np.diag(each) for each in cast], float)


def worth(scores):
    """What a vote of each function for each label adds to its own class."""
    own = scores[:, [0, 1], [0, 1]]
    return own - scores[:, [0, 1], [1, 0]]


def test_the_difference_of_one_sided_functions_is_halved():
    found = worth(evened(SCORES, votes((100, 0), (0, 100)), FUNCTIONS))
    assert found[0, 0] - found[1, 1] == 0.5
    assert found[0, 0] + found[1, 1] == 3.0


def test_of_functions_that_vote_for_both_nothing_is_left_of_it():
    scores = np.array([[[2.0, 0.0], [0.0, 1.0]]])
    found = worth(evened(scores, votes((50, 50)), np.ones(1, bool)))
    np.testing.assert_allclose(found[0], 1.5)


def test_functions_of_one_label_keep_what_they_are_worth_against_each_other():
    scores = np.stack([SCORES[0], SCORES[0] / 2, SCORES[1]])
    found = worth(evened(scores, votes((60, 0), (40, 0), (0, 100)), np.ones(3, bool)))
    assert found[0, 0] - found[1, 0] == 1.0


def test_people_and_more_than_two_classes_are_left_alone():
    cast = votes((100, 0), (0, 100))
    np.testing.assert_array_equal(evened(SCORES, cast, ~FUNCTIONS), SCORES)
    many = np.arange(18.0).reshape(2, 3, 3)
    np.testing.assert_array_equal(evened(many, many, FUNCTIONS), many)


def test_a_label_without_votes_is_left_alone():
    found = evened(SCORES[:1], votes((100, 0)), np.ones(1, bool))
    np.testing.assert_array_equal(found, SCORES[:1])


def test_subtypes_of_a_class_are_evened_alike():
    scores = np.repeat(SCORES, 2, axis=2)
    voted = np.repeat(votes((100, 0), (0, 100)), 2, axis=2) / 2
    found = evened(scores, voted, FUNCTIONS)
    np.testing.assert_array_equal(found[:, :, ::2], found[:, :, 1::2])
    alone = evened(SCORES, votes((100, 0), (0, 100)), FUNCTIONS)
    np.testing.assert_allclose(found[:, :, ::2], alone)
