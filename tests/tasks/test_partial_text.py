"""Answers of less than one class: as text, and as votes on units."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.answers import not_, one_of
from labelwright.core.errors import AnswerError, SettingsError
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.tasks.classification import Classification
from labelwright.tasks.multilabel import Multilabel
from labelwright.tasks.partial_text import said

KIND = Classification()
PETS = Task(
    "classification",
    ("cat", "dog", "owl", "car"),
    parents={"cat": "mammal", "dog": "mammal", "mammal": "animal", "owl": "animal"},
)


def votes_of(*texts, confidence=None):
    answers = tuple(sorted({text for text in texts if text is not None}))
    return Votes(
        item=np.arange(len(texts)),
        source=np.zeros(len(texts), np.int32),
        answer=np.array([-1 if t is None else answers.index(t) for t in texts], np.int32),
        answers=answers,
        sources=(Source("ann", SourceKind.PERSON),),
        items=len(texts),
        complete=np.array([False]),
        confidence=confidence,
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (one_of("dog", "owl"), "dog|owl"),
        (one_of("owl", 1, "dog"), "dog|owl"),
        (not_("car"), "animal"),
        (not_("cat"), "!cat"),
        (not_("cat", "owl"), "dog|car"),
        (not_("animal"), "car"),
        (one_of("cat"), "cat"),
        (one_of("mammal", "car"), "!owl"),
        ("mammal", "mammal"),
        ("cat|dog", "mammal"),
        (" car | owl ", "owl|car"),
        ("!cat|owl", "dog|car"),
        ({"dog": 0.25, "cat": 0.75}, '{"cat":0.75,"dog":0.25}'),
        ('{"dog": 0.2504, "cat": 0.7496}', '{"cat":0.75,"dog":0.25}'),
    ],
)
def test_an_answer_of_several_classes_has_one_text(answer, text):
    assert KIND.canonical(answer, PETS) == text
    assert KIND.canonical(KIND.read(text, PETS), PETS) == text


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (one_of("cat", "eggs"), "'eggs' is no class"),
        (one_of("cat", "dog", "owl", "car"), "leaves every class"),
        (not_("animal", "car"), "rules out every class"),
        ("!eggs", "'eggs' is no class"),
        ("|", "is no class"),
        ("{", "is no class"),
        ("[1]", "is no class"),
        ({"cat": 0.5}, "must sum to 1"),
        ({"cat": 1.5}, "must lie in 0..1"),
        ({"cat": True}, "must lie in 0..1"),
        ({"eggs": 1.0}, "is no class"),
    ],
)
def test_what_says_nothing_or_names_no_class_is_refused(answer, what):
    with pytest.raises(AnswerError, match=what):
        KIND.canonical(answer, PETS)


def test_a_partial_answer_names_something():
    with pytest.raises(AnswerError, match="at least one class"):
        one_of()


NAMES = st.lists(
    st.text(st.sampled_from("ab|!\\{ "), min_size=1, max_size=4).map(str.strip).filter(bool),
    min_size=3,
    max_size=5,
    unique=True,
)


@given(names=NAMES, data=st.data())
def test_any_class_names_can_be_told_apart_in_partial_answers(names, data):
    task = Task("classification", tuple(names))
    size = st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True)
    chosen = set(data.draw(size))
    text = KIND.canonical(one_of(*chosen), task)
    matrix = KIND.decompose(votes_of(text), None, None, task).matrix
    assert {names[c] for c in np.flatnonzero(matrix.members[matrix.label[0]])} == chosen
    for name in names:
        assert KIND.canonical(name, task) == name


def test_partial_votes_and_distributions_become_labels_sets_and_opinions():
    votes = votes_of("cat", "!cat", "mammal", '{"cat":0.7,"owl":0.3}', None, "!cat")
    matrix = KIND.decompose(votes, None, None, PETS).matrix
    named = [matrix.members[label].tolist() for label in matrix.label[[0, 1, 2, 3, 5]]]
    assert named == [
        [True, False, False, False],
        [False, True, True, True],
        [True, True, False, False],
        [True, False, False, False],
        [False, True, True, True],
    ]
    assert matrix.label[4] == -1
    np.testing.assert_allclose(matrix.confidence[3], 0.7)
    assert np.isnan(matrix.confidence[[0, 1, 2, 4, 5]]).all()
    np.testing.assert_array_equal(matrix.opinion, [-1, -1, -1, 0, -1, -1])
    np.testing.assert_allclose(matrix.opinions, [[0.7, 0, 0.3, 0]])


def test_a_partial_answer_that_reads_like_a_class_is_told_from_it():
    task = Task("classification", ("a", "b", "a|b", "c"))
    assert KIND.canonical("a|b", task) == "a|b"
    assert KIND.canonical(one_of("a", "b"), task) == "a|b|"
    assert KIND.canonical("a|b|", task) == "a|b|"


def test_two_texts_of_one_set_are_one_label():
    matrix = KIND.decompose(votes_of("mammal", "cat|dog", " cat"), None, None, PETS).matrix
    assert matrix.label.tolist() == [4, 4, 0]


def test_a_distribution_over_two_classes_is_a_vote_with_a_confidence():
    task = Task("classification", ("spam", "ham"))
    votes = votes_of(
        '{"spam":0.8,"ham":0.2}', "ham", confidence=np.array([np.nan, 0.6], np.float32)
    )
    matrix = KIND.decompose(votes, None, None, task).matrix
    np.testing.assert_array_equal(matrix.label, [0, 1])
    np.testing.assert_allclose(matrix.confidence, [0.8, 0.6], rtol=1e-6)
    assert matrix.opinions is None


def test_answers_are_said_in_words():
    assert [said(text) for text in ("cat", "!cat", "dog|owl", '{"cat":0.75,"dog":0.25}')] == [
        "cat", "not cat", "dog or owl", "cat 75%, dog 25%",
    ]  # fmt: skip
    assert said('["a|b"]') == '["a|b"]'
    assert said('{"a": true, "b": false}') == "a, not b"


@pytest.mark.parametrize(
    ("parents", "what"),
    [
        ({"cat": "dog"}, "'dog' is a class"),
        ({"lion": "mammal"}, "'lion' has a parent but is no class"),
        ({"cat": "a", "a": "b", "b": "a"}, "lies under itself"),
    ],
)
def test_a_hierarchy_that_makes_no_sense_is_refused(parents, what):
    with pytest.raises(SettingsError, match=what):
        Task("classification", ("cat", "dog", "car"), parents=parents)


def test_many_labels_may_be_answered_in_part():
    kind, task = Multilabel(), Task("multilabel", ("a", "b", "c"))
    assert kind.canonical(not_("b"), task) == '{"b": false}'
    text = kind.canonical({"c": 0.9, "a": False}, task)
    assert json.loads(text) == {"a": False, "c": 0.9}
    assert kind.canonical(kind.read(text, task), task) == text
    matrix = kind.decompose(votes_of(text, '["b"]', None), None, None, task).matrix
    np.testing.assert_array_equal(matrix.unit, [0, 2, 3, 4, 5, 6, 7, 8])
    np.testing.assert_array_equal(matrix.label, [0, 1, 0, 1, 0, -1, -1, -1])
    np.testing.assert_allclose(matrix.confidence[1], 0.9)
    given_one = votes_of('["b"]', confidence=np.array([0.5], np.float32))
    np.testing.assert_allclose(kind.decompose(given_one, None, None, task).matrix.confidence, 0.5)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (one_of("a", "b"), "one_of says nothing"),
        ({"a": 2}, "true, false or 0..1"),
        ({"a": "yes"}, "true, false or 0..1"),
        ("{", "no JSON object"),
        ({"d": True}, "is no class"),
    ],
)
def test_many_labels_refuse_partial_answers_that_say_nothing(answer, what):
    with pytest.raises(AnswerError, match=what):
        Multilabel().canonical(answer, Task("multilabel", ("a", "b", "c")))
