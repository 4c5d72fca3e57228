"""Simulated embedding spaces: items of classes, kinds and topics, and a line about each class.

What is chosen for class descriptions is chosen on these; real sets are a test. A seed decides
everything: 2 to 8 classes of 3 % and more, each of one to nine kinds of items; topics that lie
across classes; up to 12 % of the items look like another class; lines near the middle of their
class, more or less, and in part about a topic.
"""

from dataclasses import dataclass

import numpy as np

WIDTH, TOPICS = 100, 12


@dataclass
class SpaceOfItems:
    """Unit vectors of items and lines, the class of each item, and which may teach."""

    points: np.ndarray
    lines: np.ndarray
    truth: np.ndarray
    train: np.ndarray

    @property
    def classes(self):
        return len(self.lines)


def space(seed, items=1_500, tested=500):
    """The space of this seed, of so many items to learn from and to test on."""
    rng = np.random.default_rng([77, seed])
    classes, every = int(rng.choice([2, 2, 3, 4, 6, 8])), items + tested
    share = np.maximum(rng.dirichlet(np.full(classes, rng.choice([1.5, 5, 20]))), 0.03)
    share /= share.sum()
    truth = rng.choice(classes, every, p=share)
    another = rng.random(every) < rng.uniform(0, 0.12)
    shown = np.where(another, rng.choice(classes, every, p=share), truth)
    means = rng.normal(size=(classes, WIDTH)) * rng.uniform(0.12, 0.3)
    kinds = int(rng.integers(1, 10))
    of_kind = rng.normal(size=(classes, kinds, WIDTH)) * rng.uniform(0, 0.45)
    topics = rng.normal(size=(TOPICS, WIDTH)) * rng.uniform(0.2, 0.7)
    points = (
        means[shown]
        + of_kind[shown, rng.integers(kinds, size=every)]
        + topics[rng.integers(TOPICS, size=every)]
        + rng.normal(size=(every, WIDTH)) * rng.uniform(0.5, 0.9)
        + rng.normal(size=WIDTH) * 0.5
    )
    lines = (
        means
        + of_kind.mean(axis=1)
        + rng.normal(size=(classes, WIDTH)) * rng.uniform(0.1, 0.8)
        + topics[rng.integers(TOPICS, size=classes)] * 0.5
    )
    return SpaceOfItems(
        unit(points).astype(np.float32), unit(lines), truth, np.arange(every) < items
    )


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
