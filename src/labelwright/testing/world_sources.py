"""The sources of simulated worlds: functions, people and models, and how they come to err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Rng = np.random.Generator


@dataclass(slots=True, eq=False)
class WorldUnits:
    """What is true of the units, and of no concern to a label model."""

    truth: Index
    subtype: Index
    subtypes: int
    difficulty: Array
    fertility: Array
    decoy: Index
    classes: int
    drawn: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def balance(self) -> Array:
        """The share of every class, shape (classes,)."""
        share: Array = np.bincount(self.truth, minlength=self.classes) / len(self)
        return share


@dataclass(slots=True, eq=False)
class Voting:
    """Votes as they come in."""

    units: WorldUnits
    kinds: list[str] = field(default_factory=list)
    unit: list[Index] = field(default_factory=list)
    source: list[Index] = field(default_factory=list)
    label: list[Index] = field(default_factory=list)
    sure: list[Array] = field(default_factory=list)
    stated: dict[int, float] = field(default_factory=dict)

    def add(self, kind: str, unit: Index, label: Index, sure: Array | None = None) -> None:
        """Another source with its votes."""
        self.source.append(np.full(len(unit), len(self.kinds)))
        self.kinds.append(kind)
        self.unit.append(unit)
        self.label.append(label)
        self.sure.append(np.full(len(unit), np.nan) if sure is None else sure)

    def accuracy(self, place: int) -> float:
        """How often a source that voted was right."""
        return float(np.mean(self.units.truth[self.unit[place]] == self.label[place]))

    def matrix(self, rng: Rng) -> VoteMatrix:
        """All votes; of each fourth world's sources an owner states accuracies, nearly right."""
        stated = np.full(len(self.kinds), np.nan)
        for place, value in self.stated.items():
            stated[place] = np.clip(value + rng.normal(0, 0.03), 0.02, 0.99)
        sure = np.concatenate(self.sure)
        return VoteMatrix.build(
            np.concatenate(self.unit),
            np.concatenate(self.source),
            np.concatenate(self.label),
            units=len(self.units),
            classes=self.units.classes,
            kinds=self.kinds,
            accuracies=stated,
            confidence=sure if np.isfinite(sure).any() else None,
        )


