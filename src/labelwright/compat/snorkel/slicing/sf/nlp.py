"""Slices of texts as spaCy reads them; Snorkel's `slicing.sf.nlp`."""

from __future__ import annotations

from labelwright.compat.snorkel.labeling.lf.nlp import NLPLabelingFunction, nlp_labeling_function

__all__ = ["NLPSlicingFunction", "nlp_slicing_function"]


class NLPSlicingFunction(NLPLabelingFunction):
    """A slicing function whose items have a spaCy `Doc`; as `NLPLabelingFunction`."""

    _shared = None


class nlp_slicing_function(nlp_labeling_function):  # noqa: N801 - Snorkel's name
    """Decorator that makes an `NLPSlicingFunction` of a function; arguments as there."""

    makes = NLPSlicingFunction
