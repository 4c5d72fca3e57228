"""Machines teach first, and answers correct them."""

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.units import Units
from labelwright.endmodels import MACHINES_WEIGH, Targets
from labelwright.pipeline.label.in_turn import in_turn

SURE = np.array([0.9, 0.6, 0.8, 0.7, 0.95, 0.55])


def taught(*columns, kinds):
    """What machines and what people teach of six units, from votes of class 0 or none."""
    matrix = VoteMatrix.from_dense(np.array(columns).T - 1, classes=2, kinds=kinds)
    units = Units(matrix, np.arange(6), 6, ("a", "b"), head_names=("",))
    told = Posterior(np.stack([SURE, 1 - SURE], axis=1), matrix.covered)
    return in_turn(units, Targets().of(told), told)


def test_units_that_people_or_gold_answered_are_answers_and_the_others_machines():
    function, person, gold = [1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 0]
    machines, answers = taught(function, person, gold, kinds=["function", "person", "gold"])
    assert machines.rows.tolist() == [2, 3]
    assert answers.rows.tolist() == [0, 1, 4]
    assert machines.weight.tolist() == [1, 1]
    assert machines.target[:, 0].tolist() == [0.8, 0.7]


def test_what_only_descriptions_say_teaches_its_surer_half_as_the_class_that_it_names():
    told = [1] * 6
    machines, answers = taught(told, [0, 1, 0, 0, 0, 0], kinds=["description", "gold"])
    assert answers.rows.tolist() == [1]
    assert machines.rows.tolist() == [0, 2, 4]
    assert np.all(machines.weight > 0)
    # One hit more than was taken for granted: each would count more than an answer, and none may.
    assert np.all(machines.weight <= 1)


def test_people_alone_leave_nothing_for_machines_to_teach():
    machines, answers = taught([1, 1, 0, 0, 0, 0], kinds=["person"])
    assert not len(machines.rows)
    assert answers.rows.tolist() == [0, 1]


def test_all_that_machines_say_weighs_like_a_hundred_answers_at_most():
    votes = np.zeros((400, 1), int)
    matrix = VoteMatrix.from_dense(votes, classes=2, kinds=["function"])
    units = Units(matrix, np.arange(400), 400, ("a", "b"), head_names=("",))
    told = Posterior(np.tile([0.8, 0.2], (400, 1)), matrix.covered)
    machines, _ = in_turn(units, Targets().of(told), told)
    assert len(machines.rows) == 400
    assert machines.weight.sum() == MACHINES_WEIGH
