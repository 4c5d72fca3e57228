"""Which ids are known, and with what content, in 24 bytes an item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_Prints = NDArray[np.uint64]


class Meeting(IntEnum):
    """What an offered item turns out to be."""

    NEW = 0
    UNCHANGED = 1
    CONFLICT = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Fingerprints of known items, sorted by `key`: 128 bits of the id, 64 of the content."""

    key: _Prints
    check: _Prints
    content: _Prints


class ItemIndex:
    """The ids that are known, by fingerprint.

    128 bits tell ids apart: among 10^9 of them two alike have a chance of 10^-21. Sorted runs
    of growing size are merged as they come, so that adding n ids costs n log n.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.key) for run in self._runs)

    def meet(self, ids: pa.Array, hashes: pa.Array) -> NDArray[np.int8]:
        """What each item is, in order; the new ones are known from now on.

        Args:
            ids: text, without nulls.
            hashes: of the contents, likewise.

        Returns:
            A :class:`Meeting` per item. Of two new items with one id the first is new.
        """
        key, check, content = _prints(ids, 1), _prints(ids, 2), _prints(hashes, 3)
        order = np.lexsort((check, key))
        run = _Run(key[order], check[order], content[order])
        meetings = np.full(len(order), Meeting.NEW, np.int8)
        for known in self._runs:
            _compare(run, known, meetings)
        leader = _leaders(run)
        follows = leader != np.arange(len(order))
        same = run.content == run.content[leader]
        unknown = meetings == Meeting.NEW
        meetings[unknown & follows & same] = Meeting.UNCHANGED
        meetings[unknown & follows & ~same] = Meeting.CONFLICT
        new = meetings == Meeting.NEW
        self._add(_Run(run.key[new], run.check[new], run.content[new]))
        in_order = np.empty_like(meetings)
        in_order[order] = meetings
        return in_order

    def _add(self, run: _Run) -> None:
        if not len(run.key):
            return
        while self._runs and len(self._runs[-1].key) <= 2 * len(run.key):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


def _prints(texts: pa.Array, seed: int) -> _Prints:
    """64 bits of each text. The same within a process; nothing else relies on them."""
    import polars as pl

    return pl.Series(texts).hash(seed).to_numpy()


def _compare(run: _Run, known: _Run, meetings: NDArray[np.int8]) -> None:
    """Notes in `meetings` which items of `run` are in `known`."""
    place = np.searchsorted(known.key, run.key)
    open_ = np.flatnonzero(place < len(known.key))
    while len(open_):
        open_ = open_[known.key[place[open_]] == run.key[open_]]
        found = known.check[place[open_]] == run.check[open_]
        hit = open_[found]
        same = known.content[place[hit]] == run.content[hit]
        meetings[hit] = np.where(same, Meeting.UNCHANGED, Meeting.CONFLICT)
        # Another id with the same 64 bits: look at the next place.
        open_ = open_[~found]
        place[open_] += 1
        open_ = open_[place[open_] < len(known.key)]


def _leaders(run: _Run) -> NDArray[np.intp]:
    """For each item of a sorted run, the place of the first one with its id."""
    places = np.arange(len(run.key))
    first = np.ones(len(run.key), bool)
    first[1:] = (run.key[1:] != run.key[:-1]) | (run.check[1:] != run.check[:-1])
    return np.maximum.accumulate(np.where(first, places, 0))


def _merged(one: _Run, other: _Run) -> _Run:
    key = np.concatenate([one.key, other.key])
    # Two sorted halves: a stable sort merges them in one pass.
    order = np.argsort(key, kind="stable")
    check = np.concatenate([one.check, other.check])[order]
    return _Run(key[order], check, np.concatenate([one.content, other.content])[order])
