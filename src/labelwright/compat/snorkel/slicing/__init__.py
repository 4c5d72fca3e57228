"""Parts of the data that matter by themselves; Snorkel's `slicing`, without its classifiers."""

from __future__ import annotations

from labelwright.compat.snorkel.slicing.apply import PandasSFApplier, SFApplier
from labelwright.compat.snorkel.slicing.monitor import slice_dataframe
from labelwright.compat.snorkel.slicing.sf import SlicingFunction, slicing_function

__all__ = [
    "PandasSFApplier",
    "SFApplier",
    "SlicingFunction",
    "slice_dataframe",
    "slicing_function",
]
