"""What a question is worth: exact on cases that can be counted out by hand."""

import numpy as np
import pytest

from labelwright.core.errors import DataError, SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.queue import (
    Answerer,
    Ask,
    answer_gain,
    lesson,
    lessons_of_sources,
    lessons_of_units,
    pair_doubt,
    question_kind,
    worth_of_asking,
)


def counted_out(belief, accuracy):
    """The expected fall of 1 - sum p^2, vote by vote."""
    classes = len(belief)
    after = 0.0
    for vote in range(classes):
        said = np.full(classes, (1 - accuracy) / (classes - 1))
        said[vote] = accuracy
        joint = belief * said
        after += (joint**2).sum() / joint.sum() if joint.sum() else 0
    return after - (belief**2).sum()


@pytest.mark.parametrize("accuracy", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_gain_is_what_enumerating_all_answers_gives(accuracy):
    belief = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    expected = [counted_out(row, accuracy) for row in belief]
    assert np.allclose(answer_gain(belief, accuracy), expected, atol=1e-12)


def test_an_answer_by_chance_a_known_item_and_a_single_class_are_worth_nothing():
    assert np.allclose(answer_gain(np.array([[0.3, 0.7]]), 0.5), 0)
    assert np.allclose(answer_gain(np.array([[1.0, 0.0]]), 1.0), 0)
    assert answer_gain(np.ones((2, 1)), 0.9).tolist() == [0, 0]


def test_the_closer_the_belief_and_the_better_the_person_the_larger_the_gain():
    belief = np.array([[0.5, 0.5], [0.7, 0.3], [0.95, 0.05]])
    gain = answer_gain(belief, 0.9)
    assert gain[0] > gain[1] > gain[2] > 0
    assert np.all(answer_gain(belief, 0.95) > gain)


def test_questions_are_new_then_second_opinions_then_adjudications():
    kinds = question_kind(np.array([0, 1, 2]), np.array([False, False, True]))
    assert kinds.tolist() == [Ask.NEW, Ask.SECOND, Ask.ADJUDICATE]


def test_a_source_that_nobody_checked_teaches_most_and_one_without_doubt_nothing():
    found = lesson([0.8, 0.8, 0.8, np.nan], [0, 50, 0, 0], [10, 10, 0, 10])
    assert found[0] > 3 * found[1] > 0
    assert found[2] == 0
    assert found[3] > 0


def test_a_lesson_promises_at_most_a_quarter_of_the_doubt_and_more_checks_teach_more():
    doubt = np.full(5, 8.0)
    accuracy = np.linspace(0, 1, 5)
    one, five = (lesson(accuracy, np.zeros(5), doubt, answers=n) for n in (1, 5))
    assert np.all(one < five)
    assert np.all(lesson(accuracy, np.zeros(5), doubt, answers=10_000) <= doubt / 4)


def test_nonsense_is_refused():
    with pytest.raises(DataError, match="one entry per source"):
        lesson([0.5], [1, 2], [1])
    with pytest.raises(DataError, match="not below 0"):
        lesson([0.5], [-1], [1])
    with pytest.raises(SettingsError, match=r"0\.\.1"):
        Answerer("anna", 1.5, 1)
    with pytest.raises(SettingsError, match="above 0"):
        Answerer("anna", 0.5, 0)


def test_doubt_is_a_quarter_between_two_equal_classes_and_none_in_a_single_one():
    assert pair_doubt(np.array([[0.5, 0.5, 0], [1, 0, 0]])).tolist() == [0.25, 0]
    assert pair_doubt(np.ones((2, 1))).tolist() == [0, 0]
    assert pair_doubt(np.zeros((1, 2))).tolist() == [0]


def test_of_two_people_the_cheap_one_gets_the_easy_item_and_the_expert_the_hard_one():
    people = [Answerer("cheap", 0.75, 1), Answerer("expert", 0.99, 4)]
    easy_and_hard = np.array([[0.9, 0.1], [0.5, 0.5]])
    value = worth_of_asking(easy_and_hard, np.zeros(2), people)
    ratio = value[:, 1] / value[:, 0]
    assert value.shape == (2, 2)
    assert ratio[0] != pytest.approx(ratio[1])
    dearer = worth_of_asking(easy_and_hard, np.zeros(2), [Answerer("expert", 0.99, 8)])
    assert np.allclose(2 * dearer[:, 0], value[:, 1])


def test_somebody_no_better_than_chance_teaches_nothing_and_nobody_is_worth_nothing():
    belief = np.array([[1.0, 0.0]])
    assert worth_of_asking(belief, np.ones(1), [Answerer("coin", 0.5, 1)]).tolist() == [[0]]
    assert worth_of_asking(belief, np.ones(1), []).shape == (1, 0)


def test_a_unit_teaches_about_all_sources_that_voted_there_and_verified_ones_count_as_checked():
    votes = VoteMatrix.from_dense([[0, 0], [1, -1], [1, 0]])
    belief = np.full((3, 2), 0.5)
    accuracy = np.array([0.8, 0.8])
    fresh = lessons_of_sources(votes, accuracy, belief, np.zeros(3, bool))
    checked = lessons_of_sources(votes, accuracy, belief, np.array([True, False, False]))
    assert np.all(checked < fresh)
    units = lessons_of_units(votes, fresh)
    assert units == pytest.approx([fresh.sum(), fresh[0], fresh.sum()])
