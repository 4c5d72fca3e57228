"""Names of items and votes that are the same on any machine and in any order of arrival.

Every item has a word of 128 bits, the hash of its id, content and split. What many items or votes
make together is named by the sum of their words, so that new ones are added and none is read twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import StorageError
from labelwright.core.identity import DIGEST_BYTES
from labelwright.core.items import HASH, ID, SPLIT
from labelwright.core.source import Source
from labelwright.core.votes import VOTE_SCHEMA, Votes
from labelwright.stores.items.items import LanceItems
from labelwright.stores.records.cache import Cache

Words = NDArray[np.uint64]

_KEPT = "item_words"
# Odd, and far from each other: what multiplies the votes of an item in each half of a name.
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_TEXTS = ("answer", "id", "supersedes", "reason")


def item_words(items: LanceItems, cache: Cache) -> Words:
    """The word of every item, shape (items, 2); of those that were there before from the cache."""
    count = items.count()
    kept = cache.get(_KEPT)
    known = np.zeros((0, 2), np.uint64) if kept is None else kept.arrays["words"]
    if len(known) > count:
        known = known[:0]
    if len(known) == count:
        return known
    parts = [known]
    for batch in items.scan([ID, HASH, SPLIT], start=len(known)):
        # Ids hold no NUL and hashes have one length, so nothing runs together.
        rows = pc.binary_join_element_wise(
            *(batch.column(name) for name in (HASH, SPLIT, ID)), "\0"
        )
        parts.append(_words(rows.to_pylist()))
    words = np.concatenate(parts)
    cache.put(_KEPT, {"count": count}, {"words": words})
    return words


def items_name(words: Words) -> str:
    """The name of these items together, in any order."""
    return _hex(_sum(words))


def segment_name(parts: Iterable[Words]) -> str:
    """The name of rows in their order, however they are cut into parts."""
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for rows in parts:
        hasher.update(np.ascontiguousarray(rows).data)
    return hasher.hexdigest()


def votes_name(votes: Votes, words: Words) -> str:
    """The name of these votes in force together, whatever order items and sources came in.

    Args:
        votes: they.
        words: of the items, shape (items, 2).
    """
    sources = source_words(votes.sources)
    answers = _words([*votes.answers.names(), "\0abstained"])[:, 0]
    # An abstention, -1, is the last of the answers. What is said often is mixed once.
    if len(sources) * len(answers) > len(votes.item):
        word = _mixed(sources[votes.source, 0] + answers[votes.answer])
    else:
        word = _mixed(sources[:, None, 0] + answers[None, :])[votes.source, votes.answer]
    if votes.confidence is not None:
        bits = np.where(np.isnan(votes.confidence), np.float32(-1), votes.confidence)
        word = word * (2 * bits.astype(np.float32).view(np.uint32).astype(np.uint64) + 1)
    of_item = np.zeros(votes.items, np.uint64)
    start = np.flatnonzero(np.diff(votes.item, prepend=-1))
    if len(start):
        of_item[votes.item[start]] = np.add.reduceat(word, start)
    voted = of_item > 0
    halves = [
        _mixed(words[voted, half] + of_item[voted] * np.uint64(factor)).sum(dtype=np.uint64)
        for half, factor in enumerate(_FACTORS)
    ]
    whole = _sum(_mixed(sources[votes.complete]))
    return _hex(np.array(halves, np.uint64) + whole)


def source_words(sources: Sequence[Source]) -> Words:
    """The word of every source version, shape (sources, 2)."""
    return _words([f"{one.name}\0{one.kind.value}\0{one.version}" for one in sources])


def row_words(rows: pa.RecordBatch, items: Words, sources: Words) -> Words:
    """Rows of the vote log without the numbers of this project, shape (rows, columns).

    Args:
        rows: with the columns of `VOTE_SCHEMA`, texts coded or not.
        items: the words of the items.
        sources: the words of the source versions.

    Raises:
        StorageError: rows speak of items or sources that there are not.
    """
    columns = []
    for name in VOTE_SCHEMA.names:
        column = rows.column(name)
        if name in ("item", "source"):
            known, number = items if name == "item" else sources, column.to_numpy()
            if number.max(initial=-1) >= len(known):
                raise StorageError(
                    f"the vote log speaks of {name} number {number.max()}, but there are only "
                    f"{len(known)}; a file was lost, so restore the project from a backup"
                )
            columns.append(known[number, 0])
        elif name in _TEXTS:
            coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            lookup = np.append(_words(coded.dictionary.to_pylist())[:, 0], np.uint64(0))
            columns.append(lookup[coded.indices.fill_null(len(lookup) - 1).to_numpy()])
        else:
            columns.append(_bits(column))
    return np.stack(columns, axis=1)


def _bits(column: pa.Array) -> Words:
    """Numbers and times as words; null as no number has it."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
        return np.ascontiguousarray(values).view(np.uint64)
    plain = column.cast(pa.int64()).fill_null(-(1 << 62)).to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(plain).view(np.uint64)


def _words(texts: Sequence[str]) -> Words:
    hashed = b"".join(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for text in texts
    )
    return np.frombuffer(hashed, "<u8").astype(np.uint64).reshape(-1, 2)


def _mixed(word: Words) -> Words:
    """Each word as another one, of which every bit depends on all of its bits.

    Reference: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014, doi:10.1145/2660193.2660195 (variant 13 of the finalizer).
    """
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def _sum(words: Words) -> Words:
    """The sum of the words, half by half, shape (2,)."""
    return np.array([words[:, half].sum(dtype=np.uint64) for half in (0, 1)], np.uint64)


def _hex(halves: Words) -> str:
    return "".join(f"{int(half):016x}" for half in halves)
