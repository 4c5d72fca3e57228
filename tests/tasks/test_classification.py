import numpy as np
import pytest

from labelwright.core.errors import AnswerError, UnknownNameError
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
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
    units = KIND.decompose(votes(), TASK)
    np.testing.assert_array_equal(units.matrix.to_dense(), [[1, -1], [0, -1], [-1, -1]])
    np.testing.assert_array_equal(units.matrix.label, [1, 0, -1])
    np.testing.assert_array_equal(units.matrix.accuracies, [0.9, np.nan])
    np.testing.assert_array_equal(units.matrix.confidence, np.float32([0.5, np.nan, 1]))
    np.testing.assert_array_equal(units.item, [0, 1, 2])
    assert units.class_names == TASK.classes


def test_a_vote_for_a_class_that_the_task_lost_is_refused():
    with pytest.raises(AnswerError, match="votes name the class 'eggs'"):
        KIND.decompose(votes(answers=("ham", "eggs")), TASK)


def test_uncovered_items_get_no_answer():
    units = KIND.decompose(votes(), TASK)
    probability = np.array([[0.2, 0.8], [1, 0], [0.5, 0.5]])
    found = KIND.recompose(units, Posterior(probability, units.matrix.covered), TASK)
    assert found.answer.to_pylist() == ["ham", "spam", None]
    np.testing.assert_allclose(found.confidence, [0.8, 1, 0])


def test_a_kind_is_found_by_its_name():
    assert all(isinstance(kind_of(name), kind) for name, kind in KINDS.items())
    with pytest.raises(UnknownNameError, match="unknown task kind 'boxs'; known: classification"):
        kind_of("boxs")
