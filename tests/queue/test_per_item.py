"""What the units of an item say together, and what strategies make of it."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.pool import Pool
from labelwright.queue import (
    ColdStart,
    Disagreement,
    Margin,
    Mixed,
    PosteriorEntropy,
    ValuePerCost,
    describe,
)
from labelwright.queue.per_item import UNIT_PRICE, heaviest, least, most, of_items
from labelwright.queue.reasons import DIVIDED, TEACHES, UNCOVERED, UNREMARKABLE

OF = np.array([0, 0, 0, 1, 2, 2])
VALUE = np.array([0.2, 0.5, 0.5, 0.4, 0.1, 0.0])


def rng(seed=0):
    return np.random.default_rng(seed)


def pool_of(unit_item, posterior, **known):
    """A pool of items with these units, whose first class is so probable."""
    first = np.asarray(posterior, float)
    units, items = len(first), int(np.max(unit_item)) + 1
    arrays = {"covered": np.ones(units, bool), "disagreement": np.zeros(units), **known}
    return Pool(
        item=np.arange(items),
        askable=np.ones(items, bool),
        posterior=np.stack([first, 1 - first], axis=1),
        unit_item=np.asarray(unit_item),
        **{name: None if value is None else np.asarray(value) for name, value in arrays.items()},
    )


def test_units_add_up_over_the_price_of_answering_about_so_many():
    price = 1 + UNIT_PRICE * np.array([2, 0, 1])
    assert of_items(VALUE, OF) == pytest.approx(np.array([1.2, 0.4, 0.1]) / price)
    assert of_items(VALUE, None) is VALUE


def test_the_heaviest_unit_is_the_first_of_equals_and_a_number_that_is_none_is_light():
    assert heaviest(VALUE, OF).tolist() == [1, 3, 4]
    assert heaviest(np.array([np.nan, 0.1]), np.array([0, 0])).tolist() == [1]
    assert heaviest(VALUE, None).tolist() == [0, 1, 2, 3, 4, 5]


def test_the_least_and_the_most_of_an_item_are_all_and_any_of_flags():
    assert least(VALUE, OF).tolist() == [0.2, 0.4, 0.0]
    assert most(VALUE, OF).tolist() == [0.5, 0.4, 0.1]
    flag = np.array([True, False, True, True, False, False])
    assert least(flag, OF).tolist() == [False, True, False]
    assert most(flag, OF).tolist() == [True, True, False]
    assert least(flag, None) is flag
    assert most(flag, None) is flag


def test_no_items_have_no_units():
    none = np.zeros(0)
    for made in (of_items, heaviest, least, most):
        assert not len(made(none, np.zeros(0, np.int64)))


@pytest.mark.parametrize(
    "unit_item",
    [
        None,
        [0, 0, 1],
        [0, 2, 2, 2],
        [1, 1, 2, 2],
        [0, 1, 0, 2],
        [0, 1, 1, 1],
        [-1, 0, 1, 2],
        [0, 1, 2, 3],
    ],
)
def test_a_pool_of_items_without_units_or_units_in_disorder_is_refused(unit_item):
    pool = pool_of([0, 1, 1, 2], [0.5, 0.5, 0.5, 0.5])
    with pytest.raises(DataError, match="every item needs a unit"):
        replace(pool, unit_item=None if unit_item is None else np.array(unit_item))


@pytest.mark.parametrize("strategy", [Margin(), PosteriorEntropy(), ValuePerCost(random=0)])
def test_two_units_in_doubt_come_before_one_and_the_reason_is_the_most_doubtful(strategy):
    pool = pool_of([0, 0, 1, 1, 2], [0.99, 0.6, 0.6, 0.55, 0.99])
    picks = strategy.pick(pool, 3, rng())
    assert picks.position.tolist() == [1, 0, 2]
    assert picks.reason[0] == "{#1}the sources cannot tell {0} (55 %) from {1} (45 %)"
    assert picks.reason[1] == "{#1}the sources cannot tell {0} (60 %) from {1} (40 %)"
    assert picks.reason[2] == "the sources lean to {0} (99 %) over {1} (1 %)"


def test_a_long_item_of_little_doubt_waits_for_a_short_one_of_much():
    pool = pool_of([0] * 30 + [1], [0.98] * 30 + [0.5])
    assert Margin().pick(pool, 1, rng()).position.tolist() == [1]


def test_a_unit_that_no_source_votes_on_is_told_when_it_weighs_most():
    pool = pool_of([0, 0], [0.9, 0.5], covered=[True, False])
    for strategy in (PosteriorEntropy(), ValuePerCost(random=0), Mixed(random=0)):
        assert strategy.pick(pool, 1, rng()).reason == ("{#1}" + UNCOVERED,)


def test_divided_votes_on_two_units_come_before_those_on_one():
    pool = pool_of([0, 0, 1, 1, 2], [0.9] * 5, disagreement=[0.4, 0, 0.4, 0.4, 0])
    picks = Disagreement().pick(pool, 3, rng())
    assert picks.position.tolist() == [1, 0, 2]
    assert picks.reason == ("{#0}" + DIVIDED, "{#0}" + DIVIDED, UNREMARKABLE)


def test_a_cold_start_asks_about_an_item_before_it_only_where_no_unit_has_a_vote():
    pool = pool_of([0, 0, 1, 1, 2, 2], [0.5] * 6, covered=[1, 0, 0, 0, 1, 1],
                   disagreement=[0, 0, 0, 0, 0, 0.1])  # fmt: skip
    picks = ColdStart().pick(replace(pool, covered=pool.covered.astype(bool)), 3, rng())
    assert picks.position.tolist() == [2, 1, 0]
    assert picks.reason == (DIVIDED, UNCOVERED, UNREMARKABLE)


def test_a_mix_speaks_of_the_unit_on_which_sources_and_model_differ():
    pool = pool_of([0, 1, 1], [0.9, 0.9, 0.2])
    pool = replace(pool, prediction=np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]))
    picks = Mixed(random=0).pick(pool, 1, rng())
    assert picks.position.tolist() == [1]
    assert picks.reason == ("{#1}the sources say {1} (80 %), the model says {0} (90 %)",)


def test_a_reason_names_its_unit_where_all_items_have_the_same():
    reason = "{#1}the sources cannot tell {0} (55 %) from {1} (45 %)"
    told = "the sources cannot tell no (55 %) from yes (45 %)"
    assert describe(reason, ["no", "yes"], ["news", "sport"]) == f"sport: {told}"
    assert describe(reason, ["no", "yes"]) == told


def test_all_units_teach_about_their_sources_until_somebody_answered():
    pool = pool_of([0, 0, 1, 1], [1.0] * 4, lesson=[0.1, 0.1, 0.15, 0.0])
    picks = ValuePerCost(random=0).pick(pool, 2, rng())
    assert picks.position.tolist() == [0, 1]
    assert picks.reason == (TEACHES, TEACHES)
    answered = replace(pool, answers=np.array([1, 0]))
    assert ValuePerCost(random=0).pick(answered, 1, rng()).position.tolist() == [1]


def test_a_young_model_is_no_guide_where_only_people_vouch_for_the_units():
    draw = rng(1)
    of = np.repeat(np.arange(40), 2)
    pool = pool_of(
        of,
        draw.random(80),
        covered=of < 3,
        prediction=draw.dirichlet([1, 1], 80),
        embedding=draw.normal(size=(40, 3)).astype(np.float32),
        answers=(np.arange(40) < 3).astype(int),
    )
    young = ValuePerCost(random=0).pick(pool, 4, rng())
    assert all(reason.startswith("typical") for reason in young.reason)
    ruled = replace(pool, covered=np.arange(80) % 2 == 0)
    picks = ValuePerCost(random=0).pick(ruled, 4, rng())
    assert not any(reason.startswith("typical") for reason in picks.reason)
