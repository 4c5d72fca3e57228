"""What is believed of sources before their votes are weighed, as votes that nobody cast.

A prior in pseudo-votes keeps expectation maximisation from explaining everything by one class:
a source that seldom votes, or votes one class only, stays near what is usual for its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError, shown
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import GOLD_ACCURACY, SourceKind
from labelwright.labelmodels.evidence.scoring import ScoreSums, is_gold

Array = NDArray[np.float64]

BELIEVED_VOTES = 20.0
"""What an owner's belief in an accuracy ("about 90 %") is worth, in votes."""
LEAST_ACCURACY, MOST_ACCURACY = 0.55, 0.98
"""Between these lies what is taken for the usual accuracy, whatever the first look says."""
FLOOR = 1e-2
"""Pseudo-votes for what has never been seen, so that no vote is ever impossible."""


@dataclass(frozen=True, slots=True, eq=False)
class PseudoVotes:
    """Dirichlet priors in the form of counts that are added to the real ones.

    Attributes:
        voted: shape (sources, classes voted, classes).
        silent: of choosers, times what a silence counts, shape (sources, classes).
        classes: shape (classes,).
    """

    voted: Array
    silent: Array
    classes: Array


def choosers(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Which sources see every unit and choose where to vote, shape (sources,)."""
    return np.array([kind.chooses for kind in votes.kinds], bool) & votes.complete


def first_accuracy(kind: SourceKind, accuracy: float, classes: int) -> float:
    """How often a source is right of which nothing but its kind is known.

    Args:
        kind: gold is all but certain; class descriptions are half way between chance and
            certainty, and nobody is worse.
        accuracy: of all other kinds.
        classes: how many there are.
    """
    if kind is SourceKind.GOLD:
        return GOLD_ACCURACY
    half_way = (1 + 1 / classes) / 2
    return half_way if kind is SourceKind.DESCRIPTION else max(accuracy, half_way)


def usual_accuracy(votes: VoteMatrix, tally: ScoreSums) -> Array:
    """What a source's accuracy is taken to be at first, shape (sources,).

    The owner's belief where there is one, else how often all sources of its sort (choosers, or
    the others) agree with the first look at the units.
    """
    usual = np.empty(votes.sources)
    estimated = ~is_gold(votes)
    for sort in (choosers(votes), ~choosers(votes)):
        pool = sort & estimated
        share = (tally.right[pool].sum() + 2.0) / (tally.count[pool].sum() + 3.0)
        usual[sort] = np.clip(share, LEAST_ACCURACY, MOST_ACCURACY)
    return np.where(np.isnan(votes.accuracies), usual, np.clip(votes.accuracies, 0.01, 0.99))


def believed(votes: VoteMatrix) -> Array:
    """How many pseudo-votes each owner's belief adds, shape (sources,)."""
    return np.where(np.isnan(votes.accuracies), 0.0, BELIEVED_VOTES)


def known_balance(balance: Sequence[float] | None, votes: VoteMatrix) -> Array | None:
    """The class balance that the settings state, checked; None if they state none.

    Raises:
        SettingsError: not one positive number per class, or not summing to 1.
    """
    if balance is None:
        return None
    known = np.asarray(balance, np.float64)
    if known.shape != (votes.classes,) or not np.all(known > 0) or abs(known.sum() - 1) > 1e-6:
        raise SettingsError(
            f"class_balance must be {votes.classes} positive numbers that sum to 1, one per "
            f"class, got {tuple(balance)}"
        )
    return known


def stated_balance(balance: Sequence[float] | str | None, votes: VoteMatrix) -> Array | None:
    """The class balance that the settings state, or that gold has if they say ``gold``.

    Of gold each class has one answer more than was given: none that was not drawn is impossible.
    Units that were picked out for gold do not count.

    Raises:
        SettingsError: as `known_balance`; or "gold" where gold has no answers.
    """
    if not isinstance(balance, str):
        return known_balance(balance, votes)
    if balance != "gold":
        raise SettingsError(
            f'class_balance must be a share for each class or "gold", got {shown(balance)}'
        )
    rows = votes.gold[votes.source] & votes.voted & (votes.label < votes.classes)
    rows &= ~votes.was_picked()[votes.unit]
    if not rows.any():
        raise SettingsError(
            'class_balance = "gold" needs gold answers that were not picked out, and there are '
            "none; import some with --gold COLUMN, or state the share of each class"
        )
    weight = votes.weights()[votes.unit[rows]]
    count = np.bincount(votes.label[rows], weight, votes.classes) + 1
    return np.asarray(count / count.sum())


