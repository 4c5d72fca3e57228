"""Boxes keep the laws of task kinds, overlapping ones too."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.task import Task
from labelwright.tasks.boxes import Boxes
from labelwright.testing import tasks as laws

TASK = Task("boxes", ("aä b", "b", '"c,'))
NONSENSE = [
    None, 1.5, True, object(), "b", "[", 7, {"b": 7}, [None], ["b"], [["b", 1, 2]],
    [("d", 0, 0, 1, 1)], [("b", 0, 0, 0, 1)], [("b", 0, 1, 1, 0)], [("b", 0, 0, 1, float("nan"))],
    [("b", 0, 0, 1, float("inf"))], [("b", 0, 0, 1, "1")], [("b", False, 0, 1, True)],
    [("b", 0, 0, 0.001, 1)], [("b", 0, 0, 1e6, 1)], [{"label": "b"}],
    [{"label": "b", "box": "0011"}], [{"label": "b", "box": [0, 0, 1, 1], "sure": 1}],
]  # fmt: skip


@st.composite
def boxes(draw):
    """Boxes that may overlap, many of them nearly the same."""
    corner, side = st.integers(0, 12), st.integers(2, 8)
    jitter = st.sampled_from([0, 0.25, 0.33, 1])
    drawn = []
    for _ in range(draw(st.integers(0, 4))):
        x, y = draw(corner) + draw(jitter), draw(corner) + draw(jitter)
        name = draw(st.sampled_from(TASK.classes))
        drawn.append((name, x, y, x + draw(side), y + draw(side) + draw(jitter)))
    return drawn


@st.composite
def ballots(draw):
    """Few sources or none on few items or none, with abstentions."""
    items = draw(st.integers(0, 3))
    ballot = st.lists(st.none() | boxes(), min_size=items, max_size=items)
    return draw(st.lists(ballot, max_size=4))


@settings(max_examples=40, deadline=None)
@given(ballots(), st.integers(0, 99), st.sampled_from([0.1, 0.5, 0.9]))
def test_boxes_keep_the_laws(drawn, seed, iou):
    laws.check_task_kind(Boxes(iou), TASK, drawn, NONSENSE, np.random.default_rng(seed))


@settings(max_examples=40, deadline=None)
@given(ballots(), st.integers(0, 99))
def test_trust_in_sources_moves_with_them(drawn, seed):
    """Merged places are the same to the last step in whatever order sources come, and boxes."""
    rng = np.random.default_rng(seed)
    kind, order = Boxes(), rng.permutation(len(drawn))
    trust = rng.random(len(drawn))
    found = []
    for some, weight in ((drawn, trust), ([drawn[n] for n in order], trust[order])):
        units = kind.decompose(laws.votes_of(kind, TASK, some), None, None, TASK)
        shares = laws.vote_shares(units.matrix)
        beliefs = units.beliefs(shares.probability, shares.covered, weight)
        found.append(kind.recompose(beliefs, TASK).answer.to_pylist())
    assert found[0] == found[1]
    assert all(text is None or kind.canonical(text, TASK) == text for text in found[0])


@settings(max_examples=60, deadline=None)
@given(ballots())
def test_a_source_has_at_most_one_box_in_a_group(drawn):
    kind = Boxes(0.1)
    votes = laws.votes_of(kind, TASK, drawn)
    units = kind.decompose(votes, None, None, TASK)
    groups = [key or [] for key in units.key.to_pylist()]
    assert all(len({box["source"] for box in group}) == len(group) for group in groups)
    drew = sum(
        len(kind.read(votes.answers[answer], TASK)) for answer in votes.answer if answer >= 0
    )
    assert sum(len(group) for group in groups) == drew
