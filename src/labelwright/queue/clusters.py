"""Groups of items that lie near each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE = 10_000
STEPS = 10
CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Which group each point belongs to.

    Attributes:
        label: the group, shape (points,).
        distance: squared distance to the group's centre, shape (points,).
    """

    label: NDArray[np.int64]
    distance: NDArray[np.float64]


def cluster(
    points: NDArray[np.float32],
    count: int,
    rng: np.random.Generator,
    weight: NDArray[np.float64] | None = None,
) -> Clusters:
    """At most `count` groups by k-means, seeded by k-means++.

    Centres are found on a sample of 10,000 points; then every point joins its nearest centre.

    Args:
        points: finite, shape (points, dimensions), at least one.
        count: at least 1.
        rng: draws the sample and the seeds.
        weight: how much each point draws its centre, above 0, shape (points,); None for 1.

    Reference:
        D. Arthur, S. Vassilvitskii: k-means++: The Advantages of Careful Seeding. SODA 2007,
        1027-1035. https://dl.acm.org/doi/10.5555/1283383.1283494
    """
    size = min(len(points), SAMPLE)
    drawn = rng.choice(len(points), size=size, replace=False)
    sample = points[drawn]
    pull = np.ones(size, np.float32) if weight is None else weight[drawn].astype(np.float32)
    centres = _seeds(sample, pull, count, rng)
    for _ in range(STEPS):
        nearest = _nearest(sample, centres).label
        belongs = np.where(nearest == np.arange(len(centres))[:, None], pull, np.float32(0))
        mass = belongs.sum(axis=1)[:, None]
        # A centre that lost all its points stays where it is.
        centres = np.where(mass > 0, belongs @ sample / np.where(mass > 0, mass, 1), centres)
        centres = centres.astype(np.float32)
    parts = [
        _nearest(points[start : start + CHUNK], centres) for start in range(0, len(points), CHUNK)
    ]
    return Clusters(
        np.concatenate([part.label for part in parts]),
        np.concatenate([part.distance for part in parts]),
    )


def finite(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points, with 0 for every coordinate that is NaN or infinite."""
    return np.nan_to_num(points, posinf=0, neginf=0)


def squared_distances(
    points: NDArray[np.float32], others: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Squared Euclidean distances, shape (points, others), never negative."""
    square = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * points @ others.T
    return np.maximum(square, 0).astype(np.float64)


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> Clusters:
    distance = squared_distances(points, centres)
    label = distance.argmin(axis=1)
    return Clusters(label, distance[np.arange(len(points)), label])


def _seeds(
    points: NDArray[np.float32],
    weight: NDArray[np.float32],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Up to `count` distinct points, each drawn by weight x squared distance from those before."""
    chosen = [int(rng.integers(len(points)))]
    distance = squared_distances(points, points[chosen])[:, 0]
    # Rounding leaves a duplicate of a seed a tiny distance away from it: not a seed of its own.
    floor = 1e-6 * max(distance.max(initial=0.0), 1e-12)
    while len(chosen) < count:
        distance[distance <= floor] = 0
        chance = distance * weight
        total = chance.sum()
        if total == 0:
            break
        chosen.append(int(rng.choice(len(points), p=chance / total)))
        distance = np.minimum(distance, squared_distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen]
