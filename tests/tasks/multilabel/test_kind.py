import numpy as np
import pytest

from labelwright.core.errors import AnswerError
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source
from labelwright.core.task import Task
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
