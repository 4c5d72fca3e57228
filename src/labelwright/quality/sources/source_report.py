"""The source report: what every source does, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.quality.sources.accuracy import Accuracy, estimates_worth, source_accuracy
from labelwright.quality.sources.dependence import MOST, DependentPairs, dependence
from labelwright.quality.sources.held_against import held_against
from labelwright.quality.sources.item_shares import item_shares
from labelwright.quality.sources.several import class_shares, in_conflict

FEWEST_SOURCES = 3
"""With fewer independent sources, accuracies cannot be told from votes alone."""


@dataclass(frozen=True, eq=False)
class SourceReport:
    """What each source does. Shapes (sources,) unless said otherwise.

    Coverage, overlap and conflict are shares of all items, as in Snorkel's analysis; other counts
    are of units. Each counts once, whatever its weight.

    Attributes:
        names: of the sources.
        votes: how many units it voted on.
        abstentions: how many units it was asked about without voting or failing.
        failures: how many units it failed on.
        coverage: the share of items that it voted on.
        overlap: the share of items that it and another source voted on.
        conflict: the share of items of which it and another source voted on a unit differently.
        share: which share of its votes goes to each class, 0 without votes, (sources, classes).
        estimated: its accuracy as the label model sees it, NaN if unknown.
        judged: how many of its votes could be held against gold.
        empirical: the share of these that is right, NaN without any.
        accuracy: its accuracy by estimate and gold together, NaN if nothing is known.
        low: the lower end of the 95 % credible interval of that (`source_accuracy`).
        high: the upper end.
        verified: how often it voted column where gold says row, (sources, classes, classes).
        believed: likewise where gold says nothing, in expectation under the label model.
        chance: the accuracy of a source that votes the same classes as often, but blindly.
        worse_than_chance: whether `high` is below that, or `low`, `accuracy` and `estimated` are;
            never of gold, whose accuracy is stated.
        copies: the source that it seems to copy most closely, -1 if none.
        pairs: every two sources that voted on a common unit.
        partial: how many of its votes name several classes; a vote is right, and in conflict with
            another, by the classes that it leaves, and its share is divided among them.
        independent: how many voting sources there are, copies counted with their originals.
        never: the classes that no source votes for.
        assumed: what the label model takes accuracies to be before it has seen votes; None if
            that is not known.
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
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    verified: NDArray[np.int64]
    believed: NDArray[np.float64]
    chance: NDArray[np.float64]
    worse_than_chance: NDArray[np.bool_]
    copies: NDArray[np.int64]
    pairs: DependentPairs
    partial: NDArray[np.int64]
    independent: int
    never: tuple[str, ...]
    assumed: float | None = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a source for tables and JSON; what is unknown is None."""
        columns = (
            "votes", "partial", "abstentions", "failures", "coverage", "overlap", "conflict",
            "estimated", "judged", "empirical", "accuracy", "low", "high", "chance",
            "worse_than_chance",
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

    def confusion(self) -> NDArray[np.float64]:
        """P(source votes column | class is row, it votes), counted; NaN where it never did."""
        count = self.verified + self.believed
        total = count.sum(axis=2, keepdims=True)
        return np.divide(count, total, out=np.full(count.shape, np.nan), where=total > 0)

    def to_frame(self) -> Any:
        """The rows as a Polars data frame, one a source."""
        import polars as pl

        return pl.DataFrame(self.rows(), infer_schema_length=None)

    def warnings(self, *, copies: bool = True) -> list[str]:
        """What the owner of the sources should look at, in plain words.

        Args:
            copies: whether to name sources that seem to copy each other; `model_checks` knows
                better which do.
        """
        found = []
        if self.independent < FEWEST_SOURCES:
            found.append(self._too_few())
        if self.never and self.votes.any():
            classes = ", ".join(map(repr, self.never))
            found.append(
                f"no source ever votes for {classes}: of votes alone no label will ever be that"
            )
        for row, name in enumerate(self.names):
            if self.votes[row] == 0:
                found.append(f"{name!r} never votes")
            if self.worse_than_chance[row]:
                found.append(self._bad(row))
            if self.failures[row]:
                found.append(f"{name!r} failed on {self.failures[row]} items")
            if copies and self.copies[row] >= 0:
                found.append(self._copy(row))
        return found

    def _too_few(self) -> str:
        assumed = "" if self.assumed is None else f" ({self.assumed:.0%} is assumed)"
        verb, plural = ("is", "") if self.independent == 1 else ("are", "s")
        return (
            f"there {verb} {self.independent} independent source{plural} with votes; "
            f"with fewer than {FEWEST_SOURCES} nobody can tell from votes alone how accurate each "
            f"is{assumed}: add a source, or answer some items by hand"
        )

    def _bad(self, row: int) -> str:
        sure = "is" if self.high[row] < self.chance[row] else "may be"
        return (
            f"{self.names[row]!r} {sure} worse than chance (right on {self.accuracy[row]:.0%} of "
            f"its votes, 95% interval {self.low[row]:.0%}-{self.high[row]:.0%}; blind guesses "
            f"would be on {self.chance[row]:.0%}): look at its votes, or turn them round"
        )

    def _copy(self, row: int) -> str:
        pairs, other = self.pairs, self.copies[row]
        place = np.flatnonzero((pairs.first == row) & (pairs.second == other))[0]
        same, both = pairs.same[place], pairs.both[place]
        return (
            f"{self.names[row]!r} votes like {self.names[other]!r}: they agree on "
            f"{same / both:.0%} of {both:,} common items"
        )


def source_report(
    votes: VoteMatrix,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    fit: LabelModelFit | None = None,
    posterior: Posterior | None = None,
    gold: ArrayLike | None = None,
    told: ArrayLike | None = None,
    failures: ArrayLike | None = None,
    assumed: float | None = None,
    most: int = MOST,
    item: NDArray[np.int64] | None = None,
    balance: NDArray[np.float64] | None = None,
) -> SourceReport:
    """What every source does, and how far it can be trusted.

    Args:
        votes: the votes.
        names: of the sources; by default their numbers.
        classes: names of the classes; by default their numbers.
        fit: the label model's fit, for estimated accuracies; without it the posterior's
            probability of what was voted stands for them.
        posterior: the label model's posterior, for the class of units without gold; without it
            the majority decides.
        gold: true class of each unit, -1 where unknown, shape (units,).
        told: what sources of kind gold said of units that were drawn at random, -1 elsewhere: it
            judges all but these. Shape (units,).
        failures: how many units each source failed on, shape (sources,).
        assumed: the accuracy that the label model takes for granted, if it has one.
        most: how many sources at most are compared with each other in pairs.
        item: the item that each unit is of, rising; by default units are items. Shape (units,).
        balance: how frequent each class is among all units, if that is known: blind guesses are
            right so often. Where it is not, that of the units with votes stands for it.

    Raises:
        DataError: an argument whose shape does not match the votes, or gold that is no class.
    """
    sure = np.full(votes.units, -1) if gold is None else np.asarray(gold, np.int64)
    answered = None if told is None else np.asarray(told, np.int64)
    known = sure if answered is None else np.where(sure >= 0, sure, answered)
    failed = np.zeros(votes.sources, np.int64) if failures is None else np.asarray(failures, int)
    named = [str(row) for row in range(votes.sources)] if names is None else list(names)
    of_class = [str(row) for row in range(votes.classes)] if classes is None else list(classes)
    _check(votes, named, of_class, fit, posterior, known, failed)
    unit, source = votes.unit[votes.voted], votes.source[votes.voted]
    label = votes.label[votes.voted].astype(np.int64)

    number = np.bincount(source, minlength=votes.sources)
    asked = np.bincount(votes.source, minlength=votes.sources)
    overlapping, conflicting = _company(votes, unit, label)
    share = class_shares(votes, source, label)

    held = held_against(votes, posterior, sure, answered)
    truth = _best_known(votes, posterior, known)
    estimated = _estimated(votes, fit, posterior)
    chance = share @ (_class_balance(fit, truth, votes.classes) if balance is None else balance)
    pairs = dependence(votes, truth, most=most)
    independent = _groups(pairs, number > 0)
    accuracy = _accuracy(votes, estimated, held.verified, identified=independent >= FEWEST_SOURCES)
    of = np.arange(votes.units) if item is None else item
    share_of = partial(item_shares, sources=votes.sources, items=int(of[-1]) + 1 if len(of) else 0)
    return SourceReport(
        names=tuple(named),
        votes=number,
        abstentions=np.where(votes.complete, votes.units - number - failed, asked - number),
        failures=failed,
        coverage=share_of(source, of[unit]),
        overlap=share_of(source[overlapping], of[unit[overlapping]]),
        conflict=share_of(source[conflicting], of[unit[conflicting]]),
        share=share,
        estimated=estimated,
        judged=held.judged,
        empirical=held.share_right,
        accuracy=accuracy.value,
        low=accuracy.low,
        high=accuracy.high,
        verified=held.verified,
        believed=held.believed,
        chance=chance,
        worse_than_chance=(number > 0) & ~votes.gold & _worse(accuracy, estimated, chance),
        copies=_copied(pairs, votes),
        pairs=pairs,
        partial=np.bincount(source[label >= votes.classes], minlength=votes.sources),
        independent=independent,
        never=tuple(of_class[label] for label in np.flatnonzero(share.sum(axis=0) == 0)),
        assumed=assumed,
    )


def _check(
    votes: VoteMatrix,
    names: Sequence[str],
    classes: Sequence[str],
    fit: LabelModelFit | None,
    posterior: Posterior | None,
    gold: NDArray[np.int64],
    failures: NDArray[np.int64],
) -> None:
    if len(names) != votes.sources or failures.shape != (votes.sources,):
        raise DataError(f"names and failures need one entry for each of {votes.sources} sources")
    if len(classes) != votes.classes:
        raise DataError(f"{votes.classes} classes need as many names, got {len(classes)}")
    if fit is not None and (fit.sources, fit.classes) != (votes.sources, votes.classes):
        raise DataError("the fit belongs to other sources or classes than the votes; fit again")
    if posterior is not None and posterior.probability.shape != (votes.units, votes.classes):
        raise DataError("the posterior belongs to other units or classes than the votes")
    if gold.shape != (votes.units,) or gold.max(initial=-1) >= votes.classes:
        raise DataError(f"gold holds one class index, or -1, for each of {votes.units} units")


def _accuracy(
    votes: VoteMatrix,
    estimated: NDArray[np.float64],
    verified: NDArray[np.int64],
    *,
    identified: bool,
) -> Accuracy:
    """Estimate and gold together; of gold itself it is known, not estimated."""
    judged, right = verified.sum(axis=(1, 2)), np.trace(verified, axis1=1, axis2=2)
    worth = estimates_worth(votes.kinds, votes.vote_count - judged, identified=identified)
    found = source_accuracy(estimated, right, judged, worth)
    gold = np.array([kind is SourceKind.GOLD for kind in votes.kinds], bool)
    return Accuracy(
        value=np.where(gold, estimated, found.value),
        low=np.where(gold, estimated, found.low),
        high=np.where(gold, estimated, found.high),
        worth=found.worth,
    )


def _worse(
    accuracy: Accuracy, estimated: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether all that is known puts a source below chance, or the label model and the rest may."""
    likely = (accuracy.value < chance) & (estimated < chance)
    return np.asarray((accuracy.high < chance) | ((accuracy.low <= chance) & likely))


