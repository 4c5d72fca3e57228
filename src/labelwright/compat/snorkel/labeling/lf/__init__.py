"""Labeling functions; Snorkel's `labeling.lf`."""

from __future__ import annotations

from labelwright.compat.snorkel.labeling.lf.core import LabelingFunction, labeling_function

__all__ = ["LabelingFunction", "labeling_function"]
