"""How strategies turn scores into picks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Picks, Pool
from labelwright.queue.reasons import HOW_FREQUENT, RANDOM


def candidates(pool: Pool) -> NDArray[np.int64]:
    """The rows that may be asked about, shape (candidates,)."""
    return np.flatnonzero(pool.askable).astype(np.int64)


def ranked(
    rows: NDArray[np.int64], score: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The rows by falling score; equals in random order, NaN last.

    Args:
        rows: positions in the pool, shape (candidates,).
        score: of those rows, shape (candidates,).
        rng: breaks ties.
    """
    shuffled = rng.permutation(len(rows))
    # NaN sorts last, and a stable sort keeps the shuffled order among equals.
    order = shuffled[np.argsort(-score[shuffled], kind="stable")]
    return rows[order]


def chosen(position: NDArray[np.int64], reason: Sequence[str]) -> Picks:
    """Picks in which chance played no part but to break ties: each has probability 1."""
    return Picks(
        position=position,
        probability=np.ones(len(position)),
        random=np.zeros(len(position), bool),
        reason=tuple(reason),
    )


def at_random(pool: Pool, count: int, rng: np.random.Generator) -> Picks:
    """Picks drawn at random from all that may be asked about, each with its probability."""
    rows = candidates(pool)
    count = min(count, len(rows))
    position: NDArray[np.int64] = rng.choice(rows, size=count, replace=False)
    return Picks(
        position=position,
        probability=np.full(count, count / max(len(rows), 1)),
        random=np.ones(count, bool),
        reason=(HOW_FREQUENT,) * count,
    )


def joined(first: Picks, then: Picks) -> Picks:
    """Some picks, and then others."""
    return Picks(
        position=np.concatenate([first.position, then.position]),
        probability=np.concatenate([first.probability, then.probability]),
        random=np.concatenate([first.random, then.random]),
        reason=(*first.reason, *then.reason),
    )


def with_random_share(
    rows: NDArray[np.int64],
    count: int,
    share: float,
    rng: np.random.Generator,
    valued: Callable[[NDArray[np.int64], int, NDArray[np.int64]], Picks],
) -> Picks:
    """`count` picks of which a share is drawn at random, strewn among the others.

    The share is drawn first, from all rows. Each had the probability ``share * count / rows`` to
    be in it, exactly (the size of the share is rounded up or down at random), and that is what
    its picks carry: they are the honest test set. The other picks carry what `valued` says.

    Args:
        rows: that may be asked about.
        count: how many picks.
        share: of them that is random, 0 to 1.
        rng: draws.
        valued: gives the other picks from the rows left, how many, and the rows drawn.
    """
    count = min(count, len(rows))
    expected = share * count
    size = math.floor(expected) + int(rng.random() < expected % 1)
    drawn: NDArray[np.int64] = rng.choice(rows, size=size, replace=False)
    others = valued(np.setdiff1d(rows, drawn), count - size, drawn)

    # A person who stops early has then answered about the same share of both.
    place = np.zeros(count, bool)
    place[rng.choice(count, size=size, replace=False)] = True
    position, probability = np.empty(count, np.int64), np.empty(count)
    position[place], position[~place] = drawn, others.position
    probability[place], probability[~place] = expected / max(len(rows), 1), others.probability
    reasons = iter(others.reason)
    return Picks(
        position=position,
        probability=probability,
        random=place,
        reason=tuple(RANDOM if by_chance else next(reasons) for by_chance in place),
    )
