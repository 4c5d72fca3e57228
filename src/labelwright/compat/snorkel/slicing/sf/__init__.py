"""Functions that say whether an item is in a slice; Snorkel's `slicing.sf`."""

from __future__ import annotations

from labelwright.compat.snorkel.slicing.sf.core import SlicingFunction, slicing_function

__all__ = ["SlicingFunction", "slicing_function"]
