"""Every kind of task reduces to units and back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.task import Task
from labelwright.tasks import KINDS
from labelwright.testing import tasks as laws
from tasks.tiny_kinds import TinyBoxes, TinySpans

TASK = Task("any", ("a\u00e4 b", "b", '"c,'))
CLASSES = st.sampled_from(TASK.classes)


@st.composite
def some_boxes(draw):
    """Boxes in cells of a grid, each its own, so that none overlap."""
    cells = draw(st.lists(st.integers(0, 8), max_size=3, unique=True))
    size = st.integers(2, 9)
    return [
        (draw(CLASSES), c % 3 * 10, c // 3 * 10, c % 3 * 10 + draw(size), c // 3 * 10 + draw(size))
        for c in cells
    ]


@st.composite
def some_spans(draw):
    """Spans that neither overlap nor touch: tokens cannot tell two that touch from one."""
    edges = sorted(draw(st.lists(st.integers(0, 20), max_size=6, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [(draw(CLASSES), start, end) for start, end in pairs]


NONSENSE = [None, 1.5, True, object(), "d", [["d"]], [None], {"b": 7}, "[", 7]
ANSWERS = {
    "classification": (KINDS["classification"](), CLASSES | st.integers(0, 2), NONSENSE),
    "multilabel": (KINDS["multilabel"](), st.sets(CLASSES | st.integers(0, 2)), NONSENSE),
    "tiny boxes": (TinyBoxes(), some_boxes(), [[["b", 1, 2]], [["d", 0, 0, 1, 1]], "[", 3]),
    "tiny spans": (TinySpans(), some_spans(), [[["b", 1]], [["d", 0, 1]], "[", 3]),
}


@st.composite
def ballots(draw, answers):
    """Few sources or none on few items or none, with abstentions."""
    items = draw(st.integers(0, 4))
    ballot = st.lists(st.none() | answers, min_size=items, max_size=items)
    return draw(st.lists(ballot, max_size=3))


@pytest.mark.parametrize("name", sorted(ANSWERS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_kind_keeps_the_laws(name, data):
    kind, answers, nonsense = ANSWERS[name]
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    laws.check_task_kind(kind, TASK, data.draw(ballots(answers)), nonsense, rng)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_held_to_the_laws(name):
    """Here, or in a file of its own folder, where its answers are not as simple."""
    own = Path(__file__).parent / name / "test_laws.py"
    assert name in ANSWERS or "check_task_kind" in own.read_text()


def test_boxes_of_several_people_meet_in_the_middle():
    kind, task = TinyBoxes(), Task("boxes", ("cell", "dust"))
    drawn = [[("cell", 0, 0, 10, 10)]], [[("cell", 1, 0, 11, 10)]], [[]]
    votes = laws.votes_of(kind, task, drawn)
    units = kind.decompose(votes, None, None, task)
    np.testing.assert_array_equal(units.matrix.to_dense(), [[0, 0, 0], [1, 1, 0]])
    shares = laws.vote_shares(units.matrix)
    answers = kind.recompose(units.beliefs(shares.probability, shares.covered), task)
    assert answers.answer.to_pylist() == ['[{"label":"cell","box":[0.5,0,10.5,10]}]']
    np.testing.assert_allclose(answers.confidence, 2 / 3)
