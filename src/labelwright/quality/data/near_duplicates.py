"""Texts and images that are almost the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SHINGLE = 8
"""Texts are compared by the runs of so many bytes that they share."""
HASHES, ROWS = 64, 4
"""Numbers a signature has, and how many of them must agree for two texts to be compared."""
ALIKE = 0.8
"""Texts that share so large a part of their runs are near-duplicates."""
BLOCK_BYTES = 4_000_000
NEAR_BITS = 3
"""Pictures whose fingerprints differ in at most so many of 64 bits may be near-duplicates."""
ALIKE_GREYS = 0.98
FLAT = 0.05
"""Deviation from one colour, over all places, that is none."""

Numbers = NDArray[np.int64]


def alike_texts(texts: pa.Array, threshold: float = ALIKE) -> Numbers:
    """The group of near-duplicates that every text belongs to, shape (texts,); -1 for none.

    Case, punctuation and white space do not count. Texts in one group are linked by pairs whose
    sets of runs of 8 bytes have a Jaccard similarity of at least `threshold`; candidates are
    found by 64 minimum hashes in bands of 4, which miss a pair at 0.8 once in 10,000. Texts too
    short for one run are compared whole. Time grows linearly with the length of all texts, and
    with the number of alike pairs.

    Reference:
        A. Z. Broder: On the Resemblance and Containment of Documents. SEQUENCES 1997.
        DOI 10.1109/SEQUEN.1997.666900. Bands: J. Leskovec, A. Rajaraman, J. Ullman: Mining of
        Massive Datasets, section 3.4.
    """
    plain = _plain(texts)
    signatures = _signatures(plain)
    pairs = [
        (first, second)
        for band in range(0, HASHES, ROWS)
        for first, second in _collisions(_joined(signatures[:, band : band + ROWS]))
    ]
    kept = [pair for pair in dict.fromkeys(pairs) if _jaccard(plain, *pair) >= threshold]
    return _groups(len(texts), kept)


def fingerprints(pictures: NDArray[np.float64]) -> NDArray[np.uint64]:
    """64 bits for every picture: whether it gets brighter to the right at 8 x 8 places.

    Args:
        pictures: grey, resized to 8 rows of 9, shape (pictures, 8, 9).

    Reference:
        The difference hash, N. Krawetz: Kind of Like That. hackerfactor.com, 2013.
    """
    brighter = pictures[:, :, 1:] > pictures[:, :, :-1]
    packed = np.packbits(brighter.reshape(len(pictures), 64), axis=1)
    return packed.copy().view(np.uint64).ravel()


def alike_pictures(pictures: NDArray[np.float64]) -> Numbers:
    """The group of near-duplicates that every picture belongs to, shape (pictures,); -1 for none.

    Two pictures are near-duplicates if at most 3 bits of their fingerprints differ and their
    greys correlate by at least 0.98: few bits alone take simple pictures for copies. Pictures
    without structure (one colour) are in no group.

    Args:
        pictures: grey, resized to 8 rows of 9, shape (pictures, 8, 9).
    """
    prints = fingerprints(pictures)
    plain = pictures.reshape(len(pictures), -1)
    plain = plain - plain.mean(axis=1, keepdims=True)
    length = np.sqrt((plain**2).sum(axis=1))
    pairs = []
    # At most 3 different bits leave at least one of 4 quarters equal.
    for quarter in range(4):
        part = (prints >> np.uint64(16 * quarter)) & np.uint64(0xFFFF)
        for first, second in _collisions(part, every_pair=True):
            alike = plain[first] @ plain[second] >= ALIKE_GREYS * length[first] * length[second]
            different = int(prints[first] ^ prints[second]).bit_count()
            if different <= NEAR_BITS and length[first] > FLAT and alike:
                pairs.append((first, second))
    return _groups(len(prints), pairs)


def _plain(texts: pa.Array) -> list[bytes]:
    lower = pc.utf8_lower(pc.utf8_normalize(pc.fill_null(texts, ""), "NFKC"))
    words = pc.replace_substring_regex(lower, r"[^\pL\pN]+", " ")
    return [text.encode() for text in pc.utf8_trim_whitespace(words).to_pylist()]


def _signatures(texts: Sequence[bytes]) -> NDArray[np.uint32]:
    """The least hash of each text's runs, for each of 64 hash functions."""
    rng = np.random.default_rng(0)
    factor = rng.integers(1, 2**63, HASHES, dtype=np.uint64) | np.uint64(1)
    shift = rng.integers(0, 2**63, HASHES, dtype=np.uint64)
    least = np.empty((len(texts), HASHES), np.uint32)
    for rows, runs, starts in _runs_in_blocks(texts):
        for place in range(HASHES):
            hashed = ((runs * factor[place] + shift[place]) >> np.uint64(32)).astype(np.uint32)
            least[rows, place] = np.minimum.reduceat(hashed, starts)
    return least


