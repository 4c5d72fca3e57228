"""Masks as run lengths: how many pixels are outside, then inside, then outside, and so on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError

_BITS = 7
_MORE = 1 << _BITS
_MOST_BYTES = 5


def runs_of(mask: NDArray[np.bool_]) -> bytes:
    """The runs of a mask, shape (height, width), row after row; the first run is outside.

    Each length is written in groups of seven bits, the lowest first, a set eighth bit saying that
    more follow. A mask of few rows of few runs takes a byte or two a run, whatever its size.

    Example:
        >>> list(runs_of(np.array([[False, False, True], [True, True, False]])))
        [2, 3, 1]
    """
    flat = np.ascontiguousarray(mask, bool).ravel()
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate([[0] if flat[:1].any() else [], turns, [len(flat)] if len(flat) else []])
    return _written(np.diff(ends, prepend=0).astype(np.int64))


def mask_of(runs: bytes, height: int, width: int) -> NDArray[np.bool_]:
    """The mask that has these runs, shape (height, width).

    Raises:
        AnswerError: the runs are cut off, or cover another number of pixels.
    """
    lengths = run_lengths(runs)
    if int(lengths.sum()) != height * width:
        raise AnswerError(
            f"a mask of {height} x {width} pixels has {height * width} of them, but its runs "
            f"cover {int(lengths.sum())}"
        )
    inside = np.arange(len(lengths)) % 2 == 1
    return np.repeat(inside, lengths).reshape(height, width)


def run_lengths(runs: bytes) -> NDArray[np.int64]:
    """The length of each run in pixels, the first one outside.

    Raises:
        AnswerError: they are cut off, or a length is longer than any image.
    """
    groups = np.frombuffer(runs, np.uint8)
    last = groups < _MORE
    if len(groups) and not last[-1]:
        raise AnswerError("the runs of a mask are cut off in the middle of a number")
    start = np.flatnonzero(np.concatenate([[True], last[:-1]])[: len(groups)])
    place = np.arange(len(groups)) - np.repeat(start, np.diff(start, append=len(groups)))
    if place.max(initial=0) >= _MOST_BYTES:
        raise AnswerError("a run of a mask is longer than any image")
    value = (groups & (_MORE - 1)).astype(np.int64) << (_BITS * place)
    return np.add.reduceat(value, start) if len(start) else np.zeros(0, np.int64)


def _written(lengths: NDArray[np.int64]) -> bytes:
    """The lengths in groups of seven bits."""
    shift = _BITS * np.arange(_MOST_BYTES)
    group = lengths[:, None] >> shift
    there = group > 0
    there[:, 0] = True
    more = np.zeros_like(there)
    more[:, :-1] = there[:, 1:]
    coded = (group & (_MORE - 1)) | np.where(more, _MORE, 0)
    return coded[there].astype(np.uint8).tobytes()
