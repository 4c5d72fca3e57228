"""Fits as sums over units: over shards anywhere, and over what changed.

A fit that asks for nothing about the votes but sums over units, through a `Sums`, needs not have
the votes in one place (`Counting`: a sum is mapped over shards, wherever they are, and added up),
and needs not count them again when few of them change (`Revising`: what the changed units said
before is taken off the recorded sums, and what they say now is put on).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import add
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.identity import digest
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.sampling import joined, one_in, thinned

RECORDED_NUMBERS = 1 << 23
"""Sums of more numbers are not kept in the fit, which can then not be updated."""


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """A base of values that add up over units: numbers and arrays, field by field.

    A field may be None, in all that are added alike. `by_source` says of how many of its first
    axes an array has a place a source.
    """

    by_source: ClassVar[Mapping[str, int]] = {}

    def __add__(self, other: Self) -> Self:
        return self._mixed(other, 1.0)

    def __sub__(self, other: Self) -> Self:
        return self._mixed(other, -1.0)

    def __mul__(self, factor: float) -> Self:
        return self._each(lambda _, value: value * factor)

    def widened(self, sources: int) -> Self:
        """The same with more sources at the end, who did nothing."""

        def wider(name: str, value: Any) -> Any:
            axes = self.by_source.get(name, 0)
            if not axes:
                return value
            return np.pad(
                value, [(0, sources - len(value))] * axes + [(0, 0)] * (value.ndim - axes)
            )

        return self._each(wider)

    def _mixed(self, other: Self, sign: float) -> Self:
        return self._each(lambda name, value: value + sign * getattr(other, name))

    def _each(self, change: Callable[[str, Any], Any]) -> Self:
        named = ((part.name, getattr(self, part.name)) for part in fields(self))
        return replace(self, **{name: change(name, v) for name, v in named if v is not None})


TotalT = TypeVar("TotalT", bound=Total)
Ask = Callable[[VoteMatrix], TotalT]
"""What some units say; of several, to be added up."""

Run = Callable[[Callable[[VoteMatrix], Any], Iterable[VoteMatrix]], Iterable[Any]]
"""Where shards are asked: `map`, or the `map` of a pool of workers."""


class ShardSums(Protocol):
    """All that a fit may know of votes."""

    @property
    def electorate(self) -> VoteMatrix:
        """The sources and classes; its units are none."""
        ...

    def __call__(self, ask: Ask[TotalT]) -> TotalT:
        """The sum over all units."""
        ...

    def roughly(self, ask: Ask[TotalT]) -> TotalT:
        """That sum, from a sample of the units where there are very many."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Shards:
    """Votes that come some units at a time, again and again in the same order.

    Attributes:
        parts: of the same sources and classes; something that can be gone through repeatedly.
        units: how many there are in all parts together.
        run: where they are asked.
    """

    parts: Iterable[VoteMatrix]
    units: int
    run: Run = map


class Counting:
    """Sums over shards; remembers them.

    Raises:
        VotesError: there is no shard, or they are of different sources, or of other units than
            was said.
    """

    def __init__(self, shards: Shards) -> None:
        self._shards = shards
        self.electorate, self._sample = _first_look(shards)
        self._factor = shards.units / max(self._sample.units, 1)
        self.record: list[Total] = []

    def __call__(self, ask: Ask[TotalT]) -> TotalT:
        """The sum over all units."""
        return self._noted(reduce(add, self._shards.run(ask, self._shards.parts)))

    def roughly(self, ask: Ask[TotalT]) -> TotalT:
        """That sum, from a sample of the units where there are very many."""
        whole = ask(self._sample)
        return self._noted(whole if self._factor == 1 else whole * self._factor)

    def _noted(self, total: TotalT) -> TotalT:
        self.record.append(total)
        return total


class Revising:
    """The sums that a fit was made of, with some units changed.

    What was learnt from the votes moves a little, and with it what the units that did not change
    would say; that is left out.

    Args:
        record: the sums.
        asks: what was asked for each of them.
        removed: the changed units as they were, without those that are new.
        added: the changed units as they are.
    """

    def __init__(
        self,
        record: Sequence[Total],
        asks: Sequence[Ask[Any]],
        removed: VoteMatrix,
        added: VoteMatrix,
    ) -> None:
        self.electorate = without_units(added)
        self.record: list[Total] = []
        self._old = zip(record, asks, strict=True)
        self._removed, self._added = removed, added

    def __call__(self, ask: Ask[TotalT]) -> TotalT:
        """The sum over all units."""
        total, asked = next(self._old)
        revised: Any = total - asked(self._removed) + ask(self._added)
        self.record.append(revised)
        return revised

    def roughly(self, ask: Ask[TotalT]) -> TotalT:
        """That sum."""
        return self(ask)


