"""Replays: what answers would have brought under another policy."""

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.queue import (
    Belief,
    Machine,
    Redundancy,
    Uniform,
    ValuePerCost,
    Waiting,
    World,
    answers_to,
    replay,
    replay_crowd,
    simulated,
)
from labelwright.queue.crowd_replay import CrowdStep


def rng(seed=0):
    return np.random.default_rng(seed)


def shares(votes):
    """What votes say if each is right three times in four; accuracy by agreement."""
    score = np.zeros((votes.units, votes.classes))
    np.add.at(score, (votes.unit[votes.voted], votes.label[votes.voted]), np.log(3))
    probability = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    agree = probability.argmax(axis=1)[votes.unit] == votes.label
    right = np.bincount(votes.source, agree, minlength=votes.sources)
    count = np.bincount(votes.source, minlength=votes.sources)
    accuracy = np.divide(right, count, out=np.full(votes.sources, np.nan), where=count > 0)
    return Belief(probability, accuracy)


def crowd(people, accuracy):
    wrong = 1 - accuracy
    return np.repeat([[[accuracy, wrong], [wrong, accuracy]]], people, axis=0)


def test_people_answer_by_their_confusion_and_nobody_twice():
    truth = rng().integers(2, size=2_000)
    waiting = simulated(truth, crowd(6, 0.8), np.ones(6), 5, rng())
    assert np.all(waiting.available == 5)
    right = waiting.label == truth[:, None]
    assert 0.77 < right.mean() < 0.83
    assert all(len(set(row)) == 5 for row in waiting.person.tolist())


def test_who_is_active_answers_more():
    waiting = simulated(np.zeros(500, int), crowd(4, 0.9), np.array([10, 1, 1, 1]), 1, rng())
    count = np.bincount(waiting.person[:, 0], minlength=4)
    assert count[0] > 2 * count[1:].max()


def test_more_answers_than_people_are_refused():
    with pytest.raises(DataError, match="as many people"):
        simulated(np.zeros(3, int), crowd(2, 0.9), np.ones(2), 3, rng())


@pytest.mark.parametrize(
    ("person", "label"),
    [
        ([[0, 1]], [[0]]),
        ([[0, 2]], [[0, 0]]),
        ([[0, 1]], [[0, 5]]),
        ([[1, 1]], [[0, 0]]),
    ],
)
def test_impossible_answers_are_refused(person, label):
    with pytest.raises(DataError):
        Waiting(np.array(person), np.array(label), people=2, classes=2)


def test_a_fixed_plan_asks_everybody_as_often_as_it_says():
    truth = rng().integers(2, size=100)
    waiting = simulated(truth, crowd(8, 0.8), np.ones(8), 8, rng())
    steps = replay_crowd(truth, waiting, Redundancy(3, 3, 0), shares, rounds=1)
    assert [step.answers for step in steps] == [100, 200, 300]
    assert steps[-1].accuracy > steps[0].accuracy


def test_answers_where_they_are_needed_cost_less_for_the_same_accuracy():
    truth = rng(1).integers(2, size=400)
    waiting = simulated(truth, crowd(20, 0.75), np.ones(20), 15, rng(1))
    fixed = replay_crowd(truth, waiting, Redundancy(9, 9, 0), shares, rounds=1)[-1]
    adaptive = replay_crowd(truth, waiting, Redundancy(2, 15, 0.99), shares)
    assert answers_to(adaptive, fixed.accuracy) < 0.8 * fixed.answers


def test_whoever_is_below_the_bar_is_asked_only_where_nobody_else_is_left():
    truth = rng(2).integers(2, size=300)
    confusion = np.concatenate([crowd(5, 0.95), crowd(5, 0.3)])
    waiting = simulated(truth, confusion, np.ones(10), 10, rng(2))
    plan = Redundancy(3, 3, 0)
    as_they_come = replay_crowd(truth, waiting, plan, shares)[-1]
    better_first = replay_crowd(truth, waiting, plan, shares, bar=0.6)[-1]
    assert better_first.accuracy > as_they_come.accuracy
    assert better_first.answers == as_they_come.answers


def test_an_item_without_people_left_is_done_and_unknown_truth_is_not_counted():
    waiting = Waiting(np.array([[0, -1], [0, 1]]), np.array([[0, 0], [1, 1]]), 2, 2)
    steps = replay_crowd(np.array([0, -1]), waiting, Redundancy(2, 2, 0), shares, rounds=1)
    assert steps[-1] == CrowdStep(3, 1.0)


def test_people_answer_about_all_units_of_an_item_and_it_is_right_when_each_is():
    truth = np.array([0, 1, 1, 0, 1, -1])
    of = np.array([0, 0, 1, 2, 2, 3])
    waiting = simulated(np.maximum(truth, 0), crowd(3, 1.0), np.ones(3), 2, rng(), of)
    assert waiting.person.shape == (4, 2)
    assert waiting.label.tolist() == [[0, 0], [1, 1], [1, 1], [0, 0], [1, 1], [0, 0]]
    seen = []

    def believe(votes):
        seen.append(votes.vote_count.sum())
        belief = shares(votes)
        belief.probability[4] = [0.9, 0.1]
        return belief

    steps = replay_crowd(truth, waiting, Redundancy(1, 1, 0), believe, rounds=1)
    assert steps == (CrowdStep(4, pytest.approx(2 / 3)),)
    assert seen == [6]


