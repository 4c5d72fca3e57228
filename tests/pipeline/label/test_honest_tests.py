"""What labels are held against: every item proves one thing, however often it came up."""

from dataclasses import replace

import pytest

from labelwright.pipeline.label.honest_tests import RandomAnswer, logged_tests, random_tests
from pipeline.making import voted

ONE_RULE = """
[[rules]]
name = "money"
vote = "spam"
when = { field = "text", keywords = ["free"] }
"""


def standing_after(folder, listings):
    """What is said to be right when questions were listed so often before twenty were answered."""
    project = voted(folder, functions="import labelwright as lw\n", rules=ONE_RULE)
    for _ in range(listings):
        questions = project.next(20, person="anna")
    for question in questions:
        project.answer(question.item, "ham", person="anna")
    project.round(anyway=True)
    return project.standing().right


def test_questions_that_were_listed_again_before_they_were_answered_count_once(tmp_path):
    once, thrice = (standing_after(tmp_path / str(listings), listings) for listings in (1, 3))
    assert once.of <= 20
    assert (thrice.share, thrice.low, thrice.high, thrice.of) == pytest.approx(
        (once.share, once.low, once.high, once.of)
    )


def test_an_item_that_several_people_answered_is_one_test_with_the_last_answer(tmp_path):
    project = voted(tmp_path, functions="import labelwright as lw\n", rules=ONE_RULE)
    project.next(20, person="anna")
    told = tuple(
        RandomAnswer(item, answer, time, 0.25)
        for item, answer, time in ((3, "ham", 2.0), (3, "spam", 1.0), (5, "spam", 3.0))
    )
    logged = replace(logged_tests(project.workspace), answers=told)
    tests = random_tests(project.workspace, logged=logged)
    found = zip(tests.item.tolist(), tests.truth.tolist(), tests.time.tolist(), strict=True)
    assert sorted(found) == [(3, "ham", 1.0), (5, "spam", 3.0)]
