"""Known answers say how far content is believed that learnt from all labels, or from them alone."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.endmodels import (
    ContentReading,
    Evidence,
    Joining,
    KnownAnswers,
    by_name,
    folds_of,
    mixed,
)
from labelwright.endmodels.known_answers import LEAST_ANSWERS
from labelwright.labelmodels import by_name as label_model


def drawn(right, known, count=240, seed=0):
    """Texts whose words tell the class, a function that is so often right, and some answers."""
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % 2
    bodies = [f"{('home', 'cash')[t]} n{rng.integers(30)}" for t in truth]
    voted = np.where(rng.random(count) < right, truth, 1 - truth)
    answer = np.full(count, -1)
    answer[rng.choice(count, known, replace=False)] = 0
    answer = np.where(answer == 0, truth, -1)
    dense = np.stack([voted, answer], axis=1)
    matrix = VoteMatrix.from_dense(dense, classes=2, kinds=["function", "gold"])
    weigher = label_model("majority_vote")
    alone = matrix.only(matrix.source == 0)
    fit = weigher.fit(alone)
    others = weigher.posterior(fit, alone)
    evidence = Evidence.of(matrix, fit, others)
    settled = replace(others, probability=np.where(
        (answer >= 0)[:, None], np.eye(2)[np.maximum(answer, 0)], others.probability
    ))  # fmt: skip
    evidence = Evidence.of(matrix, fit, settled)
    known_answers = KnownAnswers(answer, answer >= 0, others.probability, others.covered)
    items = pa.table({"body": bodies})
    folds = folds_of(by_name("text", text_fields=["body"]), items, voted, strength=10.0)
    return truth, evidence, known_answers, folds


def reading(evidence, known, folds):
    beliefs = Joining().content(evidence, folds)
    return ContentReading.judged(beliefs, evidence, known, folds)


def right(read, truth):
    said = mixed(
        read.joint, read.answered, read.share, read.beliefs.shift, np.zeros(len(truth)) > 0
    )
    return (said.argmax(axis=1) == truth).mean()


def test_where_votes_mislead_answers_are_the_better_teacher():
    truth, evidence, known, folds = drawn(right=0.3, known=40)
    read = reading(evidence, known, folds)
    assert read.share > 0.8
    assert right(read, truth) > 0.9
    assert right(replace(read, share=0.0), truth) < 0.5


def test_where_votes_are_good_a_few_answers_take_little_of_the_say():
    truth, evidence, known, folds = drawn(right=0.95, known=8)
    read = reading(evidence, known, folds)
    assert read.share < 0.5
    assert right(read, truth) > 0.95


@pytest.mark.parametrize("chosen", [True, False])
def test_nothing_is_judged_by_answers_that_were_chosen_or_too_few(chosen):
    _, evidence, known, folds = drawn(right=0.3, known=40 if chosen else LEAST_ANSWERS - 1)
    if chosen:
        known = replace(known, fair=np.zeros_like(known.fair))
    read = reading(evidence, known, folds)
    assert read.answered is None
    assert read.share == 0


def test_answers_of_one_class_teach_nothing_by_themselves():
    truth, evidence, known, folds = drawn(right=0.3, known=40)
    one = known.without(truth == 1)
    assert (one.label[truth == 1] == -1).all()
    assert not one.fair[truth == 1].any()
    assert reading(evidence, one, folds).answered is None


def test_both_sorts_of_models_are_mixed_and_only_the_first_is_shifted():
    joint, answered = np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    said = mixed(joint, answered, 0.5, np.array([3.0, 1.0]), np.array([True, False]))
    assert said == pytest.approx(np.array([[0.875, 0.125], [0.75, 0.25]]))
    alone = mixed(joint, None, 0.0, np.array([3.0, 1.0]), np.array([True, False]))
    assert alone == pytest.approx(np.array([[0.75, 0.25], [0.5, 0.5]]))


def test_what_is_known_of_some_units_alone():
    _, _, known, _ = drawn(right=0.9, known=20)
    rows = np.array([3, 5, 8])
    some = known.only(rows)
    assert np.array_equal(some.label, known.label[rows])
    assert np.array_equal(some.votes, known.votes[rows])
    assert np.array_equal(some.fair, known.fair[rows])
    assert np.array_equal(some.covered, known.covered[rows])