def _runs_in_blocks(
    texts: Sequence[bytes],
) -> Iterator[tuple[slice, NDArray[np.uint64], NDArray[np.int64]]]:
    """Some texts at a time: hashes of all their runs in a row, and where each text's begin."""
    lengths = np.array([len(text) for text in texts], np.int64)
    edges = np.searchsorted(np.cumsum(lengths), np.arange(0, lengths.sum(), BLOCK_BYTES), "right")
    edges = np.unique([0, *edges.tolist(), len(texts)])
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        # A text shorter than a run is filled up, and so compared as a whole.
        padded = [text.ljust(SHINGLE, b"\0") for text in texts[first:end]]
        bytes_ = np.frombuffer(b"".join(padded), np.uint8).astype(np.uint64)
        runs = np.zeros(len(bytes_) - SHINGLE + 1, np.uint64)
        for place in range(SHINGLE):
            runs = runs * np.uint64(0x9E3779B97F4A7C15) + bytes_[place : place + len(runs)]
        runs ^= runs >> np.uint64(29)
        size = np.array([len(text) for text in padded], np.int64)
        start = np.concatenate([[0], np.cumsum(size)[:-1]])
        # Runs that reach into the next text are none.
        inside = np.repeat(start + size - SHINGLE + 1, size)[: len(runs)] > np.arange(len(runs))
        starts = np.concatenate([[0], np.cumsum(size - SHINGLE + 1)[:-1]])
        yield slice(first, end), runs[inside], starts


def _joined(columns: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One number for each row of numbers."""
    joined = np.zeros(len(columns), np.uint64)
    for column in columns.T:
        joined = (joined ^ column) * np.uint64(0xD6E8FEB86659FD93)
        joined ^= joined >> np.uint64(32)
    return joined


def _collisions(keys: NDArray[np.uint64], *, every_pair: bool = False) -> Iterator[tuple[int, int]]:
    """Pairs with equal keys: neighbours in the order of arrival, or every pair."""
    order = np.argsort(keys, kind="stable")
    edges = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
    for bucket in np.split(order, edges[1:]):
        if len(bucket) < 2:
            continue
        members = bucket.tolist()
        if not every_pair or len(members) > 200:
            # A chain of neighbours and a star around the first link a large bucket well enough.
            yield from ((members[0], other) for other in members[1:])
            yield from pairwise(members[1:])
        else:
            yield from (
                (one, other) for place, one in enumerate(members) for other in members[place + 1 :]
            )


def _jaccard(texts: Sequence[bytes], first: int, second: int) -> float:
    one, other = texts[first], texts[second]
    if one == other:
        return 1.0 if one else 0.0
    mine = {one[place : place + SHINGLE] for place in range(max(len(one) - SHINGLE + 1, 1))}
    theirs = {other[place : place + SHINGLE] for place in range(max(len(other) - SHINGLE + 1, 1))}
    both = len(mine & theirs)
    return both / (len(mine) + len(theirs) - both)


def _groups(count: int, pairs: Sequence[tuple[int, int]]) -> Numbers:
    """The connected parts of a graph with more than one member, by the order of their first."""
    from scipy import sparse

    groups = np.full(count, -1, np.int64)
    if not pairs:
        return groups
    ends = np.array(pairs)
    edges = sparse.coo_array((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), (count, count))
    _, part = sparse.csgraph.connected_components(edges, directed=False)
    size = np.bincount(part)
    together = np.flatnonzero(size[part] > 1)
    groups[together] = np.unique(part[together], return_inverse=True)[1]
    return groups