def test_units_of_a_crowd_that_have_no_item_are_refused():
    with pytest.raises(DataError, match="every item needs a unit"):
        Waiting(np.array([[0]]), np.array([[0], [1]]), 1, 2)


def test_a_target_reached_from_the_first_step_on_costs_that_step():
    assert answers_to((CrowdStep(5, 1.0),), 0.9) == 5


def test_a_target_counts_from_when_it_stays_reached():
    steps = tuple(CrowdStep(n, a) for n, a in ((10, 0.96), (20, 0.9), (30, 0.95), (40, 0.97)))
    assert answers_to(steps, 0.95) == 30
    assert answers_to(steps, 0.99) == np.inf


def world(items=60, rules=True):
    truth = (np.arange(items) % 3 == 0).astype(int)
    dense = np.full((items, 1), -1)
    if rules:
        dense[::2, 0] = truth[::2]
    points = np.stack([truth * 4.0, np.arange(items) / items], axis=1).astype(np.float32)
    return World(truth, VoteMatrix.from_dense(dense, classes=2), np.arange(items) < 40, points)


def machine(of):
    def label(votes):
        belief = shares(votes)
        fit = LabelModelFit("shares", np.full(2, 0.5), np.zeros((votes.sources, 2, 2)),
                            belief.accuracy, np.zeros(2), np.zeros((votes.sources, 2, 2)),
                            np.zeros((votes.sources, 2)))  # fmt: skip
        return fit, Posterior(belief.probability, votes.covered)

    def learn(posterior, answered):
        rows = np.flatnonzero(posterior.covered & of.askable)
        near = np.abs(of.embedding[:, None, 0] - of.embedding[rows, 0]).argmin(axis=1)
        return posterior.probability[rows][near]

    def score(believed):
        prediction = believed.prediction
        if prediction is None:
            return 0.0
        return float((prediction.argmax(axis=1) == of.truth)[~of.askable].mean())

    return Machine(label, learn, score)


@pytest.mark.parametrize("rules", [True, False])
def test_a_replay_starts_without_answers_spends_the_budget_and_gets_better(rules):
    of = world(rules=rules)
    steps = replay(of, machine(of), ValuePerCost(), crowd(2, 1.0), rng(), budget=25, batch=10)
    assert [step.answers for step in steps] == [0, 10, 20, 25]
    assert steps[-1].score == 1


def test_a_replay_ends_when_the_goal_is_reached():
    of = world()
    steps = replay(of, machine(of), Uniform(), crowd(1, 1.0), rng(), budget=40, batch=5, goal=0.6)
    assert steps[-1].score >= 0.6
    assert all(step.score < 0.6 for step in steps[:-1])


def test_a_replay_ends_when_nothing_is_left_to_ask_and_follows_the_plan():
    of = world()
    one = replay(of, machine(of), Uniform(), crowd(3, 0.8), rng(), budget=500, batch=50)
    assert one[-1].answers == 40
    plan = Redundancy(2, 3, 1.0)
    more = replay(of, machine(of), Uniform(), crowd(3, 0.8), rng(), budget=500, batch=50, plan=plan)
    assert more[-1].answers == 120


def world_of_units(*, hidden):
    """30 items of three units: the ground, a piece that rules name, and one that they miss."""
    items = 30
    of = np.repeat(np.arange(items), 3)
    truth = np.tile([0, 1, 1], items)
    dense = np.tile([[0], [1], [0]], (items, 1))
    hide = np.tile([False, False, True], items)
    votes = VoteMatrix.from_dense(dense, classes=2)
    askable = np.arange(items) < 20
    return World(truth, votes, askable, None, of, hide if hidden else None)


@pytest.mark.parametrize("hidden", [True, False])
def test_a_piece_that_all_missed_is_unknown_until_a_person_finds_it(hidden):
    of = world_of_units(hidden=hidden)
    units, pools = [], []

    def label(votes):
        units.append(votes.units)
        return machine(None).label(votes)

    class Watched(Uniform):
        def pick(self, pool, count, rng):
            pools.append(pool)
            return Uniform.pick(self, pool, count, rng)

    parts = Machine(label, lambda posterior, answered: None, lambda believed: 0.0)
    plan = Redundancy(1, 2)
    steps = replay(of, parts, Watched(), crowd(1, 1.0), rng(), budget=20, batch=10, plan=plan)
    assert [step.answers for step in steps] == [0, 10, 20]
    assert units == ([60, 70, 80] if hidden else [90, 90, 90])
    assert [len(pool.posterior) for pool in pools] == units[:2]
    assert pools[1].answers.sum() == 10


