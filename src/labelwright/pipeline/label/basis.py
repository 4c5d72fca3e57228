"""What each label rests on, so that no guess passes for a finding."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from labelwright.core.posterior import Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.quality import undecided


class Basis(StrEnum):
    """What a unit's probabilities come from."""

    NOTHING = "class balance"
    TIE = "tied votes"
    DESCRIPTIONS = "class descriptions"
    CONTENT = "content"
    VOTES = "votes"
    BOTH = "votes and content"
    GOLD = "gold"


ORDER = tuple(Basis)


def basis_of(
    units: Units, posterior: Posterior, votes_alone: Posterior | None = None
) -> NDArray[np.int8]:
    """The place in `ORDER` of what each unit's probabilities come from, shape (units,).

    Where nobody voted, they are the class balance of the other labels and say nothing about the
    unit itself. Where votes are tied, the label is the first of the classes by order alone. Where
    nobody voted but class descriptions, that is what the label rests on, whether or not content
    was joined in: it may have learnt from nothing better.

    Args:
        units: with their votes. People who are taken at their word count as gold.
        posterior: from votes, and from content if that was joined in.
        votes_alone: from votes; the same posterior where content has no part in it.
    """
    if votes_alone is not None and votes_alone is not posterior:
        return _with_content(units, posterior, votes_alone)
    matrix = units.matrix
    gold = np.array([kind is SourceKind.GOLD for kind in matrix.kinds], bool)
    found = np.where(posterior.covered, ORDER.index(Basis.VOTES), 0).astype(np.int8)
    found[posterior.covered & matrix.described_only] = ORDER.index(Basis.DESCRIPTIONS)
    found[undecided(posterior)] = ORDER.index(Basis.TIE)
    found[matrix.unit[gold[matrix.source] & matrix.voted]] = ORDER.index(Basis.GOLD)
    return found


def _with_content(units: Units, posterior: Posterior, votes_alone: Posterior) -> NDArray[np.int8]:
    found = basis_of(units, posterior)
    both = ORDER.index(Basis.BOTH), ORDER.index(Basis.CONTENT)
    by_votes = found == ORDER.index(Basis.VOTES)
    found[by_votes] = np.where(votes_alone.covered, *both).astype(np.int8)[by_votes]
    return found