def _company(
    votes: VoteMatrix, unit: NDArray[np.int32], label: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per vote, whether another source voted on the unit, and whether it voted differently."""
    if not len(unit):
        return np.zeros(0, bool), np.zeros(0, bool)
    overlap = np.bincount(unit, minlength=votes.units)[unit] > 1
    if votes.subsets is not None:
        return overlap, in_conflict(votes, unit, label)
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
    whole = votes.voted & (votes.label < votes.classes)
    key = votes.unit[whole].astype(np.int64) * votes.classes + votes.label[whole]
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
    left = votes.members[votes.label[votes.voted]]
    belief = (posterior.probability[votes.unit[votes.voted]] * left).sum(axis=1)
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


def _copied(pairs: DependentPairs, votes: VoteMatrix) -> NDArray[np.int64]:
    """Of the sources that each seems to copy, the one it is most alike to; gold is no copy."""
    copied = np.full(votes.sources, -1)
    closest = np.flatnonzero(pairs.suspected & ~votes.gold[pairs.first] & ~votes.gold[pairs.second])
    closest = closest[np.argsort(pairs.alike[closest], kind="stable")]
    copied[pairs.first[closest]] = pairs.second[closest]
    return copied


def _groups(pairs: DependentPairs, voting: NDArray[np.bool_]) -> int:
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
