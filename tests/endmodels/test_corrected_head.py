"""What machines say teaches a head, and answers correct it."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from labelwright.endmodels import CorrectedHead, Training
from labelwright.endmodels.linear import LinearHead

HEAD = LinearHead(strength=10.0, calibration="none", steps=200)


def clouds(classes=3, count=1_200, seed=0):
    """Unit vectors around the middle of their class, and the class of each."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=count)
    points = rng.normal(size=(classes, 20))[truth] * 0.4 + rng.normal(size=(count, 20))
    return points / np.linalg.norm(points, axis=1, keepdims=True), truth


def labels(rows, said, classes=3, sure=1.0):
    target = np.full((len(rows), classes), (1 - sure) / (classes - 1))
    target[np.arange(len(rows)), said] = sure
    return Training(np.asarray(rows), target, np.ones(len(rows)))


def nobody(classes=3):
    return labels(np.zeros(0, int), np.zeros(0, int), classes)


def right(fit, points, truth):
    """The share of right predictions on the last 400, which nobody labels here."""
    return (fit.predict(points[800:]).argmax(axis=1) == truth[800:]).mean()


def corrected(points, machines, answers):
    return CorrectedHead(HEAD).fit(points, machines, answers)


def test_whoever_speaks_alone_is_learnt_as_ever():
    points, truth = clouds()
    told = labels(np.arange(100), truth[:100])
    plain = HEAD.fit(points[:100], told.target, told.weight)
    for pair in ((told, nobody()), (nobody(), told)):
        assert np.array_equal(corrected(points, *pair).coefficient, plain.coefficient)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_good_machines_and_answers_together_are_as_good_as_the_better(classes, form):
    points, truth = clouds(classes, seed=1)
    rng = np.random.default_rng(2)
    said = np.where(rng.random(700) < 0.4, rng.integers(classes, size=700), truth[100:800])
    machines = labels(np.arange(100, 800), said, classes, sure=0.7)
    answers = labels(np.arange(20), truth[:20], classes)
    both = right(corrected(form(points), machines, answers), points, truth)
    assert both > right(corrected(points, nobody(classes), answers), points, truth) + 0.02
    assert both >= right(corrected(points, machines, nobody(classes)), points, truth) - 0.03


def test_machines_that_mislead_cost_no_answers_once_there_are_some():
    """In one sum they do: 700 wrong labels drown 100 right ones."""
    points, truth = clouds()
    machines = labels(np.arange(100, 800), (truth[100:800] + 1) % 3, sure=0.6)
    answers = labels(np.arange(100), truth[:100])
    alone = right(corrected(points, nobody(), answers), points, truth)
    both = right(corrected(points, machines, answers), points, truth)
    assert both > alone - 0.05
    rows = np.arange(800)
    target = np.concatenate([answers.target, machines.target])
    in_one_sum = HEAD.fit(points[rows], target, np.ones(800))
    assert right(in_one_sum, points, truth) < alone - 0.3


def test_a_class_that_machines_know_and_no_answer_named_stays_known():
    points, truth = clouds()
    machines = labels(np.arange(100, 800), truth[100:800])
    some = np.flatnonzero(truth[:100] != 2)[:30]
    fit = corrected(points, machines, labels(some, truth[some]))
    assert right(fit, points, truth) > 0.9 * right(
        corrected(points, machines, nobody()), points, truth
    )


def test_a_class_that_only_answers_know_is_learnt():
    points, truth = clouds()
    known = 100 + np.flatnonzero(truth[100:800] != 2)
    machines = labels(known, truth[known])
    fit = corrected(points, machines, labels(np.arange(100), truth[:100]))
    third = truth[800:] == 2
    said = fit.predict(points[800:]).argmax(axis=1)
    assert (said[third] == 2).mean() > 0.6


def test_each_fit_starts_from_the_one_before_and_ends_where_a_new_one_does():
    points, truth = clouds()
    machines = labels(np.arange(100, 800), truth[100:800], sure=0.7)
    head = CorrectedHead(HEAD)
    for count in (10, 20, 40):
        fit = head.fit(points, machines, labels(np.arange(count), truth[:count]))
    anew = corrected(points, machines, labels(np.arange(40), truth[:40]))
    assert np.allclose(fit.predict(points), anew.predict(points), atol=5e-3)


def test_machines_are_believed_as_far_as_answers_bear_them_out():
    """Calibrated on 20 answers, vague labels that are right are sharp and wrong ones vague."""
    points, truth = clouds(2)
    answers = labels(np.arange(20), truth[:20], 2)
    vague, wrong = (
        corrected(points, labels(np.arange(100, 800), said, 2, sure=0.6), answers)
        for said in (truth[100:800], 1 - truth[100:800])
    )
    one_sum = HEAD.fit(points[:20], answers.target, answers.weight)
    assert right(vague, points, truth) > right(one_sum, points, truth)
    assert right(wrong, points, truth) > 0.7
