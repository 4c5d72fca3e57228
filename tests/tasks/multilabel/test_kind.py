import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import AnswerError, SettingsError
from labelwright.core.judgement import NOTHING
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source
from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.core.votes import Votes
from labelwright.tasks.multilabel import Multilabel

TASK = Task("multilabel", ("art", "\u00e9t\u00e9", "news"))
KIND = Multilabel()


@pytest.mark.parametrize(
    "answer", [["news", "art", "art"], ("news", 0), {"art", 2}, '["news","art"]', np.array([2, 0])]
)
def test_a_set_is_written_once_in_the_order_of_the_task(answer):
    assert KIND.canonical(answer, TASK) == '["art", "news"]'
    assert KIND.read('["art", "news"]', TASK) == ("art", "news")


def test_the_empty_set_is_an_answer():
    assert KIND.canonical([], TASK) == "[]"


def of_cell(text, task=TASK):
    return Multilabel().canonical(Multilabel().of_cell(text, task), task)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("art", '["art"]'),
        (" news | art", '["art", "news"]'),
        ("e\u0301te\u0301", '["\u00e9t\u00e9"]'),
        (' ["news"]', '["news"]'),
        ('{"art": 0.5}', '{"art": 0.5}'),
    ],
)
def test_a_cell_names_a_class_or_several_with_a_bar_between(text, canonical):
    assert of_cell(text) == canonical


@pytest.mark.parametrize("text", ["", "art|", "art|sport", "art,news"])
def test_a_cell_with_anything_else_in_it_is_refused(text):
    with pytest.raises(AnswerError):
        of_cell(text)


def test_a_bar_in_the_name_of_a_class_is_read_where_it_can_mean_one_thing_only():
    task = Task("multilabel", ("a", "b|c", "{d", "[e]", "[0]"))
    assert of_cell("[0]", task) == '["[0]"]'
    assert of_cell("b|c", task) == '["b|c"]'
    assert of_cell("{d", task) == '["{d"]'
    assert of_cell("[e]", task) == '["[e]"]'
    assert of_cell('["a", "b|c"]', task) == '["a", "b|c"]'
    with pytest.raises(AnswerError, match=r"has \| in its name"):
        of_cell("a|b|c", task)


@pytest.mark.parametrize("name", ["[]", "{}", '["art"]', '{"art": true}'])
def test_a_class_that_reads_like_a_set_of_classes_is_refused(name):
    with pytest.raises(SettingsError, match="reads like a set of classes"):
        KIND.check(Task("multilabel", ("art", name)))


@pytest.mark.parametrize("answer", ["art", " e\u0301te\u0301"])
def test_one_class_is_no_set_and_the_message_says_how_to_write_one(answer):
    with pytest.raises(AnswerError, match=r"is one class, .* give \["):
        KIND.canonical(answer, TASK)


def test_a_bar_between_classes_is_not_guessed_at_where_a_class_has_one_in_its_name():
    task = Task("multilabel", ("a", "b", "a|b"))
    assert of_cell("a", task) == '["a"]'
    assert of_cell('["a|b"]', task) == '["a|b"]'
    with pytest.raises(AnswerError, match=r"has \| in its name"):
        of_cell("a|b", task)


@pytest.mark.parametrize("answer", ["art", '"art"', '{"art": 7}', {"art": 7}, 3, ["arts"], [[0]]])
def test_what_is_no_set_of_classes_is_refused(answer):
    with pytest.raises(AnswerError):
        KIND.canonical(answer, TASK)


def test_every_answer_says_yes_or_no_of_every_class():
    votes = Votes(
        item=np.array([0, 1]),
        source=np.array([0, 0], np.int32),
        answer=np.array([0, -1], np.int32),
        answers=('["art", "news"]',),
        sources=(Source("f"),),
        items=2,
        complete=np.array([True]),
        confidence=np.array([0.7, np.nan], np.float32),
    )
    units = KIND.decompose(votes, None, None, TASK)
    np.testing.assert_array_equal(units.matrix.label, [1, 0, 1, -1, -1, -1])
    np.testing.assert_allclose(units.matrix.confidence[:3], 0.7)
    np.testing.assert_array_equal(units.key.to_numpy(), [0, 1, 2, 0, 1, 2])
    yes = np.array([0.9, 0.2, 0.6, 0.5, 0.5, 0.5])
    posterior = Posterior(np.column_stack([1 - yes, yes]), units.matrix.covered)
    found = KIND.recompose(units.beliefs(posterior.probability, posterior.covered), TASK)
    assert found.answer.to_pylist() == ['["art", "news"]', None]
    np.testing.assert_allclose(found.confidence, [0.6, 0])


def answers(*texts):
    return Answers(pa.array(texts, pa.string()), np.full(len(texts), 0.75))


def test_a_class_that_was_missed_or_made_up_is_a_row():
    said = answers('["art", "news"]', "[]", None, '["art"]')
    truth = answers('["art", "\u00e9t\u00e9"]', "[]", "[]", '{"art": true}')
    found = KIND.judge(said, truth, TASK)
    assert found.item.tolist() == [0, 0, 0, 3]
    assert found.said.tolist() == [0, NOTHING, 2, 0]
    assert found.truth.tolist() == [0, 1, NOTHING, 0]
    assert found.right_items(np.array([0, 1, 3])).tolist() == [False, True, True]


def test_of_classes_on_which_the_truth_is_silent_nobody_is_judged():
    found = KIND.judge(answers('["art", "news"]'), answers('{"news": false}'), TASK)
    assert found.said.tolist() == [2]
    assert found.truth.tolist() == [NOTHING]


def test_sets_are_alike_by_the_share_that_they_have_in_common():
    one = answers('["art", "news"]', "[]", '["art"]', None)
    other = answers('["art"]', "[]", '["news"]', "[]")
    np.testing.assert_array_equal(KIND.alike(one, other, TASK), [0.5, 1, 0, np.nan])


def test_one_class_is_a_question_of_yes_or_no():
    KIND.check(Task("multilabel", ("news",)))
    with pytest.raises(SettingsError, match="at least one class"):
        KIND.check(Task("multilabel", ()))
    with pytest.raises(SettingsError, match="no inner classes"):
        KIND.check(Task("multilabel", ("a", "b"), "", {"a": "pet", "b": "pet"}))


def test_an_end_model_speaks_of_the_same_units():
    votes = Votes(
        item=np.array([0]),
        source=np.zeros(1, np.int32),
        answer=np.zeros(1, np.int32),
        answers=('["art"]',),
        sources=(Source("f"),),
        items=1,
        complete=np.array([True]),
    )
    units = KIND.decompose(votes, votes, None, TASK)
    assert units.heads == 3
    assert units.truth.tolist() == [1, 0, 0]
    beliefs = units.beliefs(np.full((3, 2), 0.5), np.ones(3, bool))
    assert KIND.align(beliefs, units, TASK) is beliefs.probability
    assert (KIND.choices(TASK), KIND.reads) == ((), ())
    assert KIND.schema(TASK)["anyOf"][0]["type"] == "array"
