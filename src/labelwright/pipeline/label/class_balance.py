"""How frequent classes are, by what is unbiased: it decides what units without votes are told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.identity import digest
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.random_answers import Drawn, answer_keys, drawn_items
from labelwright.pipeline.label.votes_that_count import from_gold
from labelwright.pipeline.workspace.gold_settings import CHOSEN
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import ClassBalance, class_balance, vote_strata

LEAST_SHARE = 1e-4
"""No class is impossible."""
FORMAT = 3
"""Of what a balance is learnt from and how: with another, labels are made anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Unbiased:
    """What there is to learn class balance from.

    Attributes:
        drawn: the items that were drawn at random for people.
        gold: whether gold is a random sample of the items.
        stated: the share of each class of a unit, if the owner states it.
    """

    drawn: Drawn
    gold: bool
    stated: tuple[float, ...] | None

    @property
    def name(self) -> str:
        """Another one whenever labels of the same votes may be others."""
        led = (self.drawn.led,) if len(self.drawn.led) else ()
        parts = (FORMAT, self.drawn.item, self.drawn.weight, self.gold, self.stated, *led)
        return digest(parts)


def unbiased(workspace: Workspace, model: LabelModel, votes: Votes) -> Unbiased:
    """What there is to learn class balance from.

    Args:
        workspace: the project.
        model: its settings may state the balance.
        votes: that count.
    """
    settings = workspace.settings
    stated = getattr(model, "class_balance", None)
    by_gold = stated == "gold"
    return Unbiased(
        drawn_items(workspace, votes),
        gold=by_gold or settings.gold_sample != CHOSEN,
        stated=None if stated is None or isinstance(stated, str) else tuple(map(float, stated)),
    )


def with_balance(fit: LabelModelFit, found: ClassBalance | None) -> LabelModelFit:
    """The fit, with what is known of class balance beside it."""
    return fit if found is None else replace(fit, extra={**fit.extra, **found.arrays()})


def balance_of_votes(units: Units, votes: Votes, known: Unbiased) -> ClassBalance | None:
    """How frequent each class is, for each head.

    None where units are found in votes: no unit is without votes.
    """
    if not units.heads:
        return None
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    gold = from_gold(votes)
    strata = vote_strata(units.matrix, units.heads, ~(people | gold), people)
    answers = strata.counted(*_answers(units, votes, people, gold & known.gold, known.drawn))
    stated = None if known.stated is None else np.array(known.stated)
    return class_balance(strata, answers, stated)


def votes_to_fit(
    units: Units, votes: Votes, known: Unbiased, found: ClassBalance | None
) -> VoteMatrix:
    """The votes that a fit reads, and what is known of how they were come by.

    That is what unbiased answers say of class balance, and which units were picked out to be
    answered. Of kinds with several questions an item each has a balance of its own, which a fit
    that all share cannot hear.
    """
    picked = picked_units(units, votes, known)
    matrix = replace(units, matrix=replace(units.matrix, picked=picked)).to_fit()
    if found is None or len(found.known) > 1 or not found.known[0]:
        return matrix
    share = np.maximum(found.share[0], LEAST_SHARE)
    return replace(matrix, balance=share / share.sum(), balance_answers=float(found.worth[0]))


def picked_units(units: Units, votes: Votes, known: Unbiased) -> NDArray[np.bool_] | None:
    """Which units were picked out for those who are taken at their word; None if none was.

    Args:
        units: votes on some items.
        votes: that count; the sources of the units are the first of theirs.
        known: which items were drawn at random.
    """
    matrix = units.matrix
    told = matrix.voted & matrix.gold[matrix.source]
    item = units.item[matrix.unit]
    at_random = np.isin(item, known.drawn.item)
    if len(known.drawn.led):
        at_random &= ~np.isin(answer_keys(item, matrix.source, votes), known.drawn.led)
    at_random |= known.gold & from_gold(votes)[matrix.source]
    picked = np.zeros(matrix.units, bool)
    picked[matrix.unit[told]] = True
    picked[matrix.unit[told & at_random]] = False
    return picked if picked.any() else None


def balance_of(fit: LabelModelFit) -> ClassBalance | None:
    """The balance that was known when the fit was made; None where there is none."""
    return ClassBalance.of_arrays(fit.extra)


def believed(model: LabelModel, fit: LabelModelFit, units: Units) -> Posterior:
    """What a fit makes of the units; those without votes get the share of their like."""
    posterior = model.posterior(fit, units.matrix)
    balance = balance_of(fit)
    if balance is None or posterior.covered.all():
        return posterior
    rows = np.flatnonzero(~posterior.covered)
    probability = posterior.probability.copy()
    probability[rows] = balance.silent[rows % units.heads]
    return replace(posterior, probability=probability)


def _answers(
    units: Units,
    cast: Votes,
    people: NDArray[np.bool_],
    gold: NDArray[np.bool_],
    drawn: Drawn,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Unbiased answers: the unit of each, the class, and its weight.

    Gold on an item that was drawn, too, counts once, as gold. Of several people's answers on a
    unit each counts a part.
    """
    votes = units.matrix
    weight = np.zeros(units.items)
    weight[drawn.item] = drawn.weight
    whole = votes.voted & (votes.label < votes.classes)
    by_gold = whole & gold[votes.source]
    known = np.zeros(votes.units, bool)
    known[votes.unit[by_gold]] = True
    by_people = whole & people[votes.source] & ~known[votes.unit]
    by_people &= weight[units.item[votes.unit]] > 0
    if len(drawn.led):
        by_people &= ~np.isin(answer_keys(units.item[votes.unit], votes.source, cast), drawn.led)
    rows = np.flatnonzero(by_gold | by_people)
    unit = votes.unit[rows].astype(np.int64)
    each = np.where(by_gold[rows], 1.0, weight[units.item[unit]])
    several = np.bincount(unit, minlength=1)
    return unit, votes.label[rows].astype(np.int64), each / several[unit]
