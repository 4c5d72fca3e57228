"""Labeling functions on the rows of a frame; Snorkel's `labeling.apply.pandas`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.snorkel.labeling.apply.core import (
    ApplierMetadata,
    BaseLFApplier,
    applied,
)
from labelwright.compat.snorkel.labeling.row import frame_rows
from labelwright.core.errors import DataError

__all__ = ["PandasLFApplier"]


class PandasLFApplier(BaseLFApplier):
    """Applies labeling functions to the rows of a pandas frame; otherwise as `LFApplier`.

    A row acts like the `pandas.Series` that it is in Snorkel, but is none (`FrameRow`).
    """

    @overload
    def apply(
        self,
        df: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        return_meta: Literal[False] = ...,
    ) -> NDArray[np.int64]: ...
    @overload
    def apply(
        self,
        df: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        *,
        return_meta: Literal[True],
    ) -> tuple[NDArray[np.int64], ApplierMetadata]: ...
    def apply(
        self,
        df: Any,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], ApplierMetadata]:
        """The labels, shape (rows, functions); see `LFApplier.apply`.

        Raises:
            DataError: no pandas frame.
            AnswerError: a function gave something that is no whole number.
        """
        if not hasattr(df, "iterrows"):
            raise DataError(
                f"PandasLFApplier takes a pandas DataFrame, got {type(df).__name__}; "
                "LFApplier takes lists and arrays"
            )
        rows = _Sized(frame_rows(df), len(df))
        labels, meta = applied(self._lfs, rows, progress_bar, fault_tolerant)
        told = self._told(labels)
        return (told, meta) if return_meta else told


class _Sized:
    """An iterator that knows its length, for the progress bar."""

    def __init__(self, items: Iterator[Any], length: int) -> None:
        self._items, self._length = items, length

    def __iter__(self) -> Iterator[Any]:
        return self._items

    def __len__(self) -> int:
        return self._length
