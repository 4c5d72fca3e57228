"""Votes under a factor graph in which sources may be correlated in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.evidence.scoring import blocks, is_gold, normalised

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Where the objective stands and how it rises; curvatures bound how it bends.

    Attributes:
        objective: the log pseudo-likelihood of the votes.
        alpha: its slope in every accuracy, shape (sources,); `alpha_curve` likewise.
        gamma: its slope in every correlation, shape (edges,); `gamma_curve` likewise.
        right: how many votes of each source are right, in expectation, shape (sources,).
    """

    objective: float
    alpha: Array
    alpha_curve: Array
    gamma: Array
    gamma_curve: Array
    right: Array


def climb_step(votes: VoteMatrix, alpha: Array, gamma: Array, edges: Index) -> Step:
    """One pass over the votes."""
    sums = [np.zeros(votes.sources) for _ in range(3)]
    slope, bend, total = np.zeros(len(edges)), np.zeros(len(edges)), 0.0
    for some in some_votes(votes, edges, gamma):
        probability, evidence = some.judge(alpha)
        total += float((some.mass * evidence).sum())
        q, weight = probability.T[some.unit], some.mass[some.unit] * some.rated
        by_class = q / some.whole
        gain = np.expm1(alpha[some.source])
        mine = q[some.row, some.label]
        expected = ((gain + 1)[:, None] * some.pulled * by_class).sum(axis=1)
        for place, values in enumerate((mine - expected, some.active / 4, mine)):
            sums[place] += np.bincount(some.source, weight * values, votes.sources)
        anywhere = by_class.sum(axis=1)
        for edge, voter, said in some.meetings:
            there = by_class[voter, said] * gain[voter]
            chance = some.pulled[voter, said] * (anywhere[voter] + there)
            agrees = some.label[voter] == said
            slope[edge] += (weight[voter] * (agrees - chance)).sum()
            bend[edge] += (weight[voter] * some.active[voter]).sum() / 4
    return Step(total, sums[0], sums[1], slope, bend, sums[2])


def some_votes(votes: VoteMatrix, edges: Index, gamma: Array) -> Iterator[CorrelatedVotes]:
    """All votes, some units at a time."""
    for units, rows in blocks(votes):
        yield CorrelatedVotes(votes, units, rows, edges, gamma)


class CorrelatedVotes:
    """The votes on some units, and what their neighbours' votes make of them.

    Attributes:
        meetings: per edge and direction, the votes (rows) whose neighbour voted too, and what
            the neighbour said.
        pulled: exp of the correlations that pull a vote to each class, shape (votes, classes).
        active: how many factors each vote is in, shape (votes,).
        whole: the normaliser of each vote by true class, shape (votes, classes); set by `judge`.
    """

    def __init__(
        self, votes: VoteMatrix, units: slice, rows: slice, edges: Index, gamma: Array
    ) -> None:
        voted = votes.voted[rows]
        self.units, self.classes = units, votes.classes
        self.unit = votes.unit[rows][voted].astype(np.int64) - units.start
        self.source = votes.source[rows][voted]
        self.label = votes.label[rows][voted].astype(np.int64)
        self.row = np.arange(len(self.unit))
        self.rated = ~is_gold(votes)[self.source]
        self.mass = votes.weights()[units] * votes.covered[units]
        pull = np.zeros((len(self.unit), votes.classes))
        self.active = np.ones(len(self.unit))
        self.meetings: list[tuple[int, Index, Index]] = []
        for edge, (first, second) in enumerate(self._rows_of(edges)):
            for voter, other in ((first, second), (second, first)):
                said = self.label[other]
                pull[voter, said] += gamma[edge]
                self.active[voter] += 1
                self.meetings.append((edge, voter, said))
        self.pulled = np.exp(pull)
        self.whole = np.ones_like(pull)
        self._own_pull = pull[self.row, self.label]

    def judge(self, alpha: Array) -> tuple[Array, Array]:
        """The posterior, shape (classes, units), and the log pseudo-likelihood of each unit."""
        factor = np.where(
            self.rated,
            alpha[self.source],
            np.log(GOLD_ACCURACY * (self.classes - 1) / (1 - GOLD_ACCURACY)),
        )
        self.whole = self.pulled.sum(axis=1)[:, None] + self.pulled * np.expm1(factor)[:, None]
        units = len(self.mass)
        scores = np.empty((self.classes, units))
        logs = np.log(self.whole)
        shared = np.bincount(self.unit, self._own_pull, units) - np.log(self.classes)
        for label in range(self.classes):
            said = np.where(self.label == label, factor, 0.0)
            scores[label] = shared + np.bincount(self.unit, said - logs[:, label], units)
        probability, evidence = normalised(scores)
        decided = np.unique(self.unit[~self.rated])
        if len(decided):
            place = np.searchsorted(decided, self.unit[~self.rated])
            gold = np.zeros((self.classes, len(decided)))
            np.add.at(gold, (self.label[~self.rated], place), factor[~self.rated])
            probability[:, decided] = known = normalised(gold)[0]
            evidence[decided] = (known * scores[:, decided]).sum(axis=0)
        return probability, evidence

    def _rows_of(self, edges: Index) -> Iterator[tuple[Index, Index]]:
        """Per edge, the votes of its two sources on the units on which both voted."""
        order = np.argsort(self.source, kind="stable")
        start = np.searchsorted(self.source[order], np.arange(int(edges.max(initial=0)) + 2))
        for pair in edges:
            first, second = (order[start[s] : start[s + 1]] for s in pair)
            _, mine, theirs = np.intersect1d(
                self.unit[first], self.unit[second], assume_unique=True, return_indices=True
            )
            yield first[mine], second[theirs]
