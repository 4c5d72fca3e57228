"""The label matrix: what label models read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import VotesError
from labelwright.core.source import SourceKind
from labelwright.core.vote_columns import (
    check_range,
    check_sizes,
    checked_accuracies,
    checked_balance,
    checked_confidence,
    checked_subsets,
    checked_weight,
    kind_of_source,
    shaped,
    sorted_once,
)

ABSTAINED = -1
PIECE_ROWS = 1 << 17


@dataclass(frozen=True, eq=False)
class VoteMatrix:
    """Who voted what on which unit, sparse, sorted by unit, then source.

    A vote takes 10 bytes, so that 10^8 votes fit in memory. A *partial* vote says only that the
    class is one of several ("not A", "A or B", an inner class of a hierarchy): its label points
    beyond the classes, into `subsets`.

    Attributes:
        unit: int32, shape (votes,).
        source: int32, shape (votes,).
        label: int16 class index, -1 for "asked, but abstained", `classes` + i for a partial vote
            for the classes in row i of `subsets`, shape (votes,).
        units: how many units there are, voted on or not.
        classes: how many classes there are.
        kinds: the kind of each source, shape (sources,).
        complete: per source, whether it was asked about every unit, so that a missing row is an
            abstention rather than a question never asked, shape (sources,).
        accuracies: per source, what its owner believes its accuracy to be; NaN if unknown.
        weight: how many observations a unit stands for, shape (units,); None means one each.
        confidence: the source's own in its vote, 0..1, NaN where it gave none, shape (votes,);
            None if nobody gave any.
        subsets: the classes that partial votes name, shape (subsets, classes); None without any.
        opinion: per vote, the row of `opinions` that it states, -1 for none, shape (votes,).
        balance: what unbiased answers say of the share of each class among all units, shape
            (classes,); None if nothing is known.
        balance_answers: how many answers that rests on.
        picked: units picked out for gold to answer, those in doubt say, rather than drawn at
            random, shape (units,): what gold says labels them, and judges nothing else; None if
            none is.
        opinions: distributions over the classes that votes state beyond their label and
            confidence, each row once, shape (opinions, classes).

    Raises:
        VotesError: an index out of range, two votes of a source on a unit, a weight that is not
            a positive number, a confidence outside 0..1, a subset of fewer than two classes or of
            all, shapes that do not match.

    Example:
        >>> VoteMatrix.from_dense([[0, 1, -1], [1, 1, 1]]).sources
        3
    """

    unit: NDArray[np.int32]
    source: NDArray[np.int32]
    label: NDArray[np.int16]
    units: int
    classes: int
    kinds: tuple[SourceKind, ...]
    complete: NDArray[np.bool_]
    accuracies: NDArray[np.float64]
    weight: NDArray[np.float64] | None = None
    confidence: NDArray[np.float32] | None = None
    subsets: NDArray[np.bool_] | None = None
    opinion: NDArray[np.int32] | None = None
    opinions: NDArray[np.float32] | None = None
    balance: NDArray[np.float64] | None = None
    balance_answers: float = 0.0
    picked: NDArray[np.bool_] | None = None

    @classmethod
    def build(
        cls,
        unit: ArrayLike,
        source: ArrayLike,
        label: ArrayLike,
        *,
        units: int,
        classes: int,
        kinds: Sequence[SourceKind | str],
        complete: ArrayLike | None = None,
        accuracies: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        subsets: ArrayLike | None = None,
        opinion: ArrayLike | None = None,
        opinions: ArrayLike | None = None,
        balance: ArrayLike | None = None,
        balance_answers: float = 0.0,
        picked: ArrayLike | None = None,
    ) -> VoteMatrix:
        """The matrix of these votes, checked and sorted. Arguments as the attributes.

        Without `complete`, sources that choose what to vote on (functions, rules, knowledge
        bases) count as complete and the others do not.
        """
        known_kinds = tuple(kind_of_source(kind) for kind in kinds)
        if complete is None:
            complete = [kind.chooses for kind in known_kinds]
        if accuracies is None:
            accuracies = np.full(len(kinds), np.nan)
        check_sizes(units, classes)
        columns = [np.asarray(unit), np.asarray(source), np.asarray(label)]
        if len({len(column) for column in columns}) != 1:
            raise VotesError("unit, source and label must have the same length")
        check_range("unit", columns[0], 0, units)
        check_range("source", columns[1], 0, len(kinds))
        sets = None if subsets is None else checked_subsets(np.asarray(subsets), classes)
        check_range("label", columns[2], ABSTAINED, classes + (0 if sets is None else len(sets)))
        if confidence is not None:
            columns.append(checked_confidence(confidence, len(columns[0])))
        if opinion is not None:
            columns.append(shaped("opinion", opinion, (len(columns[0]),), np.int32))
            check_range("opinion", columns[-1], -1, len(np.asarray(opinions)))
        columns = sorted_once(columns, len(kinds))
        return cls(
            unit=columns[0].astype(np.int32, copy=False),
            source=columns[1].astype(np.int32, copy=False),
            label=columns[2].astype(np.int16, copy=False),
            units=units,
            classes=classes,
            kinds=known_kinds,
            complete=shaped("complete", complete, (len(kinds),), np.bool_),
            accuracies=checked_accuracies(accuracies, len(kinds)),
            weight=None if weight is None else checked_weight(weight, units),
            confidence=None if confidence is None else columns[3],
            subsets=sets,
            opinion=None if opinion is None else columns[-1],
            opinions=None if opinion is None else np.asarray(opinions, np.float32),
            balance=None if balance is None else checked_balance(balance, classes),
            balance_answers=balance_answers,
            picked=None if picked is None else shaped("picked", picked, (units,), np.bool_),
        )

    @classmethod
    def from_dense(
        cls,
        matrix: ArrayLike,
        *,
        classes: int | None = None,
        kinds: Sequence[SourceKind | str] | None = None,
    ) -> VoteMatrix:
        """The matrix of a Snorkel-style array: one row a unit, one column a source, -1 abstains.

        Args:
            matrix: integers, shape (units, sources).
            classes: how many classes; by default one more than the highest label, at least two.
            kinds: of each column; by default every one is a function.
        """
        dense = np.asarray(matrix)
        if dense.ndim != 2:
            raise VotesError(f"a label matrix has two dimensions, got shape {dense.shape}")
        if dense.dtype.kind == "f" and np.all(np.isfinite(dense)) and np.all(dense % 1 == 0):
            dense = dense.astype(np.int64)
        if dense.dtype.kind not in "iu":
            raise VotesError(
                f"a label matrix holds whole numbers (-1 abstains), got {dense.dtype} "
                "with values such as NaN or fractions; fill missing votes with -1"
            )
        if dense.size and dense.min() < ABSTAINED:
            raise VotesError(f"labels start at -1 (abstain), got {dense.min()}")
        highest = int(dense.max(initial=0))
        kinds = [SourceKind.FUNCTION] * dense.shape[1] if kinds is None else kinds
        unit, source = np.nonzero(dense != ABSTAINED)
        return cls.build(
            unit,
            source,
            dense[unit, source],
            units=len(dense),
            classes=max(2, highest + 1) if classes is None else classes,
            kinds=kinds,
            complete=np.ones(dense.shape[1], bool),
        )

    @property
    def sources(self) -> int:
        """How many sources there are, silent ones included."""
        return len(self.kinds)

    @property
    def labels(self) -> int:
        """How many different votes there are: the classes, and the subsets of partial votes."""
        return self.classes + (0 if self.subsets is None else len(self.subsets))

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """Which classes each label names: one, or those of its subset. Shape (labels, classes)."""
        single = np.eye(self.classes, dtype=bool)
        return single if self.subsets is None else np.concatenate([single, self.subsets])

    @cached_property
    def gold(self) -> NDArray[np.bool_]:
        """Which sources are gold, shape (sources,)."""
        return np.array([kind is SourceKind.GOLD for kind in self.kinds], bool)

    def only(self, rows: NDArray[Any] | slice) -> VoteMatrix:
        """The matrix with only these of its votes, by mask, rising position or slice."""
        return replace(
            self,
            unit=self.unit[rows],
            source=self.source[rows],
            label=self.label[rows],
            confidence=None if self.confidence is None else self.confidence[rows],
            opinion=None if self.opinion is None else self.opinion[rows],
        )

    def on_units(
        self, kept: NDArray[Any] | slice, rows: NDArray[Any] | slice, unit: NDArray[Any], units: int
    ) -> VoteMatrix:
        """The matrix with only some of its units, under new numbers.

        Args:
            kept: which units, in the order of their new numbers, by mask, position or slice.
            rows: the votes on them, as for `only`.
            unit: the new number of the unit of each of these votes, rising.
            units: how many units are kept.
        """
        return replace(
            self.only(rows),
            unit=unit.astype(np.int32, copy=False),
            units=units,
            weight=None if self.weight is None else self.weight[kept],
            picked=None if self.picked is None else self.picked[kept],
        )

    def on_marked(self, kept: NDArray[np.bool_]) -> VoteMatrix:
        """The matrix with the marked units alone, numbered anew, shape (units,)."""
        rows = kept[self.unit]
        place = np.cumsum(kept, dtype=np.int32) - np.int32(1)
        return self.on_units(kept, rows, place[self.unit[rows]], int(np.count_nonzero(kept)))

    def between(self, first: int, end: int) -> VoteMatrix:
        """The matrix with the units first..end alone, which become 0, 1, ..."""
        rows = slice(*self.start[[first, end]].tolist())
        unit = self.unit[rows] - np.int32(first)
        return self.on_units(slice(first, end), rows, unit, end - first)

    @cached_property
    def voted(self) -> NDArray[np.bool_]:
        """Per vote, whether it is one: abstentions are False. Shape (votes,)."""
        return self.label != ABSTAINED

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Per unit, whether any source voted on it. Shape (units,)."""
        if self.voted.all():
            return np.diff(self.start) > 0
        covered = np.zeros(self.units, bool)
        for rows in self._pieces():
            covered[self.unit[rows][self.voted[rows]]] = True
        return covered

    @cached_property
    def described_only(self) -> NDArray[np.bool_]:
        """Per unit, whether class descriptions voted on it and nobody else. Shape (units,)."""
        described = np.array([kind is SourceKind.DESCRIPTION for kind in self.kinds], bool)
        only = np.zeros(self.units, bool)
        if described.any():
            only |= self.covered
            only[self.unit[self.voted & ~described[self.source]]] = False
        return only

    @cached_property
    def vote_count(self) -> NDArray[np.int64]:
        """How many votes each source cast, abstentions not counted. Shape (sources,)."""
        count = np.zeros(self.sources, np.int64)
        all_voted = self.voted.all()
        for rows in self._pieces():
            source = self.source[rows]
            voted = source if all_voted else source[self.voted[rows]]
            count += np.bincount(voted, minlength=self.sources)
        return count

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Where each unit's rows begin; unit u owns start[u]:start[u+1]. Shape (units + 1,)."""
        start = np.zeros(self.units + 1, np.int64)
        for rows in self._pieces():
            unit = self.unit[rows]
            first = int(unit[0])
            count = np.bincount(unit - np.int32(first))
            start[first + 1 : first + 1 + len(count)] += count
        return np.cumsum(start, out=start)

    @cached_property
    def disagreement(self) -> NDArray[np.float64]:
        """How divided the votes on each unit are, shape (units,).

        0 where all agree or fewer than two voted, 1 where every class got as many votes: one
        minus the chance that two votes drawn with replacement agree (Gini), scaled to 1. Partial
        votes are left out.
        """
        voted = self.voted if self.subsets is None else self.voted & (self.label < self.classes)
        pair = self.unit[voted] * np.int64(self.classes) + self.label[voted]
        pairs, count = np.unique(pair, return_counts=True)
        unit = pairs // self.classes
        total = np.bincount(unit, count, minlength=self.units)
        squares = np.bincount(unit, count.astype(np.float64) ** 2, minlength=self.units)
        agree = np.divide(squares, total**2, out=np.ones(self.units), where=total > 0)
        return (1 - agree) / (1 - 1 / max(self.classes, 2))

    def weights(self) -> NDArray[np.float64]:
        """The weight of every unit, ones where none was given. Shape (units,)."""
        return np.ones(self.units) if self.weight is None else self.weight

    def was_picked(self) -> NDArray[np.bool_]:
        """Whether each unit was picked out for gold, False where nothing is said. (units,)."""
        return np.zeros(self.units, bool) if self.picked is None else self.picked

    def _pieces(self) -> Iterator[slice]:
        """The rows in pieces, so that copies of columns stay in the cache."""
        for start in range(0, len(self.unit), PIECE_ROWS):
            yield slice(start, start + PIECE_ROWS)

    def to_dense(self) -> NDArray[np.int16]:
        """The Snorkel-style array, -1 for every abstention, shape (units, sources)."""
        dense = np.full((self.units, self.sources), ABSTAINED, np.int16)
        dense[self.unit, self.source] = self.label
        return dense
