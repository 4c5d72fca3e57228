"""Cheap coordinates of items, in which near means alike; no labels needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.endmodels.encoders import Encodes, Matrix

OVERSAMPLES = 10
POWER_STEPS = 3


def coordinates(
    items: pa.Table,
    model: Encodes,
    *,
    dimensions: int = 50,
    learn_from: int = 50_000,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Coordinates of the items, shape (items, at most `dimensions`).

    They are the model's own features (TF-IDF, standardised columns, pixels, embeddings), reduced
    to their main directions where there are more of them. Good for clustering before anything
    is labelled.

    Args:
        items: all items to place.
        model: an end model with `features`: every one in `endmodels` but the boosted trees.
        dimensions: how many directions are kept.
        learn_from: the directions are learnt from at most so many items.
        seed: of the random directions that the search starts from.

    Reference:
        N. Halko, P.-G. Martinsson, J. A. Tropp: Finding Structure with Randomness. SIAM Review
        53(2), 2011. DOI 10.1137/090771806. Algorithm 4.4.
    """
    matrix = model.features(items, seed=seed)[1].matrix
    rows, size = matrix.shape
    if size <= dimensions:
        whole: Any = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
        return np.asarray(whole, np.float32)
    rng = np.random.default_rng(seed)
    sample = matrix
    if rows > learn_from:
        sample = matrix[np.sort(rng.choice(rows, learn_from, replace=False))]
    directions = _main_directions(sample, min(dimensions, sample.shape[0]), rng)
    return np.asarray(matrix @ directions, np.float32)


def clusters(
    placed: NDArray[np.floating[Any]], count: int, *, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cluster of each item, shape (items,), and the row in the middle of each, (clusters,).

    k-means; there are fewer clusters than asked for where items coincide. The largest cluster
    comes first.

    Args:
        placed: coordinates, shape (items, dimensions); at least one item.
        count: how many clusters, at least 1.
        seed: of the first centres.

    Reference:
        D. Arthur, S. Vassilvitskii: k-means++: The Advantages of Careful Seeding. SODA 2007.
        DOI 10.5555/1283383.1283494.
    """
    from sklearn.cluster import KMeans

    distinct = len(np.unique(placed, axis=0))
    found = KMeans(min(count, distinct), n_init=3, random_state=seed).fit(placed)
    order = np.argsort(-np.bincount(found.labels_), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    distance = found.transform(placed)
    return place[found.labels_], distance.argmin(axis=0)[order]


def _main_directions(matrix: Matrix, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The directions in which the rows are longest, shape (features, count)."""
    width = min(count + OVERSAMPLES, *matrix.shape)
    found = np.asarray(matrix @ rng.normal(size=(matrix.shape[1], width)))
    for _ in range(POWER_STEPS):
        found = np.linalg.qr(found)[0]
        found = np.asarray(matrix @ np.asarray(matrix.T @ found))
    basis = np.linalg.qr(found)[0]
    right = np.linalg.svd(np.asarray((matrix.T @ basis).T), full_matrices=False)[2][:count].T
    # The sign of a direction is arbitrary: its largest entry shall be positive.
    largest = right[np.abs(right).argmax(axis=0), np.arange(right.shape[1])]
    return right * np.where(largest < 0, -1.0, 1.0)
