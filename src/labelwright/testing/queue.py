"""The laws of a query strategy. Each is a plain function that asserts; call it with any pool."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Picks, Pool
from labelwright.core.ports import QueryStrategy

__all__ = [
    "never_changes_the_pool",
    "one_unit_an_item_needs_no_naming",
    "picks_as_many_as_it_can_and_none_twice",
    "picks_the_same_under_one_seed",
    "picks_what_may_be_asked",
    "says_why_and_with_which_probability",
]


def picks_what_may_be_asked(strategy: QueryStrategy, pool: Pool, count: int, seed: int) -> None:
    """Every pick is a row of the pool that a person may be asked about."""
    picks = _pick(strategy, pool, count, seed)
    assert np.all((picks.position >= 0) & (picks.position < len(pool.item)))
    assert pool.askable[picks.position].all()


def picks_as_many_as_it_can_and_none_twice(
    strategy: QueryStrategy, pool: Pool, count: int, seed: int
) -> None:
    """There are `count` picks, or all candidates if they are fewer, all different."""
    picks = _pick(strategy, pool, count, seed)
    assert len(picks.position) == min(count, int(pool.askable.sum()))
    assert len(np.unique(picks.position)) == len(picks.position)


def picks_the_same_under_one_seed(
    strategy: QueryStrategy, pool: Pool, count: int, seed: int
) -> None:
    """Chance comes from `rng` alone."""
    _assert_same(_pick(strategy, pool, count, seed), _pick(strategy, pool, count, seed))


def says_why_and_with_which_probability(
    strategy: QueryStrategy, pool: Pool, count: int, seed: int
) -> None:
    """Each pick carries a probability above 0, whether it is random, and a reason."""
    picks = _pick(strategy, pool, count, seed)
    number = len(picks.position)
    assert picks.probability.shape == picks.random.shape == (number,)
    assert np.all((picks.probability > 0) & (picks.probability <= 1))
    assert picks.random.dtype == bool
    assert len(picks.reason) == number
    assert all(reason.strip() for reason in picks.reason)


def never_changes_the_pool(strategy: QueryStrategy, pool: Pool, count: int, seed: int) -> None:
    """The arrays of the pool are only read."""
    arrays = [getattr(pool, name) for name in Pool.__dataclass_fields__]
    before = [None if array is None else array.copy() for array in arrays]
    _pick(strategy, pool, count, seed)
    for array, copy in zip(arrays, before, strict=True):
        if array is not None:
            np.testing.assert_array_equal(array, copy)


def one_unit_an_item_needs_no_naming(
    strategy: QueryStrategy, pool: Pool, count: int, seed: int
) -> None:
    """Where every item has one unit, the picks are those of items, to the bit and the last draw."""
    _, first = np.unique(_unit_item(pool), return_index=True)
    plain = replace(
        pool,
        posterior=pool.posterior[first],
        covered=pool.covered[first],
        disagreement=pool.disagreement[first],
        prediction=None if pool.prediction is None else pool.prediction[first],
        lesson=None if pool.lesson is None else pool.lesson[first],
        unit_item=None,
    )
    named = replace(plain, unit_item=np.arange(len(pool.item)))
    one, two = np.random.default_rng(seed), np.random.default_rng(seed)
    _assert_same(strategy.pick(plain, count, one), strategy.pick(named, count, two))
    assert one.bit_generator.state == two.bit_generator.state


def _unit_item(pool: Pool) -> NDArray[np.int64]:
    return np.arange(len(pool.item)) if pool.unit_item is None else pool.unit_item


def _assert_same(first: Picks, second: Picks) -> None:
    np.testing.assert_array_equal(first.position, second.position)
    np.testing.assert_array_equal(first.probability, second.probability)
    np.testing.assert_array_equal(first.random, second.random)
    assert first.reason == second.reason


def _pick(strategy: QueryStrategy, pool: Pool, count: int, seed: int) -> Picks:
    return strategy.pick(pool, count, np.random.default_rng(seed))
