"""The items of a slice; Snorkel's `slicing.monitor`."""

from __future__ import annotations

from typing import Any

from labelwright.compat.snorkel.slicing.apply import PandasSFApplier
from labelwright.compat.snorkel.slicing.sf.core import SlicingFunction

__all__ = ["slice_dataframe"]


def slice_dataframe(df: Any, slicing_function: SlicingFunction) -> Any:
    """The rows of a pandas frame that are in the slice.

    Raises:
        DataError: no pandas frame.
    """
    found: Any = PandasSFApplier([slicing_function]).apply(df)
    return df.iloc[(found[slicing_function.name] > 0).nonzero()[0]]
