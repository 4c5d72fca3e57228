import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MajorityVote, fit_predict


def test_ties_keep_equal_probabilities():
    probability = fit_predict(MajorityVote(), [[0, 1, 2], [0, 0, 1], [0, 1, -1]]).probability
    np.testing.assert_allclose(probability[0], 1 / 3)
    assert probability[1].argmax() == 0
    np.testing.assert_allclose(probability[2] * 31, [14, 14, 3])  # 0.7 to 0.15


def test_of_tied_classes_the_first_is_the_label_whoever_voted_for_it():
    rng = np.random.default_rng(0)
    dense = np.array([rng.permutation([0, 0, 0, 1, 1, 1, 2, 2, 2]) for _ in range(200)])
    assert not fit_predict(MajorityVote(), dense).label.any()


def test_one_vote_is_as_sure_as_the_accuracy_says():
    probability = fit_predict(MajorityVote(accuracy=0.9), [[0, -1], [-1, 1]]).probability
    np.testing.assert_allclose(probability, [[0.9, 0.1], [0.1, 0.9]])


def test_the_class_balance_breaks_ties_and_only_ties():
    dense = [*[[0, 0, 0]] * 50, [1, 1, 0], [0, 1, -1], [1, -1, -1]]
    plain = fit_predict(MajorityVote(), dense)
    broken = fit_predict(MajorityVote(break_ties=True), dense)
    assert plain.probability[-2, 0] == pytest.approx(0.5)
    assert broken.probability[-2, 0] > 0.5
    np.testing.assert_array_equal(broken.label[-3:], [1, 0, 1])


def test_uncovered_units_follow_the_balance_only_where_it_is_asked_for():
    dense = [*[[0, 0]] * 8, [1, 1], [-1, -1]]
    assert fit_predict(MajorityVote(), dense).probability[-1, 0] == pytest.approx(0.5)
    assert fit_predict(MajorityVote(break_ties=True), dense).probability[-1, 0] > 0.7


@pytest.mark.parametrize("accuracy", [0.5, 1.0, -1.0, float("nan"), "high", True])
def test_an_accuracy_that_is_none_is_refused(accuracy):
    with pytest.raises(SettingsError, match=r"majority_vote: accuracy must be between 0\.5 and 1"):
        MajorityVote(accuracy=accuracy)


def test_classes_without_any_vote_stay_possible():
    votes = VoteMatrix.from_dense([[0, 0], [0, -1]], classes=4)
    model = MajorityVote(break_ties=True)
    probability = model.posterior(model.fit(votes), votes).probability
    assert np.all(probability > 0)
