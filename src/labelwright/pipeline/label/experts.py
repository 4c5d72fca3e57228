"""People whom the owner vouches for are taken at their word, as gold is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import Votes

VOUCHED = 0.95
"""A person whose accuracy the owner states to be at least this is taken at their word, as gold is.

They are asked where the other sources err together, so that these would outvote them there, and
take their dissent for a lack of skill."""


def vouched(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are people whom the owner vouches for, shape (sources,)."""
    return np.array([is_vouched(source) for source in votes.sources], bool)


def is_vouched(source: Source) -> bool:
    """Whether this is a person whom the owner vouches for."""
    return source.kind is SourceKind.PERSON and (source.accuracy or 0.0) >= VOUCHED


def as_stated(fit: LabelModelFit, votes: Votes) -> LabelModelFit:
    """The fit with the accuracies that the owner states of those taken at their word."""
    stated = np.array([source.accuracy or np.nan for source in votes.sources], np.float64)
    known = vouched(votes) & ~np.isnan(fit.accuracy)
    return replace(fit, accuracy=np.where(known, stated, fit.accuracy))
