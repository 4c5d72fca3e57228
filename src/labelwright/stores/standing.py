"""From the rows of the log to what counts now.

Of two rows of one source on one item the later one counts. A row that another one supersedes
counts no more, whoever cast the other. Failed and withdrawn rows leave no vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.votes import Votes, VoteState
from labelwright.stores.votes import LanceVotes

# What a cell says where it holds no answer.
_ABSTAINED, _UNASKED, _FAILED = -1, -2, -3
# A cell for every source and item costs four bytes; with few rows a list of rows costs less.
_CELLS_ALWAYS = 1 << 24
_CELLS_PER_ROW = 8


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one source's questions.

    Attributes:
        voted: how many items it gave an answer on that is in force.
        abstained: on how many it chose not to.
        failed: on how many it raised an error.
        reasons: the most frequent errors, each with how many items it cost.
    """

    voted: int
    abstained: int
    failed: int
    reasons: tuple[tuple[str, int], ...] = ()


def in_force(log: LanceVotes, sources: Sequence[int], items: int) -> Votes:
    """The votes that count, sorted by item, then source.

    Abstentions of sources that were asked about every item are left out: `complete` says it.

    Args:
        log: the log.
        sources: the numbers of the source versions that count, in the order of the result.
        items: how many items there are; rows on later ones are not read.
    """
    cells = _read(log, sources, items, confidence=True)
    known = cells.code >= _ABSTAINED
    complete = (cells.per_source(known) == items) & (items > 0)
    item, source = cells.where(known)
    code = cells.code[known]
    keep = (code != _ABSTAINED) | ~complete[source]
    used, answer = _used_answers(code[keep], cells.answers)
    confidence = cells.confidence
    if confidence is not None:
        confidence = confidence[known][keep]
    registered = log.sources()
    return Votes(
        item=item[keep],
        source=source[keep].astype(np.int32),
        answer=answer,
        answers=used,
        sources=tuple(registered[number] for number in sources),
        items=items,
        complete=complete,
        confidence=confidence,
    )


def asked(
    log: LanceVotes, sources: Sequence[int], items: int, *, failed: bool = True
) -> NDArray[np.bool_]:
    """Which items each source version has a result for already, shape (sources, items).

    Exact after a kill in the middle: an item without a row is False.

    Args:
        log: the log.
        sources: the numbers of the source versions.
        items: how many items there are.
        failed: whether an error counts as a result. If not, it will be tried again.
    """
    done = np.zeros((len(sources), items), bool)
    place = _places(log, sources)
    without = {VoteState.WITHDRAWN} if failed else {VoteState.WITHDRAWN, VoteState.FAILED}
    is_result = np.array([state not in without for state in VoteState])
    for batch in log.batches(["item", "source", "state"]):
        item, source, state = (column.to_numpy() for column in batch.columns)
        row = place[source]
        wanted = (row >= 0) & (item < items)
        if wanted.all():
            done[row, item] = is_result[state]
        else:
            # Of repeated places numpy keeps the last value, which is the later row.
            done[row[wanted], item[wanted]] = is_result[state[wanted]]
    return done


def tally(
    log: LanceVotes, sources: Sequence[int], items: int, *, reasons: int = 3
) -> tuple[Tally, ...]:
    """What became of each source's questions, computed from the rows in force.

    Args:
        log: the log.
        sources: the numbers of the source versions.
        items: how many items there are.
        reasons: how many of the most frequent errors to name.
    """
    cells = _read(log, sources, items)
    voted = cells.per_source(cells.code >= 0)
    abstained = cells.per_source(cells.code == _ABSTAINED)
    failed = cells.per_source(cells.code == _FAILED)
    named = _reasons(log, sources, items, cells, reasons) if failed.any() else [()] * len(sources)
    return tuple(
        Tally(int(voted[place]), int(abstained[place]), int(failed[place]), named[place])
        for place in range(len(sources))
    )


