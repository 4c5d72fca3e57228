"""From the rows of the log to what counts now.

Of two rows of one source on one item the later one counts. A row that another one supersedes
counts no more, whoever cast the other. Failed and withdrawn rows leave no vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.votes import Votes, VoteState
from labelwright.stores.log.last_words import ABSTAINED, FAILED, UNASKED, Cells
from labelwright.stores.log.votes import LanceVotes
from labelwright.stores.records.cache import Cache

# Fewer cells are read about as fast as a cache of them.
_WORTH_KEEPING = 1 << 20
_STANDING = "standing"
# A cell for every source and item costs four bytes; with few rows a list of rows costs less.
_CELLS_ALWAYS = 1 << 24
_CELLS_PER_ROW = 8


@dataclass(frozen=True, slots=True)
class SourceTally:
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


def in_force(
    log: LanceVotes, sources: Sequence[int], items: int, cache: Cache | None = None
) -> Votes:
    """The votes that count, sorted by item, then source.

    Abstentions of sources that were asked about every item are left out: `complete` says it.

    Args:
        log: the log.
        sources: the numbers of the source versions that count, in the order of the result.
        items: how many items there are; rows on later ones are not read.
        cache: where what was read is kept, so that next time only later rows are.
    """
    cells = None if cache is None else _continued(log, sources, items, cache)
    if cells is None:
        cells = _read(log, sources, items, confidence=True)
        if cache is not None:
            _keep(log, sources, cells, cache)
    complete = (cells.per_source(cells.code >= ABSTAINED) == items) & (items > 0)
    keep = cells.code >= 0
    if not complete.all():
        keep |= (cells.code == ABSTAINED) & cells.of_sources(~complete)
    item, source = cells.where(keep)
    names, answer = _used_answers(cells.code[keep], cells.answers)
    confidence = None if cells.confidence is None else cells.confidence[keep]
    registered = log.sources()
    return Votes(
        item=item,
        source=source.astype(np.int32),
        answer=answer,
        answers=log.book(names),
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
) -> tuple[SourceTally, ...]:
    """What became of each source's questions, computed from the rows in force.

    Args:
        log: the log.
        sources: the numbers of the source versions.
        items: how many items there are.
        reasons: how many of the most frequent errors to name.
    """
    cells = _read(log, sources, items)
    voted = cells.per_source(cells.code >= 0)
    abstained = cells.per_source(cells.code == ABSTAINED)
    failed = cells.per_source(cells.code == FAILED)
    named = _reasons(log, sources, items, cells, reasons) if failed.any() else [()] * len(sources)
    return tuple(
        SourceTally(int(voted[place]), int(abstained[place]), int(failed[place]), named[place])
        for place in range(len(sources))
    )


def _read(
    log: LanceVotes, sources: Sequence[int], items: int, *, confidence: bool = False
) -> Cells:
    """The last word of these sources on the items."""
    cells = Cells(len(sources), items, _keys(log, sources, items))
    if not len(sources):
        return cells
    gone, void, cells.settled = _superseded(log)
    columns = ["item", "source", "state", "answer"]
    columns += ["confidence"] if confidence else []
    columns += ["id"] if len(gone) or len(void) else []
    for batch, key in _wanted(log, sources, items, columns):
        code = cells.said(batch)
        soft = batch.column("confidence") if confidence else None
        if "id" in columns:
            ids = batch.column("id")
            code[_is_in(ids, void)] = UNASKED
            stays = ~_is_in(ids, gone)
            soft = None if soft is None else soft.filter(pa.array(stays))
            cells.put(key[stays], code[stays], soft)
        else:
            cells.put(key, code, soft)
    return cells


def _keep(log: LanceVotes, sources: Sequence[int], cells: Cells, cache: Cache) -> None:
    """Keeps what the log says, if reading it took long and later rows can be added to it."""
    plain = cells.settled and cells.keys is None and cells.confidence is None
    # An answer that goes by its text today may go by its digest tomorrow.
    plain &= log.answers is None or not any(name.startswith("[") for name in cells.answers)
    if not plain or len(cells.code) < _WORTH_KEEPING:
        return
    rows, registered = log.count(), len(log.sources())
    about = {
        "rows": rows,
        "mark": log.mark(rows),
        "registered": registered,
        "sources": [int(number) for number in sources],
        "items": cells.items,
        "answers": cells.answers,
        "schema": log.schema,
    }
    small = np.int16 if len(cells.answers) < np.iinfo(np.int16).max else np.int32
    cache.put(_STANDING, about, {"code": cells.code.astype(small)})


def _continued(log: LanceVotes, sources: Sequence[int], items: int, cache: Cache) -> Cells | None:
    """What was kept, with the rows that came since; None if that is not all there is to it."""
    about = cache.about(_STANDING)
    if about is None or not _still_holds(log, sources, items, about):
        return None
    kept = cache.get(_STANDING)
    if kept is None or "code" not in kept.arrays:
        return None
    cells = Cells(len(sources), items, None)
    place = {number: column for column, number in enumerate(about["sources"])}
    pairs = [(place[number], new) for new, number in enumerate(sources) if number in place]
    before = kept.arrays["code"].reshape(about["items"], len(place))
    table = cells.code.reshape(items, len(sources))
    if [*place] == list(sources):
        table[: len(before)] = before
    else:
        old, new = np.array(pairs, np.int64).reshape(-1, 2).T
        table[: len(before), new] = before[:, old]
    cells.know(about["answers"])
    if about["rows"] == log.count():
        return cells
    columns = ["item", "source", "state", "answer", "confidence", "supersedes"]
    for batch, key in _wanted(log, sources, items, columns, start=about["rows"]):
        soft = batch.column("confidence")
        if soft.null_count < len(soft) or batch.column("supersedes").null_count < len(soft):
            return None
        cells.put(key, cells.said(batch), None)
    _keep(log, sources, cells, cache)
    return cells


def _still_holds(
    log: LanceVotes, sources: Sequence[int], items: int, about: Mapping[str, Any]
) -> bool:
    """Whether what was kept is the beginning of what the log says of these sources and items."""
    known = set(about["sources"])
    dense = len(sources) * items <= max(_CELLS_ALWAYS, _CELLS_PER_ROW * log.count())
    return (
        dense
        and log.schema == about.get("schema", 0)
        and items >= about["items"]
        and all(number in known or number >= about["registered"] for number in sources)
        and log.mark(about["rows"]) == about["mark"]
    )


def _wanted(
    log: LanceVotes,
    sources: Sequence[int],
    items: int,
    columns: Sequence[str],
    where: str | None = None,
    *,
    start: int = 0,
) -> Iterator[tuple[pa.RecordBatch, NDArray[np.int64]]]:
    """The rows of these sources on these items, with their keys."""
    place = _places(log, sources)
    for batch in log.batches(columns, where, start=start):
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


def _superseded(log: LanceVotes) -> tuple[pa.Array, pa.Array, bool]:
    """The ids of rows that others supersede.

    Returns:
        Those superseded by the same source on the same item, whose rows are as if they had
        never been (they may arrive after their correction); and those superseded by somebody
        else, whose rows take the source's vote back; and whether every superseded row has come.
    """
    nothing = pa.array([], pa.string())
    later = [*log.batches(["item", "source", "supersedes"], "supersedes is not null")]
    if not later:
        return nothing, nothing, True
    corrections = pa.Table.from_batches(later)
    people = pa.Table.from_batches([*log.batches(["item", "source", "id"], "id is not null")])
    at = pc.index_in(corrections["supersedes"], value_set=people["id"])
    found = pc.drop_null(at)
    old, new = people.take(found), corrections.filter(at.is_valid())
    same = pc.and_(pc.equal(old["item"], new["item"]), pc.equal(old["source"], new["source"]))
    ids = old["id"]
    others = pc.invert(same)
    arrived = at.null_count == 0
    return ids.filter(same).combine_chunks(), ids.filter(others).combine_chunks(), arrived


def _is_in(ids: pa.Array, chosen: pa.Array) -> NDArray[np.bool_]:
    known = pc.is_in(ids, value_set=chosen, skip_nulls=True)
    return known.to_numpy(zero_copy_only=False)


def _used_answers(
    code: NDArray[np.int32], answers: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """What answers that occur are called, sorted, and the codes that point into them."""
    occurs = np.bincount(code[code >= 0], minlength=len(answers)) > 0
    used = sorted(np.flatnonzero(occurs).tolist(), key=lambda place: answers[place])
    # One more place at the end: code -1, an abstention, picks it.
    lookup = np.full(len(answers) + 1, ABSTAINED, np.int32)
    lookup[used] = np.arange(len(used))
    return tuple(answers[place] for place in used), lookup[code]


def _reasons(
    log: LanceVotes, sources: Sequence[int], items: int, cells: Cells, count: int
) -> list[tuple[tuple[str, int], ...]]:
    """Per source, the most frequent errors that are in force, with their numbers."""
    columns = ["item", "source", "reason"]
    found = [*_wanted(log, sources, items, columns, f"state = {VoteState.FAILED:d}")]
    keys = np.concatenate([key for _, key in found])
    texts = pa.chunked_array([batch.column("reason").cast(pa.string()) for batch, _ in found])
    # Of two failures on one key the later: the first one from behind.
    last = len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1]
    last = last[cells.code[cells.cell(keys[last])] == FAILED]
    table = pa.table({"source": keys[last] % len(sources), "reason": texts.take(pa.array(last))})
    grouped = table.group_by(["source", "reason"]).aggregate([([], "count_all")])
    named: list[list[tuple[str, int]]] = [[] for _ in sources]
    for row in grouped.to_pylist():
        named[row["source"]].append((row["reason"] or "", row["count_all"]))
    return [tuple(sorted(of, key=lambda pair: (-pair[1], pair[0]))[:count]) for of in named]
