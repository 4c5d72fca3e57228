"""How far labels depend on which items happened to be in the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import LabelModel
from labelwright.quality.resampling import reweighed, some_units

RESAMPLES = 20
UNITS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """What changes when the label model is fitted to the same items, weighed anew.

    Attributes:
        units: which units were looked at, all if there are few, shape (units,).
        covered: whether anybody voted on them, shape (units,).
        same: in which share of the resamples each keeps its label, shape (units,).
        changed: the share of covered units whose label changes, per resample, (resamples,).
        accuracy: what each resample makes of each source, NaN if unknown, (resamples, sources).
    """

    units: NDArray[np.int64]
    covered: NDArray[np.bool_]
    same: NDArray[np.float64]
    changed: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def share_changed(self) -> float:
        """The share of labels that a resample changes, in the mean."""
        return float(self.changed.mean())

    @property
    def share_unsettled(self) -> float:
        """The share of covered units whose label any resample changes; 0 without such units."""
        return float((self.same[self.covered] < 1).mean()) if self.covered.any() else 0.0

    @property
    def accuracy_spread(self) -> NDArray[np.float64]:
        """The standard deviation of each source's accuracy over resamples, shape (sources,)."""
        spread: NDArray[np.float64] = self.accuracy.std(axis=0, ddof=1)
        return spread

    def to_dict(self) -> dict[str, Any]:
        """The labels at large, as JSON can hold it."""
        return {
            "units": len(self.units),
            "resamples": len(self.changed),
            "changed": self.changed.tolist(),
            "share_changed": self.share_changed,
            "share_unsettled": self.share_unsettled,
        }

    def to_frame(self) -> Any:
        """One row a unit, as a Polars data frame: unit, covered, same."""
        import polars as pl

        return pl.DataFrame({"unit": self.units, "covered": self.covered, "same": self.same})


def stability(
    model: LabelModel,
    votes: VoteMatrix,
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
    units: int = UNITS,
) -> Stability:
    """The labels' stability under the Bayesian bootstrap of items.

    Costs `resamples` + 1 fits and posteriors of at most `units` units, however many there are.
    Stable is not the same as right: sources that err together err stably.

    Args:
        model: the label model.
        votes: the votes.
        rng: draws the sample of units and their weights.
        resamples: how often, at least 2.
        units: how many units to look at.

    Raises:
        DataError: fewer than 2 resamples.
    """
    if resamples < 2:
        raise DataError(f"stability needs at least 2 resamples, got {resamples}")
    part, chosen = some_units(votes, units, rng)
    fit = model.fit(part)
    label = model.posterior(fit, part).label
    same = np.zeros(part.units)
    changed, accuracy = [], []
    for _ in range(resamples):
        again = model.fit(reweighed(part, rng))
        keeps = model.posterior(again, part).label == label
        same += keeps
        changed.append((~keeps & part.covered).sum() / max(part.covered.sum(), 1))
        accuracy.append(again.accuracy)
    return Stability(
        units=chosen,
        covered=part.covered,
        same=same / resamples,
        changed=np.array(changed),
        accuracy=np.array(accuracy),
    )
