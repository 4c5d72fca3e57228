"""What the votes of sources that answer what they are given are worth: their confusion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.labelmodels.evidence.odds import coins, logit, normalised_rows, spread
from labelwright.labelmodels.priors.strengths import expected_log, learnt_strength

Array = NDArray[np.float64]

POOL_MASS = 10.0
"""Votes after which all sources of a kind together say more than what is usually so."""
OWN_MASS = 8.0
"""Votes after which a source's own accuracy counts as much as that of its kind."""
LEAST_GAIN = 0.6
"""In log-odds over chance: a model is never read as saying the opposite."""
LEAST_COUNT = 0.1
"""Prior votes for every mistake: an error never seen is unlikely, not impossible."""


def skills(counts: Array, said: Array, *, usual: float, belief: float) -> Array:
    """How often each source is right, and last how often all of them are, shape (sources + 1,).

    Args:
        counts: units by class and by what was voted, shape (sources, classes, voted).
        said: what owners say of the accuracies, NaN if nothing, shape (sources,).
        usual: accuracy of a source of which nothing is known.
        belief: votes after which it counts as much as what the owner said.
    """
    right, count = np.trace(counts, axis1=1, axis2=2), counts.sum(axis=(1, 2))
    pooled = (right.sum() + POOL_MASS * usual) / (count.sum() + POOL_MASS)
    stated = ~np.isnan(said)
    prior = np.where(stated, belief, OWN_MASS)
    skill = (right + prior * np.where(stated, said, pooled)) / (count + prior)
    return np.append(skill, pooled)


def confusion_scores(
    counts: Array, said: Array, skill: Array, *, usual: float, belief: float
) -> Array:
    """E[log P(vote | subtype)] of people, shape (sources, voted, subtypes).

    Each has a confusion of their own under a Dirichlet prior: that of the kind, its diagonal
    moved in log-odds by how far their skill is from the kind's.

    Args:
        counts: units by subtype of their class and by what was voted, shape (sources, subtypes,
            voted).
        said: what owners say of the accuracies, NaN if nothing, shape (sources,).
        skill: of every source and of all, shape (sources + 1,).
        usual: accuracy of a source of which nothing is known.
        belief: prior votes per subtype that an owner's word is worth.
    """
    subtypes, classes = counts.shape[1:]
    own_class = np.repeat(np.arange(classes), subtypes // classes)
    unseen = coins(np.array([usual]), classes)[0][own_class]
    profile = normalised_rows(counts.sum(axis=0) + POOL_MASS * unseen)
    diagonal = _moved(profile[np.arange(subtypes), own_class], skill)
    prior = spread(diagonal[:, :, None], profile)
    unknown = np.isnan(said)
    strength = learnt_strength(counts[unknown], prior[unknown], LEAST_COUNT)
    mass = np.where(unknown, strength, belief)[:, None, None]
    return expected_log(counts + mass * prior + LEAST_COUNT).transpose(0, 2, 1)


def coin_scores(counts: Array, skill: Array, *, usual: float, untried: bool = False) -> Array:
    """Log P(vote | subtype) of models, shape (sources, voted, subtypes).

    A model votes on everything, so that a whole confusion would explain away whatever the others
    say: it is right with one probability on clear units and with one on divided ones, whatever
    the class, and errs evenly. No vote speaks against its own class.

    Args:
        counts: units by subtype of their class and by what was voted, shape (sources, subtypes,
            voted).
        skill: of every source and of all, shape (sources + 1,).
        usual: accuracy of a source of which nothing is known.
        untried: whether nobody tried them before they vote, as with class descriptions: such votes
            may turn out to say nothing.
    """
    subtypes, classes = counts.shape[1:]
    kinds = subtypes // classes
    by_kind = counts.sum(axis=0).reshape(classes, kinds, classes)
    right = np.trace(by_kind, axis1=0, axis2=2) + POOL_MASS * usual
    pooled = right / (by_kind.sum(axis=(0, 2)) + POOL_MASS)
    least = 1 / (1 + (classes - 1) * np.exp(0.0 if untried else -LEAST_GAIN))
    diagonal = np.maximum(_moved(np.tile(pooled, classes), skill), least)[:, None, :]
    own_class = np.repeat(np.eye(classes), kinds, axis=1)
    wrong = (1 - diagonal) / max(classes - 1, 1)
    scores: Array = np.log(np.where(own_class == 1, diagonal, wrong))
    return scores


def _moved(usual: Array, skill: Array) -> Array:
    """Shares (subtypes,) as of each source, moved by its skill, shape (sources, subtypes)."""
    odds = logit(usual) + (logit(skill[:-1]) - logit(skill[-1:]))[:, None]
    moved: Array = 1 / (1 + np.exp(-odds))
    return moved
