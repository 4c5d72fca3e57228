"""The source report: what every source does, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.quality.dependence import MOST, Pairs, dependence
from labelwright.quality.intervals import wilson

FEWEST = 3
"""With fewer independent sources, accuracies cannot be told from votes alone."""


@dataclass(frozen=True, eq=False)
class SourceReport:
    """What each source does. Shapes (sources,) unless said otherwise.

    Shares are of all units, as in Snorkel's analysis; units count once, whatever their weight.

    Attributes:
        names: of the sources.
        votes: how many units it voted on.
        abstentions: how many units it was asked about without voting or failing.
        failures: how many units it failed on.
        coverage: the share of units that it voted on.
        overlap: the share of units that it and another source voted on.
        conflict: the share of units that it and another source voted on differently.
        share: which share of its votes goes to each class, 0 without votes, (sources, classes).
        estimated: its accuracy as the label model sees it, NaN if unknown.
        judged: how many of its votes could be held against gold.
        empirical: the share of these that is right, NaN without any.
        low: the lower end of the 95 % interval of that (Wilson).
        high: the upper end.
        chance: the accuracy of a source that votes the same classes as often, but blindly.
        worse_than_chance: whether gold says so, or where it leaves that open, the estimate.
        copies: the source that it seems to copy most closely, -1 if none.
        pairs: every two sources that voted on a common unit.
        independent: how many voting sources there are, copies counted with their originals.
    """

    names: tuple[str, ...]
    votes: NDArray[np.int64]
    abstentions: NDArray[np.int64]
    failures: NDArray[np.int64]
    coverage: NDArray[np.float64]
    overlap: NDArray[np.float64]
    conflict: NDArray[np.float64]
    share: NDArray[np.float64]
    estimated: NDArray[np.float64]
    judged: NDArray[np.int64]
    empirical: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    chance: NDArray[np.float64]
    worse_than_chance: NDArray[np.bool_]
    copies: NDArray[np.int64]
    pairs: Pairs
    independent: int

    def rows(self) -> list[dict[str, Any]]:
        """One row a source for tables and JSON; what is unknown is None."""
        columns = (
            "votes", "abstentions", "failures", "coverage", "overlap", "conflict", "estimated",
            "judged", "empirical", "low", "high", "chance", "worse_than_chance",
        )  # fmt: skip
        return [
            {"name": name}
            | {column: _plain(getattr(self, column)[row]) for column in columns}
            | {
                "classes": np.flatnonzero(self.share[row]).tolist(),
                "share": self.share[row].tolist(),
                "copies": self.names[self.copies[row]] if self.copies[row] >= 0 else None,
            }
            for row, name in enumerate(self.names)
        ]

    def warnings(self) -> list[str]:
        """What the owner of the sources should look at, in plain words."""
        found = []
        if self.independent < FEWEST:
            found.append(
                f"there are {self.independent} independent sources with votes; with fewer than "
                f"{FEWEST} nobody can tell from votes alone which one is right: "
                "add a source, or answer some items by hand"
            )
        for row, name in enumerate(self.names):
            if self.votes[row] == 0:
                found.append(f"{name!r} never votes")
            if self.worse_than_chance[row]:
                found.append(
                    f"{name!r} is worse than chance: look at its votes, or turn them round"
                )
            if self.failures[row]:
                found.append(f"{name!r} failed on {self.failures[row]} items")
            if self.copies[row] >= 0:
                found.append(f"{name!r} votes like {self.names[self.copies[row]]!r}")
        return found


def source_report(
    votes: VoteMatrix,
    *,
    names: Sequence[str] | None = None,
    fit: LabelModelFit | None = None,
    posterior: Posterior | None = None,
    gold: ArrayLike | None = None,
    failures: ArrayLike | None = None,
    most: int = MOST,
) -> SourceReport:
    """What every source does, and how far it can be trusted.

    Args:
        votes: the votes.
        names: of the sources; by default their numbers.
        fit: the label model's fit, for estimated accuracies; without it the posterior's
            probability of what was voted stands for them.
        posterior: the label model's posterior, for the class of units without gold; without it
            the majority decides.
        gold: true class of each unit, -1 where unknown, shape (units,).
        failures: how many units each source failed on, shape (sources,).
        most: how many sources at most are compared with each other in pairs.

    Raises:
        DataError: an argument whose shape does not match the votes, or gold that is no class.
    """
    known = np.full(votes.units, -1) if gold is None else np.asarray(gold, np.int64)
    failed = np.zeros(votes.sources, np.int64) if failures is None else np.asarray(failures, int)
    named = [str(row) for row in range(votes.sources)] if names is None else list(names)
    _check(votes, named, fit, posterior, known, failed)
    unit, source = votes.unit[votes.voted], votes.source[votes.voted]
    label = votes.label[votes.voted].astype(np.int64)

    number = np.bincount(source, minlength=votes.sources)
    asked = np.bincount(votes.source, minlength=votes.sources)
    overlapping, conflicting = _company(unit, label, votes.units)
    cells = np.bincount(source * votes.classes + label, minlength=votes.sources * votes.classes)
    share = cells.reshape(votes.sources, votes.classes) / np.maximum(number, 1)[:, None]

    judged = known[unit] >= 0
    tested = np.bincount(source[judged], minlength=votes.sources)
    right = np.bincount(source[judged & (known[unit] == label)], minlength=votes.sources)
    bounds = wilson(right, tested)
    truth = _best_known(votes, posterior, known)
    estimated = _estimated(votes, fit, posterior)
    chance = share @ _class_balance(fit, truth, votes.classes)
    pairs = dependence(votes, truth, most=most)
    units = max(votes.units, 1)
    return SourceReport(
        names=tuple(named),
        votes=number,
        abstentions=np.where(votes.complete, votes.units - number - failed, asked - number),
        failures=failed,
        coverage=number / units,
        overlap=np.bincount(source[overlapping], minlength=votes.sources) / units,
        conflict=np.bincount(source[conflicting], minlength=votes.sources) / units,
        share=share,
        estimated=estimated,
        judged=tested,
        empirical=np.divide(right, tested, out=np.full(len(tested), np.nan), where=tested > 0),
        low=bounds.low,
        high=bounds.high,
        chance=chance,
        worse_than_chance=(number > 0)
        & ((bounds.high < chance) | ((bounds.low <= chance) & (estimated < chance))),
        copies=_copied(pairs, votes.sources),
        pairs=pairs,
        independent=_groups(pairs, number > 0),
    )


def _check(
    votes: VoteMatrix,
    names: Sequence[str],
    fit: LabelModelFit | None,
    posterior: Posterior | None,
    gold: NDArray[np.int64],
    failures: NDArray[np.int64],
) -> None:
    if len(names) != votes.sources or failures.shape != (votes.sources,):
        raise DataError(f"names and failures need one entry for each of {votes.sources} sources")
    if fit is not None and (fit.sources, fit.classes) != (votes.sources, votes.classes):
        raise DataError("the fit belongs to other sources or classes than the votes; fit again")
    if posterior is not None and posterior.probability.shape != (votes.units, votes.classes):
        raise DataError("the posterior belongs to other units or classes than the votes")
    if gold.shape != (votes.units,) or gold.max(initial=-1) >= votes.classes:
        raise DataError(f"gold holds one class index, or -1, for each of {votes.units} units")


def _company(
    unit: NDArray[np.int32], label: NDArray[np.int64], units: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per vote, whether another source voted on the unit, and whether it voted differently."""
    if not len(unit):
        return np.zeros(0, bool), np.zeros(0, bool)
    overlap = np.bincount(unit, minlength=units)[unit] > 1
    starts = np.flatnonzero(np.concatenate([[True], unit[1:] != unit[:-1]]))
    # Where a unit has two different votes, every vote on it differs from one of them.
    mixed = np.minimum.reduceat(label, starts) != np.maximum.reduceat(label, starts)
    return overlap, np.repeat(mixed, np.diff(np.append(starts, len(unit))))


