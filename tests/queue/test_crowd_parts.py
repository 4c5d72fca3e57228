"""Hidden test questions and adaptive redundancy."""

import numpy as np
import pytest

from labelwright.core.errors import DataError, SettingsError
from labelwright.queue import HiddenTests, Redundancy


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("settings", [{"quiz": -1}, {"rate": 1.2}, {"bar": -0.1}])
def test_nonsense_test_questions_are_refused(settings):
    with pytest.raises(SettingsError):
        HiddenTests(**settings)


def test_a_quiz_comes_first_then_tests_come_at_the_rate():
    tests = HiddenTests(quiz=3, rate=0.2)
    assert tests.used
    assert tests.places(0, 5, rng())[:3].all()
    assert tests.places(1, 5, rng())[:2].all()
    assert tests.due(2, rng())
    later = tests.places(3, 5_000, rng())
    assert 0.17 < later.mean() < 0.23


def test_without_settings_there_are_no_tests_and_nobody_is_judged():
    tests = HiddenTests()
    assert not tests.used
    assert not tests.places(0, 100, rng()).any()
    assert not tests.held_back(np.array([0.0]), np.array([50])).any()


def test_people_are_judged_after_the_quiz_and_come_back_over_the_bar():
    tests = HiddenTests(quiz=4, bar=0.7)
    trust, tested = np.array([0.3, 0.3, 0.7, 0.9]), np.array([3, 4, 4, 4])
    assert tests.held_back(trust, tested).tolist() == [False, True, False, False]


def test_without_a_quiz_somebody_never_tested_is_not_judged():
    tests = HiddenTests(rate=0.1, bar=0.9)
    assert tests.held_back(np.array([0.8, 0.8]), np.array([0, 1])).tolist() == [False, True]


@pytest.mark.parametrize("settings", [{"least": 0}, {"least": 3, "most": 2}, {"confidence": 1.1}])
def test_nonsense_redundancy_is_refused(settings):
    with pytest.raises(SettingsError):
        Redundancy(**settings)


def test_items_get_the_least_then_one_more_at_a_time_until_sure_or_at_the_most():
    plan = Redundancy(least=2, most=4, confidence=0.9)
    belief = np.array([[0.5, 0.5], [0.99, 0.01], [0.6, 0.4], [0.99, 0.01], [0.6, 0.4]])
    assert plan.wanted(belief, np.array([0, 1, 2, 2, 4])).tolist() == [2, 1, 1, 0, 0]


def test_an_item_is_sure_when_all_its_units_are():
    plan = Redundancy(least=1, most=3, confidence=0.9)
    belief = np.array([[0.99, 0.01], [0.6, 0.4], [0.95, 0.05], [0.01, 0.99]])
    of = np.array([0, 0, 1, 1])
    assert plan.unsure(belief, of).tolist() == [True, False]
    assert plan.wanted(belief, np.array([1, 1]), of).tolist() == [1, 0]
    assert plan.wanted(belief, np.array([3, 0]), of).tolist() == [0, 1]


def test_redundancy_refuses_shapes_that_differ():
    with pytest.raises(DataError, match="shape"):
        Redundancy().wanted(np.ones((2, 2)), np.zeros(3, int))
    with pytest.raises(DataError, match="shape"):
        Redundancy().wanted(np.ones(2), np.zeros(2, int))
    with pytest.raises(DataError, match="3 units"):
        Redundancy().wanted(np.ones((2, 2)), np.zeros(2, int), np.array([0, 1, 1]))