class Replaying:
    """Recorded sums once more, to learn what was asked."""

    def __init__(self, record: Sequence[Total], electorate: VoteMatrix) -> None:
        self.electorate = electorate
        self.asks: list[Ask[Any]] = []
        self._record = iter(record)

    def __call__(self, ask: Ask[TotalT]) -> TotalT:
        """The sum that was recorded."""
        self.asks.append(ask)
        recorded: Any = next(self._record)
        return recorded

    def roughly(self, ask: Ask[TotalT]) -> TotalT:
        """The sum that was recorded."""
        return self(ask)


def revising(
    fit: LabelModelFit,
    removed: VoteMatrix,
    added: VoteMatrix,
    learn: Callable[[ShardSums], object],
    kinds: Sequence[type[Total]],
) -> Revising:
    """The sums that the fit was made of, with some units changed.

    Args:
        fit: which keeps its sums.
        removed: the changed units as they were, without those that are new.
        added: the changed and the new units as they are.
        learn: what made the fit of its sums.
        kinds: the class of every sum, in order.

    Raises:
        VotesError: the fit has not kept its sums, or the votes are not of its sources and
            classes and of new sources that answer what they are given.
    """
    record = restored(fit.extra, kinds)
    if record is None:
        raise VotesError("this fit has not kept the sums that it was made of; fit again")
    _check_change(fit, removed, added)
    # The sources as they were, and then the new ones, who did nothing yet.
    known = removed.sources
    before = replace(
        removed,
        kinds=added.kinds,
        complete=added.complete,
        accuracies=np.concatenate([removed.accuracies, added.accuracies[known:]]),
    )
    replay = Replaying([total.widened(added.sources) for total in record], without_units(before))
    learn(replay)
    return Revising([total.widened(added.sources) for total in record], replay.asks, before, added)


def _check_change(fit: LabelModelFit, removed: VoteMatrix, added: VoteMatrix) -> None:
    if {fit.classes} != {removed.classes, added.classes}:
        raise VotesError(
            f"the fit knows {fit.classes} classes, the votes {added.classes}; a new class changes "
            "what every vote means: fit again"
        )
    known = removed.sources
    if fit.sources != known or added.kinds[:known] != removed.kinds:
        raise VotesError("the votes are not of the fit's sources; fit again")
    if not np.array_equal(added.complete[:known], removed.complete):
        raise VotesError("a source now was asked about all units, or no more is; fit again")
    if fit.claim_score is not None or any(
        votes.subsets is not None or votes.confidence is not None or votes.opinion is not None
        for votes in (removed, added)
    ):
        raise VotesError("partial votes and confidences are not followed; fit again")
    if any(kind.chooses for kind in added.kinds[known:]) or added.complete[known:].any():
        raise VotesError("a new source that chooses where to vote concerns all units; fit again")


def without_units(votes: VoteMatrix) -> VoteMatrix:
    """The sources and classes of the votes, without a unit or vote."""
    return votes.between(0, 0)


def recorded(record: Sequence[Total]) -> dict[str, NDArray[np.float64]]:
    """The sums as named arrays for a fit to keep; none if they are too large to keep."""
    arrays = {
        f"sum.{place}.{name.name}": np.asarray(getattr(total, name.name), np.float64)
        for place, total in enumerate(record)
        for name in fields(total)
        if getattr(total, name.name) is not None
    }
    return arrays if sum(map(np.size, arrays.values())) <= RECORDED_NUMBERS else {}


def restored(
    extra: Mapping[str, NDArray[np.float64]], kinds: Sequence[type[Total]]
) -> list[Total] | None:
    """The sums that `recorded` kept, None if it kept none.

    Args:
        extra: what the fit keeps.
        kinds: the class of every sum, in order.
    """
    if "sum.0." not in {name[:6] for name in extra}:
        return None
    named: list[dict[str, NDArray[np.float64]]] = [{} for _ in kinds]
    for name, array in extra.items():
        if name.startswith("sum."):
            _, place, of = name.split(".")
            named[int(place)][of] = array
    return [kind(**arrays) for kind, arrays in zip(kinds, named, strict=True)]


def _nature(votes: VoteMatrix) -> str:
    """Names all but the units and votes."""
    return digest(
        (votes.kinds, votes.classes, votes.complete, votes.accuracies, votes.subsets,
         votes.opinions)
    )  # fmt: skip


def _first_look(shards: Shards) -> tuple[VoteMatrix, VoteMatrix]:
    """The sources and classes, and the sample."""
    stride, first, samples = one_in(shards.units), 0, []
    for votes in shards.parts:
        samples.append(thinned(votes, stride, first))
        first += votes.units
        if _nature(votes) != _nature(samples[0]):
            raise VotesError(
                "all shards must have the same sources and classes, and the same subsets and "
                "opinions for their partial and soft votes to point to"
            )
    if first != shards.units or not samples:
        raise VotesError(f"the shards have {first} units together, not {shards.units}")
    return without_units(samples[0]), joined(samples)