def test_people_who_are_taken_at_their_word_put_all_units_of_an_item_right():
    of = world_of_units(hidden=True)

    def label(votes):
        gold = votes.only(votes.gold[votes.source])
        posterior = machine(None).label(votes)[1]
        probability = posterior.probability.copy()
        probability[gold.unit] = np.eye(2)[gold.label]
        return machine(None).label(votes)[0], Posterior(probability, posterior.covered)

    def score(believed):
        assert np.array_equal(
            of.known_of(np.repeat(believed.answered, 3)), believed.posterior.covered
        )
        label = np.where(believed.posterior.covered, believed.posterior.label, -1)
        return float(of.whole(label == of.truth).mean())

    parts = Machine(label, lambda posterior, answered: None, score)
    steps = replay(of, parts, ValuePerCost(), crowd(1, 1.0), rng(), budget=20, batch=10)
    assert [step.score for step in steps] == pytest.approx([0, 1 / 3, 2 / 3])


def test_people_differ_about_an_item_when_they_differ_about_a_unit():
    of = world_of_units(hidden=False)
    seen = []

    class Watched(Uniform):
        def pick(self, pool, count, rng):
            seen.append(pool.divided.mean())
            return Uniform.pick(self, pool, count, rng)

    parts = Machine(machine(None).label, lambda posterior, answered: None, lambda believed: 0.0)
    replay(of, parts, Watched(), crowd(2, 0.5), rng(), budget=40, batch=20, plan=Redundancy(2, 2))
    assert seen[0] == 0
    replay(of, parts, Watched(), crowd(3, 0.5), rng(), budget=60, batch=40, plan=Redundancy(2, 3))
    assert seen[-1] > 0.4


def test_partial_votes_are_replayed():
    of = world()
    votes = VoteMatrix.build([0, 1], [0, 0], [0, 2], units=60, classes=3, kinds=["rule"],
                             subsets=[[True, True, False]])  # fmt: skip
    seen = []

    def label(known):
        seen.append(known.subsets)
        fit = LabelModelFit("none", np.full(3, 1 / 3), np.zeros((known.sources, 3, 3)),
                            np.full(known.sources, 0.8), np.zeros(3),
                            np.zeros((known.sources, 3, 3)),
                            np.zeros((known.sources, 3)))  # fmt: skip
        return fit, Posterior(np.full((60, 3), 1 / 3), known.covered)

    parts = Machine(label, lambda posterior, answered: None, lambda believed: 0.0)
    of = World(of.truth, votes, of.askable)
    steps = replay(of, parts, Uniform(), np.tile(np.eye(3), (1, 1, 1)), rng(), budget=5, batch=5)
    assert steps[-1].answers == 5
    assert all(np.array_equal(subsets, votes.subsets) for subsets in seen)


def test_a_world_where_an_item_has_hidden_units_only_is_refused():
    votes = VoteMatrix.from_dense([[0], [1], [1]])
    with pytest.raises(DataError, match="not hidden"):
        World(np.array([0, 1, 1]), votes, np.ones(2, bool), None, np.array([0, 0, 1]),
              np.array([False, True, True]))  # fmt: skip
    with pytest.raises(DataError, match="every item needs a unit"):
        World(np.array([0, 1, 1]), votes, np.ones(2, bool))


def test_a_world_of_other_items_or_classes_is_refused():
    votes = VoteMatrix.from_dense([[0], [1]])
    with pytest.raises(DataError, match="same units"):
        World(np.zeros(3, int), votes, np.ones(3, bool))
    with pytest.raises(DataError, match="class"):
        World(np.array([0, 2]), votes, np.ones(2, bool))


def test_what_sources_say_of_how_sure_they_are_is_heard_in_replays_too():
    votes = VoteMatrix.build(
        [0, 1, 2], [0, 0, 0], [0, 1, 2], units=3, classes=3, kinds=["model"],
        confidence=[0.5, 0.6, 0.7], opinion=[0, 1, -1],
        opinions=[[0.5, 0.3, 0.2], [0.2, 0.6, 0.2]],
    )  # fmt: skip
    seen = []

    def label(given):
        seen.append(given)
        even = np.full((3, 3), 1 / 3)
        nothing = np.zeros((given.sources, 3, 3))
        half = np.full(given.sources, 0.5)
        fit = LabelModelFit("even", even[0], nothing, half, even[0], nothing, nothing[0])
        return fit, Posterior(even, np.ones(3, bool))

    machine = Machine(label, lambda *_: None, lambda _: 0.0)
    world = World(np.arange(3), votes, np.ones(3, bool))
    replay(world, machine, Uniform(), np.eye(3)[None], rng(), budget=2, batch=1)
    last = seen[-1]
    by_model = last.source == 0
    assert last.confidence[by_model] == pytest.approx([0.5, 0.6, 0.7])
    assert np.isnan(last.confidence[~by_model]).all()
    assert (last.opinion[by_model].tolist(), set(last.opinion[~by_model])) == ([0, 1, -1], {-1})
    assert last.opinions.shape == (2, 3)
