"""Which source decides which share of the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.endmodels import Evidence
from labelwright.labelmodels import all_contributions
from labelwright.pipeline.label.label import Labels

_ITEMS = 32_768
CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Blame:
    """A source's say in the labels.

    Attributes:
        source: its name; ``content`` for what the items themselves say.
        kind: what it is; empty for content.
        strongest: how many labels it pushes most towards what they are.
        share: of all labels.
        pivotal: how many labels would be others without it.
    """

    source: str
    kind: str
    strongest: int
    share: float
    pivotal: int


def blame(labels: Labels) -> list[Blame]:
    """Every source by the labels that it pushes most, most first; of each unit one label."""
    sources = labels.votes.sources
    strongest = np.zeros(len(sources) + 1, np.int64)
    pivotal = np.zeros(len(sources) + 1, np.int64)
    for start in range(0, labels.votes.items, _ITEMS):
        most, needed = _decided(labels, start)
        strongest += most
        pivotal += needed
    total = max(int(strongest.sum()), 1)
    names = [*((source.name, source.kind.value) for source in sources), (CONTENT, "")]
    found = [
        Blame(name, kind, int(most), int(most) / total, int(alone))
        for (name, kind), most, alone in zip(names, strongest, pivotal, strict=True)
        if most or name != CONTENT
    ]
    return sorted(found, key=lambda one: (-one.strongest, one.source))


def _decided(labels: Labels, start: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of some items: how many labels each source pushes most, and how many hang on it alone."""
    units = labels.units.of_items(start, min(start + _ITEMS, labels.votes.items))
    before, effect = all_contributions(labels.fit, units.matrix)
    first = int(np.searchsorted(labels.units.item, start))
    rows = np.arange(first, first + units.matrix.units)
    content = np.zeros((len(rows), 1, effect.shape[2]))
    if labels.joint is not None:
        evidence = Evidence.of(units.matrix, labels.fit, labels.votes_posterior)
        gain = np.log(labels.joint.content[rows]) - np.log(evidence.prior)
        content[:, 0] = np.where(evidence.settled[:, None], 0.0, gain)
    push = np.concatenate([effect, content], axis=1)
    label = labels.posterior.label[rows]
    units_ = np.arange(len(rows))
    total = before + push.sum(axis=1)
    # Against the mean, so that what speaks for all classes alike speaks for none.
    towards = push[units_, :, label] - push.mean(axis=2)
    known = labels.posterior.covered[rows] & (towards.max(axis=1, initial=0) > 0)
    most = np.bincount(towards[known].argmax(axis=1), minlength=push.shape[1])
    without = (total[:, None, :] - push).argmax(axis=2) != label[:, None]
    return most, (without & known[:, None] & (np.abs(push).max(axis=2) > 0)).sum(axis=0)
