"""What one of two labels seems to be worth more than the other is half believed."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MajorityVote
from labelwright.labelmodels.evidence.evening import evened
from labelwright.labelmodels.evidence.scoring import ScoreSums

FIRST, SECOND = [[2.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]
"""What the votes of two sources add: the first's are worth 2, the second's 1."""


def worth(scores, cast, kinds, *, known=False, subtypes=1):
    """What each source's vote for each label adds to its own class in the end."""
    scores = np.repeat(np.array(scores, float), subtypes, axis=2)
    cast = np.array(cast, float)
    votes = VoteMatrix.from_dense(np.zeros((1, len(kinds)), int), classes=2, kinds=kinds)
    fit = replace(MajorityVote().fit(votes), vote_score=scores, class_score=np.zeros(2 * subtypes))
    voted = np.repeat(cast[:, :, None] / (2 * subtypes), 2 * subtypes, axis=2)
    nothing = np.zeros((len(kinds), 2 * subtypes))
    tally = ScoreSums(voted, nothing, np.ones(2 * subtypes), 0.0)
    found = evened(fit, tally, votes, known=known).vote_score
    np.testing.assert_array_equal(found[:, :, ::subtypes], found[:, :, subtypes - 1 :: subtypes])
    found = found[:, :, ::subtypes]
    own = found[:, [0, 1], [0, 1]]
    return own - found[:, [0, 1], [1, 0]]


@pytest.mark.parametrize("subtypes", [1, 2])
def test_the_difference_of_one_sided_functions_is_halved(subtypes):
    found = worth([FIRST, SECOND], [(100, 0), (0, 100)], ["function"] * 2, subtypes=subtypes)
    assert found[0, 0] - found[1, 1] == 0.5
    assert found[0, 0] + found[1, 1] == 3.0


def test_of_functions_that_vote_for_both_nothing_is_left_of_it():
    found = worth([[[2.0, 0.0], [0.0, 1.0]]], [(50, 50)], ["function"])
    np.testing.assert_allclose(found[0], 1.5)


def test_functions_of_one_label_keep_what_they_are_worth_against_each_other():
    half = (np.array(FIRST) / 2).tolist()
    found = worth([FIRST, half, SECOND], [(60, 0), (40, 0), (0, 100)], ["function"] * 3)
    assert found[0, 0] - found[1, 0] == 1.0


def test_a_label_without_votes_is_left_alone():
    assert worth([FIRST], [(100, 0)], ["function"])[0, 0] == 2.0


def test_people_are_half_believed_where_nothing_else_tells_the_class_balance():
    both = [[2.0, 0.0], [0.0, 1.0]]
    people = [both], [(50, 50)], ["person"]
    np.testing.assert_allclose(worth(*people)[0], [1.75, 1.25])
    np.testing.assert_allclose(worth(*people, known=True)[0], [2.0, 1.0])
    beside = worth([both, both], [(50, 50), (50, 50)], ["person", "model"])
    np.testing.assert_allclose(beside, [[2.0, 1.0], [2.0, 1.0]])


def test_more_than_two_classes_are_left_alone():
    votes = VoteMatrix.from_dense(np.array([[0, 1, 2]]))
    fit = MajorityVote().fit(votes)
    tally = ScoreSums(np.ones((3, 3, 3)), np.ones((3, 3)), np.ones(3), 0.0)
    assert evened(fit, tally, votes, known=False) is fit
