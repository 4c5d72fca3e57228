"""The last word of every source on every item, as rows of the log tell it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.votes import VoteState

ABSTAINED, UNASKED, FAILED = -1, -2, -3
"""What a cell says where it holds no answer."""

_OTHERWISE = np.array([ABSTAINED, ABSTAINED, FAILED, UNASKED], np.int32)
"""By state; of a vote the answer says it."""


class Cells:
    """The last word of every source on every item.

    A cell's key is ``item * sources + source``. Either there is a cell for every key, or, where
    few of very many pairs have rows, one for every key that has.

    Attributes:
        code: the place of the answer in `answers`, or what else was said, shape (cells,).
        answers: what the log calls every answer that was met.
        confidence: shape (cells,); None as long as no source gave one.
        settled: whether no correction waits for the row that it corrects.
    """

    def __init__(self, sources: int, items: int, keys: NDArray[np.int64] | None) -> None:
        self.sources = sources
        self.items = items
        self.keys = keys
        self.code = np.full(sources * items if keys is None else len(keys), UNASKED, np.int32)
        self.confidence: NDArray[np.float32] | None = None
        self.answers: list[str] = []
        self.settled = True
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
        if self.keys is None:
            item, source = mask.reshape(self.items, self.sources).nonzero()
        else:
            item, source = np.divmod(self.keys[mask], max(self.sources, 1))
        return item, source

    def of_sources(self, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The flag of each cell's source, shape (cells,)."""
        if self.keys is None:
            return np.broadcast_to(flag, (self.items, self.sources)).reshape(-1)
        return flag[self.keys % max(self.sources, 1)]

    def per_source(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many chosen cells each source has, shape (sources,)."""
        if self.keys is None:
            return np.count_nonzero(mask.reshape(self.items, self.sources), axis=0)
        return np.bincount(self.where(mask)[1], minlength=self.sources)

    def know(self, answers: Sequence[str]) -> None:
        """Takes in answers that have codes already, in the order of these."""
        self.answers = list(answers)
        self._code_of = {text: code for code, text in enumerate(answers)}

    def said(self, batch: pa.RecordBatch) -> NDArray[np.int32]:
        """What each row of the log says, as a cell says it."""
        state = batch.column("state").to_numpy()
        codes = self.codes(batch.column("answer"))
        return np.where(state == VoteState.VOTED, codes, _OTHERWISE[state])

    def codes(self, coded: pa.DictionaryArray) -> NDArray[np.int32]:
        """The code of each answer, `ABSTAINED` for null."""
        names = coded.dictionary.to_pylist()
        of = [self._code_of.setdefault(name, len(self._code_of)) for name in names]
        self.answers.extend(islice(self._code_of, len(self.answers), None))
        lookup = np.array([*of, ABSTAINED], np.int32)
        return lookup[coded.indices.fill_null(len(of)).to_numpy(zero_copy_only=False)]
