"""Labeling functions, how to run them and what they did; Snorkel's `labeling`."""

from __future__ import annotations

import sys

from labelwright.compat.snorkel.labeling import unlabeled as utils
from labelwright.compat.snorkel.labeling.analysis import LFAnalysis
from labelwright.compat.snorkel.labeling.apply import LFApplier, PandasLFApplier
from labelwright.compat.snorkel.labeling.lf import LabelingFunction, labeling_function
from labelwright.compat.snorkel.labeling.unlabeled import filter_unlabeled_dataframe

__all__ = [
    "LFAnalysis",
    "LFApplier",
    "LabelingFunction",
    "PandasLFApplier",
    "filter_unlabeled_dataframe",
    "labeling_function",
    "utils",
]

# Snorkel's name for the module.
sys.modules[f"{__name__}.utils"] = utils
