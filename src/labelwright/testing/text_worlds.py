"""Simulated texts and rules that look for words in them: votes that content itself explains.

In `worlds` what a unit is like and what sources say of it have only its class in common. Rules on
texts are otherwise: a model of words learns the very words that rules look for, right or wrong.

Texts are drawn word by word from a background (Zipf's law), from topics of their class, and from
topics of a decoy class; rules are words that an expert takes for signs of a class, having an idea,
more or less true, of how often words occur in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.testing.world_sources import log_uniform

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Rng = np.random.Generator

TRIES = 30
"""So many words an expert thinks of for each rule before giving up."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedTexts:
    """Texts, the truth about them, and rules' votes on the first of them.

    Attributes:
        texts: all of them; the first `votes.units` may teach, the others are to test on.
        truth: the class of every text, shape (texts,).
        votes: of rules on those that may teach.
    """

    texts: Sequence[str]
    truth: Index
    votes: VoteMatrix


@dataclass(frozen=True, slots=True, eq=False)
class _Language:
    """How probable each word is: in general, by class and topic, and what experts think of it."""

    general: Array
    topics: Array
    rate: Array
    lift: Array


def text_world(seed: int, *, tested: int = 1_500) -> SimulatedTexts:
    """The texts and votes of this seed; always the same.

    500 to 1,500 texts that may teach; 2 classes in half of the worlds, else 3 to 12, of two
    classes the rarer holds 5 to 50 %, shares of more are Dirichlet; 1,500 to 5,000 words; 1 to 4
    topics a class, of 20 to 120 words that are about 9 to 90 times as frequent there; texts of 2 to
    150 words, 8 to 60 in the middle, of which 43 to 90 % on the mean are of a topic and up to half
    of these of a decoy's; 3 to 60 rules of 1 to 6 words for one class each, that are right e^1 to
    e^2.8 times as often, in odds, as the class is frequent, one in sixteen by chance.

    Args:
        seed: of everything that is drawn.
        tested: so many further texts.

    Example:
        >>> drawn = text_world(1, tested=10)
        >>> len(drawn.texts) == drawn.votes.units + 10
        True
    """
    rng = np.random.default_rng([seed, 77])
    count = int(log_uniform(rng, 500, 1_500))
    balance = _balance(rng)
    truth = rng.choice(len(balance), count + tested, p=balance)
    language = _language(rng, balance)
    texts = _texts(rng, language, truth)
    holds = np.zeros((count, len(language.general)), bool)
    for place, words in enumerate(texts[:count]):
        holds[place, words] = True
    votes = _votes(rng, language, balance, truth[:count], holds)
    if votes is None:
        return text_world(seed + 10_007, tested=tested)
    return SimulatedTexts([" ".join(f"w{word}" for word in words) for words in texts], truth, votes)


def _balance(rng: Rng) -> Array:
    if rng.random() < 0.5:
        rare = log_uniform(rng, 0.05, 0.5) if rng.random() < 0.4 else rng.uniform(0.3, 0.5)
        return rng.permutation([rare, 1 - rare])
    classes = int(log_uniform(rng, 3, 12))
    return rng.dirichlet(np.full(classes, log_uniform(rng, 1, 30)))


def _language(rng: Rng, balance: Array) -> _Language:
    words = int(log_uniform(rng, 1_500, 5_000))
    general = 1 / (np.arange(words) + 2.7) ** rng.uniform(0.95, 1.15)
    general /= general.sum()
    count, tilt = int(rng.integers(1, 5)), rng.uniform(2.2, 4.5)
    telling = int(log_uniform(rng, 20, 120))

    def topic() -> Array:
        odds = np.sqrt(general) / np.sqrt(general).sum()
        chosen = rng.choice(words, telling, replace=False, p=odds)
        rate = general.copy()
        rate[chosen] *= np.exp(rng.normal(tilt, 0.7, telling))
        return rate / rate.sum()

    topics = []
    for _ in balance:
        common = topic()
        topics.append([0.6 * common + 0.4 * topic() for _ in range(count)])
    of_topic = np.array(topics)
    rate = of_topic.mean(axis=1)
    usual = 0.5 * balance @ rate + 0.5 * general
    return _Language(general, of_topic, rate, np.log(rate / usual))


def _texts(rng: Rng, language: _Language, truth: Index) -> list[Index]:
    """The words of every text."""
    classes, topics, words = language.topics.shape
    number = len(truth)
    alike = rng.dirichlet(np.full(classes, 0.4), classes) + 0.1 / classes
    alike[np.arange(classes), np.arange(classes)] = 0
    alike /= alike.sum(axis=1, keepdims=True)
    decoy = np.array([rng.choice(classes, p=alike[label]) for label in truth])
    mean, spread = rng.uniform(-0.3, 2.2), rng.uniform(0.2, 1.2)
    about = 1 / (1 + np.exp(-rng.normal(mean, spread, number)))
    misleads = rng.uniform(0, 0.5) * rng.beta(1, 3, number)
    length = rng.normal(np.log(log_uniform(rng, 8, 60)), rng.uniform(0.2, 0.7), number)
    length = np.clip(np.exp(length), 2, 150).astype(int)
    texts = []
    for place in range(number):
        own = language.topics[truth[place], rng.integers(topics)]
        other = language.topics[decoy[place], rng.integers(topics)]
        said = (1 - misleads[place]) * own + misleads[place] * other
        rate = (1 - about[place]) * language.general + about[place] * said
        texts.append(rng.choice(words, length[place], p=rate / rate.sum()))
    return texts


def _votes(
    rng: Rng, language: _Language, balance: Array, truth: Index, holds: NDArray[np.bool_]
) -> VoteMatrix | None:
    """What an expert's rules say; None if there are none."""
    classes, words = language.rate.shape
    wanted = int(log_uniform(rng, max(3, 0.8 * classes), 60))
    knows, longest = rng.uniform(0.3, 1.5), int(rng.integers(1, 7))
    least = rng.uniform(1.0, 2.8)
    loud = rng.dirichlet(np.full(classes, log_uniform(rng, 1, 10)))
    labels = [
        place % classes
        if place < classes and rng.random() < 0.8
        else int(rng.choice(classes, p=loud))
        for place in range(wanted)
    ]
    unit: list[Index] = []
    source: list[Index] = []
    voted: list[Index] = []
    tries = TRIES * wanted
    while labels and tries:
        label, tries = labels[0], tries - 1
        worth = rng.uniform(1, 4) * language.lift[label] + 0.7 * np.log(language.rate[label])
        if rng.random() < 0.08:
            worth = 0.5 * np.log(language.general)
        worth = worth + rng.gumbel(size=words) * knows
        chosen = np.argsort(-worth)[: int(rng.integers(1, longest + 1))]
        fires = np.flatnonzero(holds[:, chosen].any(axis=1))
        if not 0 < len(fires) <= 0.7 * len(truth):
            labels.pop(0)
            continue
        gained = _logit((truth[fires] == label).mean()) - _logit(balance[label])
        if gained < rng.normal(least, 0.5) and rng.random() > 1 / 16:
            continue
        unit.append(fires)
        source.append(np.full(len(fires), len(source)))
        voted.append(np.full(len(fires), label))
        labels.pop(0)
    if not unit:
        return None
    return VoteMatrix.build(
        np.concatenate(unit),
        np.concatenate(source),
        np.concatenate(voted),
        units=len(truth),
        classes=classes,
        kinds=["function"] * len(unit),
    )


def _logit(probability: float) -> float:
    inside = float(np.clip(probability, 0.01, 0.99))
    return float(np.log(inside / (1 - inside)))
