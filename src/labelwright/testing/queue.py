"""The laws of a query strategy. Each is a plain function that asserts; call it with any pool."""

from __future__ import annotations

import numpy as np

from labelwright.core.pool import Picks, Pool
from labelwright.core.ports import QueryStrategy

__all__ = [
    "never_changes_the_pool",
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
    first, second = (_pick(strategy, pool, count, seed) for _ in range(2))
    np.testing.assert_array_equal(first.position, second.position)
    np.testing.assert_array_equal(first.probability, second.probability)
    np.testing.assert_array_equal(first.random, second.random)
    assert first.reason == second.reason


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


def _pick(strategy: QueryStrategy, pool: Pool, count: int, seed: int) -> Picks:
    return strategy.pick(pool, count, np.random.default_rng(seed))
