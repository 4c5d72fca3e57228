"""Ballots that an engine makes: of failures, of items never asked, and of pieces put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from labelwright.core.ports import Ballot


def failed(rows: int, reason: str) -> Ballot:
    """A failure on every item, for one reason."""
    return Ballot(pa.nulls(rows, pa.string()), failures=dict.fromkeys(range(rows), reason))


def unasked(rows: int, stopped: str) -> Ballot:
    """No item asked, because the source was stopped."""
    return Ballot(pa.nulls(rows, pa.string()), asked=np.zeros(rows, np.bool_), stopped=stopped)


def first_rows(ballot: Ballot, rows: int) -> Ballot:
    """The ballot on the first items alone."""
    return replace(
        ballot,
        answer=ballot.answer[:rows],
        confidence=None if ballot.confidence is None else ballot.confidence[:rows],
        failures={place: why for place, why in ballot.failures.items() if place < rows},
        asked=None if ballot.asked is None or ballot.asked[:rows].all() else ballot.asked[:rows],
    )


def joined(pieces: Sequence[Ballot]) -> Ballot:
    """One ballot of the ballots on consecutive items."""
    if not pieces:
        return Ballot(pa.array([], pa.string()))
    if len(pieces) == 1:
        return pieces[0]
    failures: dict[int, str] = {}
    start = 0
    for piece in pieces:
        failures |= {start + place: why for place, why in piece.failures.items()}
        start += len(piece.answer)
    confidence = asked = None
    if any(piece.confidence is not None for piece in pieces):
        confidence = np.concatenate([_confidence(piece) for piece in pieces])
    if any(piece.asked is not None for piece in pieces):
        asked = np.concatenate([_asked(piece) for piece in pieces])
    return Ballot(
        pa.concat_arrays([piece.answer for piece in pieces]),
        confidence,
        failures,
        asked,
        next((piece.stopped for piece in pieces if piece.stopped), ""),
        next((piece.printed for piece in pieces if piece.printed), ""),
    )


def _confidence(piece: Ballot) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    if piece.confidence is None:
        return np.full(len(piece.answer), np.nan, np.float32)
    return np.asarray(piece.confidence, np.float32)


def _asked(piece: Ballot) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(piece.answer), np.bool_) if piece.asked is None else piece.asked
