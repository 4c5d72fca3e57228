"""Functions that say whether an item is in a slice; Snorkel's `slicing.sf.core`."""

from __future__ import annotations

from labelwright.compat.snorkel.labeling.lf.core import LabelingFunction, labeling_function

__all__ = ["SlicingFunction", "slicing_function"]


class SlicingFunction(LabelingFunction):
    """A function with a name that gives True for the items of a slice; as `LabelingFunction`."""


class slicing_function(labeling_function):  # noqa: N801 - Snorkel's name
    """Decorator that makes a slicing function of a function; arguments as there.

    Example:
        >>> from types import SimpleNamespace
        >>> @slicing_function()
        ... def short(x):
        ...     return len(x.text) < 5
        >>> short(SimpleNamespace(text="hi"))
        True
    """

    makes = SlicingFunction
