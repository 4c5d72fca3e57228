"""Slicing functions on many items; Snorkel's `slicing.apply`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.snorkel.labeling.apply import LFApplier, PandasLFApplier
from labelwright.compat.snorkel.labeling.lf.core import LabelingFunction

__all__ = ["PandasSFApplier", "SFApplier"]


class SFApplier(LFApplier):
    """Applies slicing functions as `LFApplier` does; a record array with a field a function."""

    def _told(self, labels: NDArray[np.int64]) -> NDArray[Any]:
        return _named(labels, self._lfs)


class PandasSFApplier(PandasLFApplier):
    """Applies slicing functions to the rows of a frame; otherwise as `SFApplier`."""

    def _told(self, labels: NDArray[np.int64]) -> NDArray[Any]:
        return _named(labels, self._lfs)


def _named(labels: NDArray[np.int64], sfs: Sequence[LabelingFunction]) -> NDArray[Any]:
    named = np.recarray(len(labels), dtype=[(sf.name, np.int64) for sf in sfs])
    for column, sf in enumerate(sfs):
        named[sf.name] = labels[:, column]
    return named
