"""From the labels of functions to one label per item; Snorkel's `labeling.model`."""

from __future__ import annotations

from labelwright.compat.snorkel.labeling.model.baselines import (
    MajorityClassVoter,
    MajorityLabelVoter,
    RandomVoter,
)
from labelwright.compat.snorkel.labeling.model.label_model import LabelModel

__all__ = ["LabelModel", "MajorityClassVoter", "MajorityLabelVoter", "RandomVoter"]