def pseudo_votes(
    votes: VoteMatrix,
    tally: ScoreSums,
    known: Array | None,
    *,
    strength: float,
    own: float,
    silence: float,
) -> PseudoVotes:
    """The priors of all sources, from a first look at the units.

    Args:
        votes: whose sources they are.
        tally: the first look, such as that of majority vote.
        known: the class balance, shape (classes,); that of the first look if None.
        strength: how many votes the prior of every source and class is worth.
        own: how many votes it is worth besides for every vote that a chooser cast itself.
        silence: how much of a vote one silence counts.
    """
    first = tally.classes + 1
    balance = first / first.sum() if known is None else known
    accuracy = usual_accuracy(votes, tally)
    by_precision = _chooser_votes(votes, tally, accuracy, balance, strength, own)
    by_class = _annotator_votes(votes, tally, accuracy, strength)
    cast = by_precision.sum(axis=1)
    still = own * silence * tally.silent.sum(axis=1)[:, None]
    # What the votes leave of the class balance, so that the pseudo-units as a whole have it.
    rest = (cast.sum(axis=1)[:, None] + still) * balance - cast
    chosen = choosers(votes)[:, None]
    chosen_share = tally.count[chosen[:, 0]].sum() / max(tally.count.sum(), 1)
    return PseudoVotes(
        voted=np.where(chosen[:, None], by_precision, by_class) + FLOOR / votes.classes,
        silent=np.where(chosen, np.maximum(rest, 0.1 * still * balance) + FLOOR * balance, 0.0),
        classes=1 + own * chosen_share * tally.classes,
    )


def _chooser_votes(
    votes: VoteMatrix,
    tally: ScoreSums,
    accuracy: Array,
    balance: Array,
    strength: float,
    own: float,
) -> Array:
    """A chooser's votes are right with its accuracy; its wrong ones follow the class balance.

    Wrong votes spread evenly would make every rare class look frequent.
    """
    wrong = np.broadcast_to(balance, (votes.classes, votes.classes)) * (1 - np.eye(votes.classes))
    wrong = wrong / wrong.sum(axis=1, keepdims=True)
    right = accuracy[:, None, None]
    precision = right * np.eye(votes.classes) + (1 - right) * wrong
    cast = tally.voted.sum(axis=2)
    mass = np.where(cast > 0, strength + believed(votes)[:, None] + own * cast, 0.0)
    return mass[:, :, None] * precision


def _annotator_votes(
    votes: VoteMatrix, tally: ScoreSums, accuracy: Array, strength: float
) -> Array:
    """An annotator errs as all annotators together do, more or less often by its own skill."""
    annotators = ~choosers(votes) & ~is_gold(votes)
    pooled = tally.voted[annotators].sum(axis=0) + 1 / votes.classes
    profile = pooled / pooled.sum(axis=0)
    hit = np.diagonal(profile)
    miss = profile * (1 - np.eye(votes.classes))
    miss = miss / miss.sum(axis=0)
    skill = (tally.right + strength * accuracy) / (tally.count + strength)
    heard = np.where(annotators, tally.count, 0.0)
    usual = np.average(accuracy, weights=heard) if heard.any() else 0.5
    hit = _expit(_logit(hit) + (_logit(skill) - _logit(usual))[:, None])[:, None, :]
    expected = hit * np.eye(votes.classes) + (1 - hit) * miss
    return (strength + believed(votes))[:, None, None] * expected


def _logit(p: Array | float) -> Array:
    inside = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))


def _expit(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))