def _best_known(
    votes: VoteMatrix, posterior: Posterior | None, gold: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Each unit's class: gold, else the posterior's, else the majority's; -1 without votes."""
    if posterior is None:
        label = _majority(votes)
    else:
        label = np.where(posterior.covered, posterior.label, -1)
    return np.where(gold >= 0, gold, label)


def _majority(votes: VoteMatrix) -> NDArray[np.int64]:
    """The class with the most votes on each unit, of equals the first; -1 without votes."""
    key = votes.unit[votes.voted].astype(np.int64) * votes.classes + votes.label[votes.voted]
    cell, count = np.unique(key, return_counts=True)
    unit, label = np.divmod(cell, votes.classes)
    # Written in rising order of votes, the last to write wins; of equals the lowest class.
    order = np.lexsort((-label, count))
    majority = np.full(votes.units, -1)
    majority[unit[order]] = label[order]
    return majority


def _estimated(
    votes: VoteMatrix, fit: LabelModelFit | None, posterior: Posterior | None
) -> NDArray[np.float64]:
    if fit is not None:
        return fit.accuracy
    if posterior is None:
        return np.full(votes.sources, np.nan)
    source = votes.source[votes.voted]
    belief = posterior.probability[votes.unit[votes.voted], votes.label[votes.voted]]
    number = np.bincount(source, minlength=votes.sources)
    total = np.bincount(source, belief, votes.sources)
    return np.divide(total, number, out=np.full(votes.sources, np.nan), where=number > 0)


def _class_balance(
    fit: LabelModelFit | None, truth: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    if fit is not None:
        return fit.class_prior
    counts = np.bincount(truth[truth >= 0], minlength=classes) + 1.0
    return counts / counts.sum()


def _copied(pairs: Pairs, sources: int) -> NDArray[np.int64]:
    """Of the sources that each seems to copy, the one it is most alike to."""
    copied = np.full(sources, -1)
    closest = np.flatnonzero(pairs.suspected)
    closest = closest[np.argsort(pairs.alike[closest], kind="stable")]
    copied[pairs.first[closest]] = pairs.second[closest]
    return copied


def _groups(pairs: Pairs, voting: NDArray[np.bool_]) -> int:
    """How many voting sources there are when those tied by suspicion count as one."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = len(voting)
    tied = (pairs.first[pairs.suspected], pairs.second[pairs.suspected])
    links = csr_array((np.ones(len(tied[0])), tied), shape=(size, size))
    group = connected_components(links, directed=False)[1] if size else np.zeros(0, np.int64)
    return len(np.unique(group[voting]))


def _plain(value: Any) -> Any:
    """A number as Python has it, None for NaN."""
    plain = value.item()
    return None if plain != plain else plain  # noqa: PLR0124 - only NaN differs from itself
