"""Simulated worlds: votes whose truth is known, to choose settings on and to test claims with.

A world is drawn in two steps. First what sort of world it is: how many units, classes and
sources there are, how rare classes are, how good, alike, biased or dishonest sources are; every
such number has a range that is documented where it is drawn, wide on purpose. Then the votes.
The same seed gives the same world. Real votes are for testing only: a method whose settings were
chosen on them is as good as it looks on nothing else.

What makes votes hard is drawn, not assumed away. Units have a *subtype* within their class, which
sources know more or less well; a *difficulty*, which all sources feel; and a *decoy*, the wrong
class that they resemble, so that sources err together. Functions speak for one class or for
several, copy one another, or are plainly wrong; people differ in skill, lean towards classes,
answer at random, or get units that suit them; models answer everything with a confidence that is
too high or too low, and several prompts to one model make the same mistakes.

Reference:
    J. Whitehill et al. Whose Vote Should Count More: Optimal Integration of Labels from Labelers
    of Unknown Expertise. NeurIPS 2009, for skill and difficulty on one scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.testing.world_sources import FAMILIES, Voting, WorldUnits, log_uniform

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedVotes:
    """Votes and the truth behind them.

    Attributes:
        family: what kind of world it is, a key of `FAMILIES`.
        votes: what a label model may see.
        truth: the class of every unit, shape (units,).
        content: of every unit, a vector that tells classes apart more or less well, shape (units,
            dimensions), as an encoder gives.
        drawn: the numbers that the world was made of, by name.
    """

    family: str
    votes: VoteMatrix
    truth: Index
    content: Array
    drawn: Mapping[str, float]


def world(family: str, seed: int, *, most_units: int = 6_000) -> SimulatedVotes:
    """The world of this family and seed.

    Args:
        family: a key of `FAMILIES`.
        seed: of everything that is drawn.
        most_units: units are 400 to so many; 1,500 and more where functions vote.

    Example:
        >>> drawn = world("crowd", 1)
        >>> drawn.votes.units == len(drawn.truth)
        True
    """
    rng = np.random.default_rng([seed, *family.encode()])
    units = _units(rng, family, most_units)
    voting = Voting(units)
    FAMILIES[family](rng, units, voting)
    return SimulatedVotes(
        family, voting.matrix(rng), units.truth, _content(rng, units), units.drawn
    )


def _units(rng: Rng, family: str, most: int) -> WorldUnits:
    """Units with classes: 2 in half of the worlds, else 3 to 150, those of crowds 3 to 12.

    Of two classes the rarer one holds 0.1 to 50 % (10 to 50 % in crowds); shares of more are
    Dirichlet, from nearly even to a few that hold nearly everything.
    """
    many = family in {"functions", "beside_functions"}
    count = int(log_uniform(rng, 1_500 if many else 400, most))
    two = rng.random() < 0.5
    classes = 2 if two else int(log_uniform(rng, 3, 150 if many else 12))
    if two:
        rare = log_uniform(rng, 0.001, 0.5) if rng.random() < 0.2 else rng.uniform(0.1, 0.5)
        rare = max(rare if many else max(rare, 0.1), 12 / count)
        balance = rng.permutation([rare, 1 - rare])
    else:
        balance = rng.dirichlet(np.full(classes, log_uniform(rng, 0.7, 30)))
    truth = rng.choice(classes, count, p=balance)
    subtypes = int(rng.integers(1, 7))
    spread = rng.uniform(0.0, 2.5)
    # A class resembles a few others; a unit's decoy is mostly one of these.
    alike = rng.dirichlet(np.full(classes, 0.4), classes) + 0.1 / classes
    alike[np.arange(classes), np.arange(classes)] = 0
    decoy = _pick(rng, alike[truth])
    drawn = {"units": count, "classes": classes, "subtypes": subtypes, "spread": spread}
    subtype = truth * subtypes + rng.integers(0, subtypes, count)
    difficulty = rng.normal(0, spread, count)
    # Long texts give every function more to find.
    fertility = np.exp(rng.normal(0, rng.uniform(0, 1.5), count))
    return WorldUnits(truth, subtype, subtypes, difficulty, fertility, decoy, classes, drawn)


def _content(rng: Rng, units: WorldUnits) -> Array:
    """8 to 64 dimensions in which subtypes are clusters, from hardly to clearly apart."""
    size = int(log_uniform(rng, 8, 64))
    apart = rng.uniform(0.5, 3.0)
    of_class = rng.normal(0, 1, (units.classes, size))
    of_subtype = rng.normal(0, 1, (units.classes * units.subtypes, size))
    centre = of_class[units.truth] + 0.7 * of_subtype[units.subtype]
    drift = 0.15 * np.maximum(units.difficulty, 0)[:, None]
    centre += drift * (of_class[units.decoy] - of_class[units.truth])
    noise: Array = rng.normal(0, np.sqrt(size) / apart, (len(units), size)) / 2
    return centre + noise


def _pick(rng: Rng, weight: Array) -> Index:
    """A column of each row, by its weights."""
    edge = np.cumsum(weight, axis=1)
    point = rng.random(len(weight))[:, None] * edge[:, -1:]
    return (edge < point).sum(axis=1)
