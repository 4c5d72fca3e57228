"""Every item with what is known of it as columns, to be searched, filtered and sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean
from labelwright.pipeline.live.snapshot import Snapshot, spoken

SORTS = ("number", "confidence", "doubt", "disagreement")


@dataclass(frozen=True, slots=True)
class Query:
    """Which items, and in which order. Filters combine with *and*.

    Attributes:
        search: words that must all occur in some text field, whatever their case.
        label: what is decided, or a class in it, empty for undecided; None for any.
        source: a source that voted.
        answer: how it voted; None for any answer.
        confidence_min: of the label.
        confidence_max: of the label.
        disputed: whether sources disagree; None for either.
        answered: whether a person or gold answered; None for either.
        split: the part of the data; None for any.
        sort: one of `SORTS`; doubt is little confidence.
        descending: from high to low.
    """

    search: str = ""
    label: str | None = None
    source: str | None = None
    answer: str | None = None
    confidence_min: float = 0.0
    confidence_max: float = 1.0
    disputed: bool | None = None
    answered: bool | None = None
    split: str | None = None
    sort: str = "number"
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The columns of a snapshot. All arrays have shape (items,).

    Attributes:
        snapshot: whose items these are.
    """

    snapshot: Snapshot

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels that occur, canonical."""
        return tuple(self._coded.dictionary.to_pylist())

    @cached_property
    def label(self) -> NDArray[np.int64]:
        """The place of each item's label in `names`, -1 where it has none."""
        return self._coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """How sure the label is, 0 without one."""
        labels = self.snapshot.labels
        return self._all(0.0 if labels is None else labels.answers.confidence)

    @cached_property
    def disagreement(self) -> NDArray[np.float64]:
        """How divided the votes on the most disputed unit of each item are."""
        labels = self.snapshot.labels
        found = np.zeros(self.snapshot.items)
        if labels is not None:
            np.maximum.at(found, labels.units.item, labels.units.matrix.disagreement)
        return found

    @cached_property
    def votes(self) -> NDArray[np.int64]:
        """How many sources voted on each item."""
        labels = self.snapshot.labels
        if labels is None:
            return np.zeros(self.snapshot.items, np.int64)
        voted = labels.votes.item[labels.votes.answer >= 0]
        return np.bincount(voted, minlength=self.snapshot.items)

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Which items a person or gold has answered."""
        return self._all(self.snapshot.answered if self.snapshot.labels else False).astype(bool)

    @cached_property
    def checked(self) -> NDArray[np.bool_]:
        """Which items a person has answered, other than that they cannot tell."""
        return self._all(self.snapshot.checked if self.snapshot.labels else False).astype(bool)

    @cached_property
    def texts(self) -> list[pl.Series]:
        """The text fields in lower case."""
        items = self.snapshot.workspace.items
        names = [
            f for f in self.snapshot.fields if pa.types.is_string(items.schema().field(f).type)
        ]
        batches = [batch.select(names) for batch in items.scan(names)] if names else []
        if not batches:
            return []
        table = pl.from_arrow(pa.Table.from_batches(batches).slice(0, self.snapshot.items))
        assert isinstance(table, pl.DataFrame)  # noqa: S101 - a table is a frame
        return [table[name].str.to_lowercase() for name in names]

    def find(self, query: Query) -> NDArray[np.int64]:
        """The numbers of the items that match, in order.

        Raises:
            UnknownNameError: there is no such source.
            SettingsError: there is no such order.
        """
        if query.sort not in SORTS:
            raise SettingsError(f"items are sorted by {', '.join(SORTS)}, not by {query.sort!r}")
        keep = (self.confidence >= query.confidence_min) & (self.confidence <= query.confidence_max)
        if query.label is not None:
            keep &= self._labelled(query.label)
        if query.source is not None:
            keep &= self._voted(query.source, query.answer)
        if query.disputed is not None:
            keep &= (self.disagreement > 0) == query.disputed
        if query.answered is not None:
            keep &= self.answered == query.answered
        if query.split is not None:
            keep &= self.snapshot.splits == query.split
        found = self._searched(np.flatnonzero(keep), query.search)
        return self._ordered(found, query)

    def groups(self, keep: NDArray[np.bool_]) -> list[tuple[str, int]]:
        """The labels of the items in the mask, each with its number of items, most first.

        Few items have the very same pieces: an item with pieces counts for the class of each.
        """
        counts = np.bincount(self.label[keep & (self.label >= 0)], minlength=len(self.names))
        found: Counter[str] = Counter()
        for said, n in zip(self._said, counts, strict=True):
            found.update(dict.fromkeys(said.groups, int(n)) if n else {})
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    @cached_property
    def _said(self) -> list[_Said]:
        """What each label that occurs says."""
        return [_said(text) for text in self.names]

    @cached_property
    def _coded(self) -> pa.DictionaryArray:
        labels = self.snapshot.labels
        missing = self.snapshot.items
        if labels is None:
            return pa.nulls(missing, pa.string()).dictionary_encode()
        rest = pa.nulls(missing - labels.votes.items, pa.string())
        return pa.concat_arrays([labels.answers.answer, rest]).dictionary_encode()

    def _all(self, known: Any) -> NDArray[Any]:
        """The values for all items, also those that came after the labels."""
        found = np.zeros(self.snapshot.items)
        values = np.atleast_1d(known)
        found[: len(values) if np.ndim(known) else None] = values if np.ndim(known) else known
        return found

    def _labelled(self, name: str) -> NDArray[np.bool_]:
        if not name:
            return self.label < 0
        fits = [name == said.text or name in said.classes for said in self._said]
        return np.array([*fits, False], bool)[self.label]

    def _voted(self, source: str, answer: str | None) -> NDArray[np.bool_]:
        labels = self.snapshot.labels
        names = [] if labels is None else [one.name for one in labels.active.sources]
        if labels is None or source not in names:
            raise UnknownNameError(f"there is no source {source!r}{did_you_mean(source, names)}")
        votes = labels.votes
        mine = np.array([name == source for name in names])[votes.source] & (votes.answer >= 0)
        if answer is not None:
            given = np.unique(votes.answer[mine])
            texts = votes.answers.texts(given).to_pylist()
            fits = [answer == said.text or answer in said.classes for said in map(_said, texts)]
            mine &= np.isin(votes.answer, given[np.array(fits, bool)])
        found = np.zeros(self.snapshot.items, bool)
        found[votes.item[mine]] = True
        return found

    def _searched(self, rows: NDArray[np.int64], search: str) -> NDArray[np.int64]:
        for word in search.lower().split():
            if not len(rows):
                break
            hit = np.zeros(len(rows), bool)
            for text in self.texts:
                part = text if len(rows) == len(text) else text.gather(rows)
                hit |= part.str.contains(word, literal=True).fill_null(value=False).to_numpy()
            rows = rows[hit]
        return rows

    def _ordered(self, rows: NDArray[np.int64], query: Query) -> NDArray[np.int64]:
        if query.sort == "number":
            return rows[::-1] if query.descending else rows
        key = {
            "confidence": self.confidence,
            "doubt": 1 - self.confidence,
            "disagreement": self.disagreement,
        }[query.sort][rows]
        return rows[np.argsort(-key if query.descending else key, kind="stable")]


def page_of(
    found: Sequence[int] | NDArray[np.int64],
    cursor: str | None,
    limit: int,
    wanted: NDArray[np.bool_] | None = None,
) -> tuple[list[int], str | None]:
    """One page of a result, and the cursor of the next, None at the end.

    Args:
        found: numbers of items, in order.
        cursor: as the page before gave it; None for the first page.
        limit: how many there are on a page.
        wanted: which items are shown, shape (items,); by default all. A cursor holds though ever
            fewer are wanted.

    Raises:
        SettingsError: that is no cursor.
    """
    if cursor is not None and not (cursor.isdecimal() and len(cursor) < 16):
        raise SettingsError(f"{cursor!r} is no cursor; give back what the page before gave")
    start, found = int(cursor or 0), np.asarray(found, np.int64)
    places = np.arange(start, len(found))
    if wanted is not None:
        places = places[wanted[found[places]]]
    page = found[places[:limit]].tolist()
    return page, str(int(places[limit - 1]) + 1) if len(places) > limit else None


@dataclass(frozen=True, slots=True)
class _Said:
    """What an answer says.

    Attributes:
        text: all of it, canonical.
        classes: those that it names: itself, or what is in its list, or the labels of its pieces.
        groups: under which of these its items are listed.
    """

    text: str
    classes: tuple[str, ...]
    groups: tuple[str, ...]


def _said(text: str) -> _Said:
    answer = spoken(text)
    parts = answer if isinstance(answer, list) else [answer]
    pieces = [part for part in parts if isinstance(part, dict)] if parts is answer else []
    names = [part.get("label") for part in pieces] if pieces else parts
    classes = tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
    return _Said(text, classes, classes if pieces and classes else (text,))
