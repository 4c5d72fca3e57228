"""How strategies turn scores into picks."""

import numpy as np
import pytest

from labelwright.core.pool import Pool
from labelwright.queue import at_random, joined


def pool_of(askable):
    items = len(askable)
    return Pool(
        item=np.arange(items),
        askable=np.asarray(askable, bool),
        posterior=np.full((items, 2), 0.5),
        covered=np.zeros(items, bool),
        disagreement=np.zeros(items),
    )


def test_random_picks_carry_the_chance_that_each_had():
    askable = np.arange(40) % 2 == 0
    found = at_random(pool_of(askable), 5, np.random.default_rng(0))
    assert len(set(found.position.tolist())) == 5
    assert askable[found.position].all()
    assert found.probability.tolist() == [0.25] * 5
    assert found.random.all()
    assert found.reason[0] == "drawn at random, to learn how frequent each class is"


def test_every_item_is_as_likely_as_any_other():
    count = np.zeros(10)
    for seed in range(2_000):
        count[at_random(pool_of(np.ones(10)), 3, np.random.default_rng(seed)).position] += 1
    assert count / 2_000 == pytest.approx(np.full(10, 0.3), abs=0.04)


def test_there_are_never_more_than_may_be_asked_about():
    everything = at_random(pool_of([1, 0, 1]), 9, np.random.default_rng(0))
    assert sorted(everything.position.tolist()) == [0, 2]
    assert everything.probability.tolist() == [1, 1]
    nothing = at_random(pool_of([0, 0]), 9, np.random.default_rng(0))
    assert len(nothing.position) == len(nothing.reason) == 0


def test_joined_picks_stand_in_their_order():
    rng = np.random.default_rng(0)
    first, then = (at_random(pool_of([1] * n), 1, rng) for n in (1, 4))
    both = joined(first, then)
    assert both.position.tolist() == [*first.position, *then.position]
    assert both.probability.tolist() == [1, 0.25]
    assert len(both.reason) == len(both.random) == 2
