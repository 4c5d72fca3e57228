import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import AnswerError, SettingsError, UnknownNameError
from labelwright.core.judgement import NOTHING
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.core.votes import Votes
from labelwright.tasks import KINDS, kind_of
from labelwright.tasks.classification import Classification

TASK = Task("classification", ("spam", "ham"))
KIND = Classification()


def votes(**changes):
    values = {
        "item": np.array([0, 1, 1]),
        "source": np.array([0, 0, 1], np.int32),
        "answer": np.array([0, 1, -1], np.int32),
        "answers": ("ham", "spam"),
        "sources": (Source("f", accuracy=0.9), Source("ann", SourceKind.PERSON)),
        "items": 3,
        "complete": np.array([True, False]),
        "confidence": np.array([0.5, np.nan, 1], np.float32),
    }
    return Votes(**{**values, **changes})


@pytest.mark.parametrize("answer", ["ham", " ham\n", 1, np.int64(1)])
def test_a_class_is_given_by_name_or_index(answer):
    assert KIND.canonical(answer, TASK) == "ham"


@pytest.mark.parametrize("answer", [True, -1, 2, 1.0, "eggs", None, b"ham"])
def test_anything_else_is_refused_with_the_classes(answer):
    with pytest.raises(AnswerError, match=r"it has \['spam', 'ham'\]"):
        KIND.canonical(answer, TASK)


def test_every_item_is_a_unit_with_all_that_is_known_of_its_votes():
    units = KIND.decompose(votes(), None, None, TASK)
    np.testing.assert_array_equal(units.matrix.to_dense(), [[1, -1], [0, -1], [-1, -1]])
    np.testing.assert_array_equal(units.matrix.label, [1, 0, -1])
    np.testing.assert_array_equal(units.matrix.accuracies, [0.9, np.nan])
    np.testing.assert_array_equal(units.matrix.confidence, np.float32([0.5, np.nan, 1]))
    np.testing.assert_array_equal(units.item, [0, 1, 2])
    assert units.class_names == TASK.classes


def test_a_vote_for_a_class_that_the_task_lost_is_refused():
    with pytest.raises(AnswerError, match="votes name the class 'eggs'"):
        KIND.decompose(votes(answers=("ham", "eggs")), None, None, TASK)


def test_uncovered_items_get_no_answer():
    units = KIND.decompose(votes(), None, None, TASK)
    probability = np.array([[0.2, 0.8], [1, 0], [0.5, 0.5]])
    found = KIND.recompose(units.beliefs(probability, units.matrix.covered), TASK)
    assert found.answer.to_pylist() == ["ham", "spam", None]
    np.testing.assert_allclose(found.confidence, [0.8, 1, 0])


def test_a_kind_is_found_by_its_name():
    assert all(isinstance(kind_of(Task(name, ("a", "b"))), kind) for name, kind in KINDS.items())
    with pytest.raises(UnknownNameError, match=r"kind 'boxs'.*known: .*classification"):
        kind_of(Task("boxs", ("a", "b")))


@pytest.mark.parametrize("classes", [(), ("spam",)])
def test_fewer_than_two_classes_are_refused(classes):
    with pytest.raises(SettingsError, match="at least two classes"):
        KIND.check(Task("classification", classes))


def answers(*texts):
    return Answers(pa.array(texts, pa.string()), np.full(len(texts), 0.75))


def test_answers_are_judged_where_both_are_known():
    found = KIND.judge(
        answers("ham", "spam", None, "ham"), answers("ham", "ham", "ham", None), TASK
    )
    assert found.item.tolist() == [0, 1]
    assert found.right.tolist() == [True, False]
    assert found.right_items(np.array([0, 1])).tolist() == [True, False]
    np.testing.assert_allclose(found.confidence, 0.75)


def test_what_a_partial_truth_leaves_is_right_and_a_partial_answer_is_undecided():
    task = Task("classification", ("a", "b", "c"))
    said = answers("a", "c", "a|b", "a|b", "b")
    found = KIND.judge(said, answers("a|b", "a|b", "a|b", "a", '{"b":0.9,"c":0.1}'), task)
    assert found.right.tolist() == [True, False, True, False, True]
    assert found.said[3] == NOTHING


def test_two_answers_are_alike_if_they_are_the_same():
    found = KIND.alike(answers("ham", "ham", None), answers("ham", "spam", "ham"), TASK)
    np.testing.assert_array_equal(found, [1, 0, np.nan])


def test_an_end_model_speaks_of_the_same_units():
    units = KIND.decompose(votes(), votes(), None, TASK)
    beliefs = units.beliefs(np.full((3, 2), 0.5), np.ones(3, bool))
    assert KIND.align(beliefs, units, TASK) is beliefs.probability
    assert KIND.choices(TASK) == TASK.classes
    assert KIND.reads == ()
    assert KIND.schema(TASK)["anyOf"][0]["type"] == "string"
    assert len(units.truth) == 3


def test_a_setting_that_a_kind_does_not_have_is_refused():
    with pytest.raises(SettingsError, match="has no setting 'iou'"):
        kind_of(Task("classification", ("a", "b"), options={"iou": 0.5}))
