"""Simulated embedding spaces: items of classes, kinds and topics, lines about classes, functions.

What is chosen for class descriptions, and for functions beside answers, is chosen on these; real
sets are a test. A seed decides everything: 2 to 8 classes of 3 % and more, each of one to nine
kinds of items; topics that lie across classes; up to 12 % of the items look like another class;
lines near the middle of their class, more or less, and in part about a topic; functions whose
errors the place of an item explains.
"""

from dataclasses import dataclass

import numpy as np

from labelwright.core.matrix import VoteMatrix

WIDTH, TOPICS = 100, 12
TRIES = 30
"""So many examples an expert looks at for each function before giving up."""
MOST_COVERED = 0.4


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


def functions(made, seed):
    """Votes of 3 to 60 functions on all items of a space; None if there are none.

    Each fires on about 1 to 12 % of the items: those that look most like the mean of 1 to 11
    examples of its class, blurred. So functions err where kinds and topics are alike, and content
    can learn their errors, as it can those of keywords. They are kept if they are right e^0.3 to
    e^2.5 times as often, in odds, as their class is frequent, one in sixteen by chance.
    """
    rng = np.random.default_rng([78, seed])
    classes, count, train = made.classes, len(made.points), np.flatnonzero(made.train)
    centred = made.points - made.points[train].mean(axis=0)
    share = np.bincount(made.truth, minlength=classes) / count
    wanted = int(np.exp(rng.uniform(np.log(max(3, 0.8 * classes)), np.log(60))))
    examples, least = int(rng.integers(1, 12)), rng.uniform(0.3, 2.5)
    often, blur = rng.uniform(0.01, 0.12), rng.uniform(0, 0.6)
    fires, label = [], []
    for _ in range(TRIES * wanted):
        if len(label) == wanted:
            break
        about = len(label) if len(label) < classes else int(rng.integers(classes))
        members = train[made.truth[train] == about]
        seen = rng.choice(members, min(examples, len(members)), replace=False)
        alike = centred @ centred[seen].mean(axis=0)
        alike = alike / alike.std() + blur * rng.normal(size=count)
        covered = min(often * np.exp(rng.normal(0, 0.7)), MOST_COVERED)
        on = np.flatnonzero(alike > np.quantile(alike, 1 - covered))
        gained = logit((made.truth[on] == about).mean()) - logit(share[about])
        if gained >= rng.normal(least, 0.5) or rng.random() < 1 / 16:
            fires.append(on)
            label.append(about)
    return votes_of(fires, label, count, classes) if fires else None


def misled(votes, seed):
    """The same functions, of which about 30, 60 or 100 % say another class than theirs."""
    rng = np.random.default_rng([79, seed])
    turned = rng.random(votes.sources) < rng.choice([0.3, 0.6, 1.0])
    by = np.where(turned, rng.integers(1, votes.classes, votes.sources), 0)
    fires = [votes.unit[votes.source == source] for source in range(votes.sources)]
    label = [votes.label[votes.source == source][0] for source in range(votes.sources)]
    return votes_of(fires, (np.array(label) + by) % votes.classes, votes.units, votes.classes)


def votes_of(fires, label, count, classes):
    sizes = [len(on) for on in fires]
    return VoteMatrix.build(
        np.concatenate(fires),
        np.repeat(np.arange(len(fires)), sizes),
        np.repeat(label, sizes),
        units=count,
        classes=classes,
        kinds=["function"] * len(fires),
    )


def logit(probability):
    inside = np.clip(probability, 0.01, 0.99)
    return np.log(inside / (1 - inside))


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