class _Cells:
    """The last word of every source on every item.

    A cell's key is ``item * sources + source``. Either there is a cell for every key, or, where
    few of very many pairs have rows, one for every key that has.

    Attributes:
        code: the place of the answer in `answers`, or what else was said, shape (cells,).
        answers: every answer that was met.
        confidence: shape (cells,); None as long as no source gave one.
    """

    def __init__(self, sources: int, items: int, keys: NDArray[np.int64] | None) -> None:
        self.sources = sources
        self.items = items
        self.keys = keys
        self.code = np.full(sources * items if keys is None else len(keys), _UNASKED, np.int32)
        self.confidence: NDArray[np.float32] | None = None
        self.answers: list[str] = []
        self._code_of: dict[str, int] = {}

    def put(self, key: NDArray[np.int64], code: NDArray[np.int32], confidence: pa.Array) -> None:
        """Writes the rows of one batch; of two on one key the later stays."""
        cell = self.cell(key)
        self.code[cell] = code
        if confidence is not None and confidence.null_count < len(confidence):
            if self.confidence is None:
                self.confidence = np.full(len(self.code), np.nan, np.float32)
            self.confidence[cell] = confidence.to_numpy(zero_copy_only=False)
        elif self.confidence is not None:
            self.confidence[cell] = np.nan

    def cell(self, key: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each key."""
        return key if self.keys is None else np.searchsorted(self.keys, key)

    def where(self, mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The item and the source of each chosen cell."""
        chosen = np.flatnonzero(mask) if self.keys is None else self.keys[mask]
        item, source = np.divmod(chosen, max(self.sources, 1))
        return item, source

    def per_source(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many chosen cells each source has, shape (sources,)."""
        if self.keys is None:
            return np.count_nonzero(mask.reshape(self.items, self.sources), axis=0)
        return np.bincount(self.where(mask)[1], minlength=self.sources)

    def codes(self, coded: pa.DictionaryArray) -> NDArray[np.int32]:
        """The code of each answer, `_ABSTAINED` for null."""
        new = [text for text in coded.dictionary.to_pylist() if text not in self._code_of]
        for text in new:
            self._code_of[text] = len(self.answers)
            self.answers.append(text)
        of = [self._code_of[text] for text in coded.dictionary.to_pylist()]
        lookup = np.array([*of, _ABSTAINED], np.int32)
        return lookup[coded.indices.fill_null(len(of)).to_numpy(zero_copy_only=False)]


def _read(
    log: LanceVotes, sources: Sequence[int], items: int, *, confidence: bool = False
) -> _Cells:
    """The last word of these sources on the items."""
    cells = _Cells(len(sources), items, _keys(log, sources, items))
    gone, void = _superseded(log)
    columns = ["item", "source", "state", "answer"]
    columns += ["confidence"] if confidence else []
    columns += ["id"] if len(gone) or len(void) else []
    otherwise = np.array([_ABSTAINED, _ABSTAINED, _FAILED, _UNASKED], np.int32)
    for batch, key in _wanted(log, sources, items, columns):
        state = batch.column("state").to_numpy()
        code = np.where(
            state == VoteState.VOTED, cells.codes(batch.column("answer")), otherwise[state]
        )
        soft = batch.column("confidence") if confidence else None
        if "id" in columns:
            ids = batch.column("id")
            code[_is_in(ids, void)] = _UNASKED
            stays = ~_is_in(ids, gone)
            soft = None if soft is None else soft.filter(pa.array(stays))
            cells.put(key[stays], code[stays], soft)
        else:
            cells.put(key, code, soft)
    return cells


def _wanted(
    log: LanceVotes,
    sources: Sequence[int],
    items: int,
    columns: Sequence[str],
    where: str | None = None,
) -> Iterator[tuple[pa.RecordBatch, NDArray[np.int64]]]:
    """The rows of these sources on these items, with their keys."""
    place = _places(log, sources)
    for batch in log.batches(columns, where):
        item, row = batch.column("item").to_numpy(), place[batch.column("source").to_numpy()]
        wanted = (row >= 0) & (item < items)
        key = item * len(sources) + row
        if wanted.all():
            yield batch, key
        else:
            yield batch.filter(pa.array(wanted)), key[wanted]


def _keys(log: LanceVotes, sources: Sequence[int], items: int) -> NDArray[np.int64] | None:
    """Every key that has a row, sorted; None if a cell for every possible key is cheaper."""
    if len(sources) * items <= max(_CELLS_ALWAYS, _CELLS_PER_ROW * log.count()):
        return None
    found = [key for _, key in _wanted(log, sources, items, ["item", "source"])]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))


def _places(log: LanceVotes, sources: Sequence[int]) -> NDArray[np.int64]:
    """The place in `sources` of every source number, -1 where it does not count."""
    place = np.full(len(log.sources()), -1, np.int64)
    place[np.asarray(sources, np.int64)] = np.arange(len(sources))
    return place


def _superseded(log: LanceVotes) -> tuple[pa.Array, pa.Array]:
    """The ids of rows that others supersede.

    Returns:
        Those superseded by the same source on the same item, whose rows are as if they had
        never been (they may arrive after their correction); and those superseded by somebody
        else, whose rows take the source's vote back.
    """
    nothing = pa.array([], pa.string())
    later = [*log.batches(["item", "source", "supersedes"], "supersedes is not null")]
    if not later:
        return nothing, nothing
    corrections = pa.Table.from_batches(later)
    people = pa.Table.from_batches([*log.batches(["item", "source", "id"], "id is not null")])
    at = pc.index_in(corrections["supersedes"], value_set=people["id"])
    found = pc.drop_null(at)
    old, new = people.take(found), corrections.filter(at.is_valid())
    same = pc.and_(pc.equal(old["item"], new["item"]), pc.equal(old["source"], new["source"]))
    ids = old["id"]
    return ids.filter(same).combine_chunks(), ids.filter(pc.invert(same)).combine_chunks()


def _is_in(ids: pa.Array, chosen: pa.Array) -> NDArray[np.bool_]:
    known = pc.is_in(ids, value_set=chosen, skip_nulls=True)
    return known.to_numpy(zero_copy_only=False)


def _used_answers(
    code: NDArray[np.int32], answers: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The answers that occur, sorted, and the codes that point into them."""
    occurs = np.bincount(code[code >= 0], minlength=len(answers)) > 0
    used = sorted(np.flatnonzero(occurs).tolist(), key=lambda place: answers[place])
    # One more place at the end: code -1, an abstention, picks it.
    lookup = np.full(len(answers) + 1, _ABSTAINED, np.int32)
    lookup[used] = np.arange(len(used))
    return tuple(answers[place] for place in used), lookup[code]


def _reasons(
    log: LanceVotes, sources: Sequence[int], items: int, cells: _Cells, count: int
) -> list[tuple[tuple[str, int], ...]]:
    """Per source, the most frequent errors that are in force, with their numbers."""
    columns = ["item", "source", "reason"]
    found = [*_wanted(log, sources, items, columns, f"state = {VoteState.FAILED:d}")]
    keys = np.concatenate([key for _, key in found])
    texts = pa.chunked_array([batch.column("reason").cast(pa.string()) for batch, _ in found])
    # Of two failures on one key the later: the first one from behind.
    last = len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1]
    last = last[cells.code[cells.cell(keys[last])] == _FAILED]
    table = pa.table({"source": keys[last] % len(sources), "reason": texts.take(pa.array(last))})
    grouped = table.group_by(["source", "reason"]).aggregate([([], "count_all")])
    named: list[list[tuple[str, int]]] = [[] for _ in sources]
    for row in grouped.to_pylist():
        named[row["source"]].append((row["reason"] or "", row["count_all"]))
    return [tuple(sorted(of, key=lambda pair: (-pair[1], pair[0]))[:count]) for of in named]