def _functions(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """Functions: 3 to 300, mostly for one class each, or a few that vote on nearly everything.

    Precision is, in log-odds, half of the class's share's (that of 10 % where it is rarer) and .8
    to 2.6 on the mean; that differs by function (standard deviation .3 to 1.3) and by label (0 to
    1.2), as some classes are hard to write rules for, and broad functions and much voted labels
    are less precise. 0.2 to 4 votes a unit, in a fifth of the worlds 4 to 20. In a tenth up to a
    tenth are adversaries, whose precision is below the class's share; in a third up to half are
    copies of others.
    """
    if rng.random() < 0.15:
        _dense_functions(rng, units, voting)
        return
    most = 40 if rng.random() < 0.6 else 300
    count = int(log_uniform(rng, max(3, units.classes // 2), max(most, 2 * units.classes)))
    gain, apart = rng.uniform(0.8, 2.6), rng.uniform(0.3, 1.3)
    usual = gain + rng.normal(0, rng.uniform(0, 1.2), units.classes)
    broad, price = rng.uniform(0.5, 1.5), rng.uniform(0.2, 1.0)
    # Of some class everybody thinks of rules; then these are the worse ones.
    loud = rng.normal(0, rng.uniform(0.2, 1.2), units.classes)
    focus, shared = rng.uniform(0, 2), rng.uniform(0, 1)
    adversaries = rng.uniform(0, 0.1) if rng.random() < 0.1 else 0.0
    copies = rng.uniform(0, 0.5) if rng.random() < 0.33 else 0.0
    sides = 1 if rng.random() < 0.8 else int(rng.integers(2, min(units.classes, 5) + 1))
    votes = log_uniform(rng, 0.2, 4.0) if rng.random() < 0.8 else rng.uniform(4, 20)
    wide = votes / count
    even = rng.random() < 0.5
    units.drawn |= {"functions": count, "gain": gain, "copies": copies, "sides": sides}
    balance = np.clip(units.balance, 1e-3, 1 - 1e-3)
    wanted = np.full(units.classes, 1.0) if even else units.balance + 0.3 / units.classes
    for place in range(count):
        if place and rng.random() < copies:
            _copied_function(rng, voting)
            continue
        fires = np.full(len(units), -1)
        for _ in range(sides):
            label = int(rng.choice(units.classes, p=wanted / wanted.sum()))
            width = loud[label] + rng.normal(0, broad)
            share = _logit(balance[label])
            # Nobody keeps a rule that is mostly wrong because its class is one of a hundred.
            worth = usual[label] + rng.normal(0, apart) - price * width
            worth += 0.5 * max(share, _logit(0.1))
            gained = max(worth - share, 0.1) * (-1 if rng.random() < adversaries else 1)
            precision = 1 / (1 + np.exp(-share - gained))
            covers = np.clip(wide * np.exp(width - broad**2 / 2), 0.0005, 0.6)
            hit = _hits(rng, units, label, precision, covers, focus, shared)
            fires[hit & (fires < 0)] = label
        on = np.flatnonzero(fires >= 0)
        voting.add("function", on, fires[on])


def _dense_functions(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """3 to 15 functions that vote on 30 to 100 % of the units, .5 to .95 right."""
    count = int(log_uniform(rng, 3, 15))
    mean, covers = rng.uniform(0.6, 0.9), rng.uniform(0.3, 1.0)
    copies = rng.uniform(0, 0.5) if rng.random() < 0.33 else 0.0
    units.drawn |= {"functions": count, "precision": mean, "copies": copies}
    chance = 1 / units.classes
    for place in range(count):
        if place and rng.random() < copies:
            _copied_function(rng, voting)
            continue
        skill = _logit(np.clip(rng.normal(mean, 0.1), max(0.4, chance), 0.97))
        on = np.flatnonzero(rng.random(len(units)) < np.clip(rng.normal(covers, 0.2), 0.05, 1))
        lean = rng.normal(0, rng.uniform(0, 0.8), units.classes)
        voting.add("function", on, _answers(rng, units, on, skill + lean, rng.uniform(0.2, 0.9)))


def _copied_function(rng: Rng, voting: Voting) -> None:
    """A function that votes as an earlier one does, but for a few units."""
    parent = int(rng.integers(len(voting.kinds)))
    kept = rng.random(len(voting.unit[parent])) < rng.uniform(0.7, 1)
    voting.add("function", voting.unit[parent][kept], voting.label[parent][kept])


def _hits(
    rng: Rng,
    units: WorldUnits,
    label: int,
    precision: float,
    covers: float,
    focus: float,
    shared: float,
) -> NDArray[np.bool_]:
    """Where a one-sided function fires: right about some subtypes, wrong where units look alike."""
    right = units.truth == label
    number = covers * len(units)
    affinity = np.exp(rng.normal(0, focus, units.classes * units.subtypes))
    good = np.where(right, affinity[units.subtype] * np.exp(-0.5 * units.difficulty), 0.0)
    bad = np.where(right, 0.0, 1 - shared + 20 * shared * (units.decoy == label))
    bad *= np.exp(0.5 * units.difficulty) * units.fertility
    good *= units.fertility
    # A rule cannot be right more often than there are units to be right about.
    most = 0.7 * right.sum() / max(precision, 1e-3)
    number = min(number, most)
    chance = _scaled(good, precision * number) + _scaled(bad, (1 - precision) * number)
    fired: NDArray[np.bool_] = rng.random(len(units)) < chance
    return fired


def _crowd(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """People: 8 to 3,000, 2 to 20 votes a unit, in an eighth of worlds everybody on everything.

    Mean accuracy .55 to .95, and spread; 0 to 40 % spammers, who answer at random, one class, or
    by how frequent classes are; activity from even to a few who do nearly all; leaning towards
    classes, alike or each in their own way; in a tenth, hard units go to those who are good.
    """
    full = rng.random() < 0.125
    people = int(log_uniform(rng, 8, 40 if full else min(3_000, max(60, len(units)))))
    each = int(rng.integers(2, 8)) if rng.random() < 0.6 else int(rng.integers(5, 21))
    each = people if full else min(each, people - 1)
    mean, spread = rng.uniform(0.55, 0.95), rng.uniform(0.1, 1.2)
    skill = _logit(max(mean, 1.2 / units.classes)) + rng.normal(0, spread, people)
    spam = rng.uniform(0, 0.4) if rng.random() < 0.6 else 0.0
    decoys = rng.uniform(0.0, 0.9)
    lean = rng.normal(0, rng.uniform(0, 0.8), units.classes)
    leans = lean + rng.normal(0, rng.uniform(0, 1.0), (people, units.classes))
    active = np.exp(rng.normal(0, rng.uniform(0.3, 2.5), people))
    by_skill = rng.random() < 0.1
    units.drawn |= {"people": people, "each": each, "accuracy": mean, "spam": spam}
    taken = _assigned(rng, units, active, each, skill if by_skill else None)
    spammers = rng.random(people) < spam
    tastes = rng.integers(0, 3, people)
    for person in range(people):
        on = taken[1][taken[0] == person]
        if not len(on):
            continue
        if spammers[person]:
            said = _spam(rng, units, len(on), int(tastes[person]))
        else:
            said = _answers(rng, units, on, skill[person] + leans[person], decoys)
        voting.add("person", on, said)


def _assigned(
    rng: Rng, units: WorldUnits, active: Array, each: int, skill: Array | None
) -> tuple[Index, Index]:
    """Who gets which unit: `each` different people a unit, (person, unit), sorted by neither."""
    people = len(active)
    # The first `each` of a random order in which people come the earlier the more active they are.
    score = np.log(active) + rng.gumbel(size=(len(units), people))
    if skill is not None:
        score += np.outer(units.difficulty, skill) * 0.7
    first = np.argpartition(-score, each - 1, axis=1)[:, :each]
    return first.ravel(), np.repeat(np.arange(len(units)), each)


def _models(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """1 to 6 models that answer everything with a confidence, .45 to .97 right.

    Confidences are too high or too low, by a factor of up to 3 in log-odds; in half of the worlds
    some are near-copies, such as prompts to one model, which agree on 85 to 99 % of the units.
    """
    count = int(rng.integers(1, 5))
    for _ in range(count):
        mean = rng.uniform(0.45, 0.97)
        skill = _logit(max(mean, 1.1 / units.classes)) + rng.normal(0, 0.4, units.classes)
        _model(rng, units, voting, skill)
        if rng.random() < 0.5:
            for _ in range(int(rng.integers(1, 3))):
                _copied_model(rng, units, voting)
    if rng.random() < 0.25:
        for place, kind in enumerate(voting.kinds):
            if kind == "model":
                voting.stated[place] = voting.accuracy(place)


def _model(rng: Rng, units: WorldUnits, voting: Voting, skill: Array) -> None:
    on = np.arange(len(units))
    said = _answers(rng, units, on, skill, rng.uniform(0.2, 0.9))
    margin = skill[units.truth] - units.difficulty
    right = said == units.truth
    # Sure where it is easy, less so where it errs, and stretched by how it sees itself.
    odds = np.where(right, np.abs(margin), np.abs(margin) * 0.5) + rng.normal(0, 0.7, len(on))
    sure = 1 / (1 + np.exp(-odds * log_uniform(rng, 0.33, 3)))
    voting.add("model", on, said, np.clip(sure, 1 / units.classes, 0.9999))


def _copied_model(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    parent = len(voting.kinds) - 1
    other = rng.random(len(units)) < rng.uniform(0.01, 0.15)
    said = voting.label[parent].copy()
    said[other] = rng.choice(units.classes, int(other.sum()), p=units.balance)
    sure = np.clip(voting.sure[parent] + rng.normal(0, 0.03, len(units)), 0.01, 0.9999)
    voting.add("model", np.arange(len(units)), said, sure)


def _beside_functions(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """Models as in "models", beside functions as in "functions"."""
    _functions(rng, units, voting)
    _models(rng, units, voting)


def _beside_crowd(rng: Rng, units: WorldUnits, voting: Voting) -> None:
    """Models as in "models", beside people as in "crowd"."""
    _crowd(rng, units, voting)
    _models(rng, units, voting)


FAMILIES: Mapping[str, Callable[[Rng, WorldUnits, Voting], None]] = {
    "functions": _functions,
    "crowd": _crowd,
    "beside_functions": _beside_functions,
    "beside_crowd": _beside_crowd,
}
"""By name, what draws the sources of a world; each says the ranges that it draws from."""


def _answers(rng: Rng, units: WorldUnits, on: Index, skill: Array, decoys: float) -> Index:
    """What somebody says of these units: right by skill less difficulty, else often the decoy."""
    truth = units.truth[on]
    right = rng.random(len(on)) < 1 / (1 + np.exp(units.difficulty[on] - skill[truth]))
    # Any class but the true one.
    other = (truth + rng.integers(1, units.classes, len(on))) % units.classes
    said = np.where(rng.random(len(on)) < decoys, units.decoy[on], other)
    return np.where(right, truth, said)


def _spam(rng: Rng, units: WorldUnits, count: int, taste: int) -> Index:
    if taste == 0:
        return rng.integers(0, units.classes, count)
    if taste == 1:
        return np.full(count, rng.integers(units.classes))
    return rng.choice(units.classes, count, p=units.balance)


def _scaled(weight: Array, total: float) -> Array:
    """Chances in proportion to the weights, whose sum comes near the total."""
    if not weight.any():
        return weight
    chance = weight * (total / weight.sum())
    for _ in range(3):
        over = np.minimum(chance, 0.98)
        free = (chance < 0.98) & (weight > 0)
        missing = total - over.sum()
        if missing <= 0 or not free.any():
            break
        chance = np.where(free, over * (1 + missing / over[free].sum()), over)
    return np.minimum(chance, 0.98)


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """A number between these, every factor as likely as any other."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
